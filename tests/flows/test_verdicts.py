"""Batches that come to nothing: they end before their time, and are red in Prefect."""

import json
import signal
from typing import Any

import pytest

from tests.conftest import Project
from tests.flows.conftest import Interface, trials, wait_until

pytestmark = pytest.mark.server


def state_of(interface: Interface, batch: str) -> dict[str, Any]:
    """Return the state of a batch's flow run."""
    run = interface.ask(f"/flow_runs/{interface.flow_run(batch)}", method="GET")
    return dict(run["state"])


def test_a_search_whose_objective_never_comes_ends_and_goes_on_with_another(
    served_project: Project, interface: Interface
) -> None:
    served_project.write("other.py", "x = 1.0\nprint('val_loss:', x * 2)\n")
    search = ("run", "other.py", "x=[0.0:1.0]", "-o", "gp", "-m", "4", "-yq")

    done = served_project.run(*search)

    batch = done.stdout.strip()
    assert done.returncode == 1
    assert "trial 1 reported no 'loss'; it reported val_loss " in done.stderr
    assert ": --minimize val_loss" in done.stderr
    assert interface.wait_for(interface.flow_run(batch), "FAILED")
    assert "none reported loss" in state_of(interface, batch)["message"]

    out = served_project.succeed(
        "run", "--restart", batch[:8], "--minimize", "val_loss", "-y", "--json"
    )

    outcome = json.loads(out)
    rows = trials(served_project)
    assert outcome["trials_run"] == 3
    assert sorted(rows) == [1, 2, 3, 4]
    objectives = {number: row["objective"] for number, row in rows.items()}
    assert objectives == {number: row["flags"]["x"] * 2 for number, row in rows.items()}
    assert outcome["best"]["objective"] == min(row["objective"] for row in rows.values())


def test_a_grid_that_is_complete_is_read_again_by_another_objective(
    served_project: Project,
) -> None:
    served_project.write("other.py", "x = 1\nprint('acc:', x)\n")
    batch = served_project.succeed("run", "other.py", "x=[1,2]", "-yq").strip()

    out = served_project.succeed("run", "--restart", batch[:8], "--maximize", "acc", "-y")

    assert "best:     acc 2.0  x=2" in out
    report = served_project.succeed("report", batch[:8], "-o", "-")
    assert "Best acc: 2.0" in report


def test_a_batch_whose_first_trials_fail_the_same_way_ends_early_and_is_red(
    served_project: Project, interface: Interface
) -> None:
    served_project.write("bad.py", "x = 1\nprint('so far', x)\nopen('no such file')\n")

    done = served_project.run("run", "bad.py", "x=range[1:9]", "-y")

    assert done.returncode == 1
    assert "the first 3 trials failed the same way" in done.stdout
    assert "FileNotFoundError: " in done.stdout
    assert len(trials(served_project)) == 9
    ended = [row for row in trials(served_project).values() if row["status"] == "error"]
    assert len(ended) == 3
    state = state_of(interface, ended[0]["batch"])
    assert state["type"] == "FAILED"
    assert "no such file" not in state["message"]


def test_a_batch_in_which_every_trial_failed_is_red(
    served_project: Project, interface: Interface
) -> None:
    served_project.write("bad.py", "x = 1\nraise SystemExit(x)\n")
    done = served_project.run("run", "bad.py", "x=[1,2]", "-yq")
    assert done.returncode == 1
    assert state_of(interface, done.stdout.strip())["type"] == "FAILED"


def test_states_name_the_objective(served_project: Project, interface: Interface) -> None:
    served_project.write("other.py", "x = 1\nprint('acc:', x)\n")
    done = served_project.succeed("run", "other.py", "x=[1,2]", "-X", "acc", "-yq")
    assert state_of(interface, done.strip())["message"] == "2 completed; best acc 2.0"


def test_after_a_restart_the_best_is_of_what_is_searched_now(served_project: Project) -> None:
    served_project.write("bowl.py", "x = 1.0\nprint('loss:', (x - 0.3) ** 2)\n")
    search = ("run", "bowl.py", "x=[0.0:1.0]", "-o", "gp", "-m", "2", "-yq")
    batch = served_project.succeed(*search).strip()

    out = served_project.succeed("run", "--restart", batch[:8], "x=[2.0:3.0]", "-m", "2", "-y")

    best = next(line for line in out.splitlines() if line.startswith("  best:"))
    assert float(best.split("x=")[1].split()[0]) >= 2.0
    assert "2 trials outside the current search space" in out
    info = served_project.succeed("runs", "info", batch[:8])
    assert best.split("x=")[1].split()[0] in info
    assert "space: 2 trials outside the current search space" in info


@pytest.mark.parametrize("optimizer", ["random", "gp"])
def test_the_line_go_on_finishes_what_was_asked_for(
    served_project: Project, optimizer: str
) -> None:
    gate = served_project.path / "gate"
    served_project.write(
        "gated.py",
        "import os, select\nx = 1.0\nprint('loss:', x, flush=True)\n"
        "while not os.path.exists(os.environ['GATE']):\n    select.select([], [], [], 0.01)\n",
    )
    search = ("run", "gated.py", "x=[0.0:1.0]", "-o", optimizer, "-m", "4", "-y")
    process = served_project.start(*search, GATE=str(gate))
    wait_until(lambda: _has_output(served_project), lambda: "no trial started")
    process.send_signal(signal.SIGINT)
    assert any("no new trials" in line for line in process.stderr or ())
    gate.touch()
    out, _ = process.communicate(timeout=120)
    (line,) = [line for line in out.splitlines() if line.startswith("  go on:")]
    words = line.split("tunesmith ")[1].split()
    assert "-m" not in words

    done = served_project.run(*words, "-y", GATE=str(gate))

    assert done.returncode == 0, done.stderr
    assert "3 trials in" in done.stdout
    assert sorted(trials(served_project)) == [1, 2, 3, 4]


def _has_output(project: Project) -> bool:
    return any(path.read_bytes() for path in project.home.glob("trials/*/*/.run/output"))
