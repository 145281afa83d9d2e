"""A running batch goes on as somebody says meanwhile."""

import json
import signal
from typing import Any

import pytest

from tests.conftest import Project
from tests.flows.conftest import (
    batches,
    ended,
    trials,
    wait_for_batch,
    wait_for_trials,
    wait_until,
    write_gated,
)
from tunesmith.flows.taking_over import find_later
from tunesmith.storage.records.batches import CHANGED, read_ends
from tunesmith.storage.store import Store

pytestmark = pytest.mark.server


def test_a_change_before_the_start_is_taken_over_with_an_end_of_its_own(
    project: Project,
) -> None:
    batch = project.succeed("suggest", "--new", "x=[0.0:1.0]").strip()
    store = Store.open(project.home)
    first = store.batch(batch)
    assert find_later(store, first) is None
    project.succeed("change", batch, "-m", "5")

    later = find_later(store, first)

    assert later is not None
    assert (later.generation, later.n_trials) == (2, 25)
    assert store.end(batch) is None
    assert find_later(store, later) is None


def open_gates(project: Project) -> None:
    (project.path / "go").touch()


def points(project: Project) -> dict[int, Any]:
    return {number: row["flags"]["x"] for number, row in sorted(trials(project).items())}


def test_a_running_grid_takes_a_queued_trial_next_and_another_list_and_more_jobs(
    served_project: Project,
) -> None:
    write_gated(served_project)
    process = served_project.start("run", "gated.py", "x=[1,2,3,4]", "--yes")
    with ended(process):
        wait_for_trials(served_project, 1)
        batch = wait_for_batch(served_project)
        told = json.loads(served_project.succeed("queue", batch[:8], "x=9", "--json"))
        served_project.succeed("change", batch[:8], "x=[1,2,7]", "-j", "2")
        wait_for_trials(served_project, 2)  # the first still runs
        running = {row["flags"]["x"] for row in trials(served_project).values() if row["started"]}
        open_gates(served_project)
        _, err = process.communicate(timeout=60)

    assert (told["trials"], told["running"]) == (5, True)
    assert running == {1, 9}
    assert sorted(points(served_project).values()) == [1, 2, 7, 9]
    assert process.returncode == 0, err
    (row,) = batches(served_project)
    assert (row["status"], row["progress"]["total"]) == ("completed", 4)
    store = Store.open(served_project.home)
    ends = read_ends(store.objects, batch)
    assert [end and end.reason for end in ends] == [CHANGED, CHANGED, ""]
    assert all(end is not None and end.seconds is not None for end in ends)
    assert store.batch(batch).execution.jobs == 2


def test_a_running_search_goes_on_in_another_range(served_project: Project) -> None:
    write_gated(served_project)
    search = ("x=[1:4]", "-o", "gp", "-m", "3")
    process = served_project.start("run", "gated.py", *search, "--yes")
    with ended(process):
        wait_for_trials(served_project, 1)
        batch = wait_for_batch(served_project)
        served_project.succeed("change", batch[:8], "x=[100:400]", "-m", "1")
        open_gates(served_project)
        process.communicate(timeout=60)

    values = points(served_project)
    assert sorted(values) == [1, 2, 3, 4]
    assert values[1] <= 4
    assert all(100 <= values[number] <= 400 for number in (2, 3, 4))


def test_a_running_batch_takes_a_limit_that_it_has_reached_by_then(
    served_project: Project,
) -> None:
    write_gated(served_project)
    process = served_project.start("run", "gated.py", "x=[1,2,3,4]", "--yes", "--json")
    with ended(process):
        wait_for_trials(served_project, 1)
        batch = wait_for_batch(served_project)
        served_project.succeed("change", batch[:8], "--target", "loss < 1000")
        open_gates(served_project)
        out, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    summary = json.loads(out.splitlines()[-1])
    assert (summary["end"], summary["reason"]) == (
        "target",
        "trial 1 meets the target loss < 1000",
    )
    assert summary["counts"]["completed"] < 4


@pytest.mark.kill
def test_a_queued_trial_survives_kills_and_runs_once(served_project: Project) -> None:
    write_gated(served_project)
    process = served_project.start("run", "gated.py", "x=[1,2]", "--yes")
    with ended(process):
        wait_for_trials(served_project, 1)
        batch = wait_for_batch(served_project)
        served_project.succeed("queue", batch[:8], "x=9")
        process.kill()
        process.communicate()
    again = served_project.start("run", "--restart", batch[:8], "--yes")
    with ended(again):
        wait_until(
            lambda: 9 in points(served_project).values(), lambda: str(trials(served_project))
        )
        again.send_signal(signal.SIGKILL)
        again.communicate()
    open_gates(served_project)
    served_project.succeed("run", "--restart", batch[:8], "--yes")

    assert sorted(points(served_project).values()) == [1, 2, 9]
    assert {row["status"] for row in trials(served_project).values()} == {"completed"}


def test_what_a_running_batch_cannot_take_over_is_refused(served_project: Project) -> None:
    write_gated(served_project)
    process = served_project.start("run", "gated.py", "x=[1,2]", "--yes")
    with ended(process):
        wait_for_trials(served_project, 1)
        done = served_project.run("change", "gated.py+", "--minimize", "acc")
        open_gates(served_project)
        process.communicate(timeout=60)

    assert done.returncode == 2
    assert "--minimize cannot change while the batch runs: stop it" in done.stderr
    assert Store.open(served_project.home).batch(wait_for_batch(served_project)).generation == 0
