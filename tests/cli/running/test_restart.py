import json
from typing import Any

import pytest

from tunesmith.storage.store import Store

FAILING = "import sys\nx = 1\nprint('loss:', x)\nsys.exit(x == 2)\n"

pytestmark = pytest.mark.server


def test_a_restart_changes_what_it_names_and_keeps_the_rest(served_project: Any) -> None:
    start = ("run", "train.py", "x=[-2.0:2.0]", "-m", "1", "--fail-on-trial-error", "-t", "first")
    batch = json.loads(served_project.succeed(*start, "-y", "--json"))["id"]
    store = Store.open(served_project.path / ".tunesmith")
    before = store.batch(batch)
    again = ("--restart", batch[:8], "-m", "1", "-y")

    refused = served_project.run("run", *again, "--cwd", "project")
    assert refused.returncode == 2
    assert "--cwd cannot change at a restart: finished trials ran in" in refused.stderr
    assert store.batch(batch) == before

    words = ("--retries", "2", "--timeout", "5m", "-l", "later", "-t", "second")
    served_project.succeed("run", *again, *words)

    after = store.batch(batch)
    assert (after.n_trials, after.generation) == (2, 1)
    assert (after.label, after.tags) == ("later", ("first", "second"))
    assert (after.execution.retries, after.execution.timeout_s) == (2, 300.0)
    assert after.execution.is_fatal_on_error
    assert [(one.label, one.tags) for one in store.records(batch).records] == [
        ("", ("first",)),
        ("later", ("first", "second")),
    ]


def test_the_trials_that_a_restart_would_run_are_printed(served_project: Any) -> None:
    served_project.write("fail.py", FAILING)
    started = served_project.run("run", "fail.py", "x=[1,2,3]", "-m", "2", "--json", "-y")
    batch = json.loads(started.stdout)["id"]
    store = Store.open(served_project.path / ".tunesmith")
    before = store.batch(batch)
    ran = [record.flags["x"] for record in store.records(batch).records]
    (left,) = {1, 2, 3} - {*ran}
    restart = ("run", "--restart", batch[:8])

    failed = served_project.succeed(*restart, "--failed", "--print-trials")
    more = json.loads(served_project.succeed(*restart, "-m", "1", "--print-trials", "--json"))
    served_project.succeed(*restart, "-m", "1", "--save-trials", "trials.csv")

    assert failed.splitlines() == (["x=2"] if 2 in ran else [])
    assert sorted(one["x"] for one in more) == sorted({left, *({2} & {*ran})})
    assert (served_project.path / "trials.csv").read_text().split() == [
        "x",
        *(str(one["x"]) for one in more),
    ]
    assert store.batch(batch) == before


def test_a_search_lists_no_trials_that_depend_on_results(served_project: Any) -> None:
    served_project.write("fail.py", FAILING.replace("x = 1", "x = 1.0").replace("x == 2", "x > 0"))
    started = served_project.run(
        "run", "fail.py", "x=[0.0:1.0]", "-o", "gp", "-m", "1", "--json", "-y"
    )
    batch = json.loads(started.stdout)["id"]

    refused = served_project.run("run", "--restart", batch[:8], "--print-trials")
    failed = served_project.succeed("run", "--restart", batch[:8], "--failed", "--print-trials")

    assert refused.returncode == 2
    assert "gp chooses each trial by the results of earlier ones" in refused.stderr
    assert failed.startswith("x=0.")
