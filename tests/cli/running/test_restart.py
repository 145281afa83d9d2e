import json
from typing import Any

import pytest

from tunesmith.storage.store import Store

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]


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
