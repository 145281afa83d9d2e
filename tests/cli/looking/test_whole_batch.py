"""Going on with a batch of which everything has run."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.cli.conftest import MORNING, Library, Outcome
from tunesmith.flags.settings import Choices
from tunesmith.trial import PlannedTrial, TrialStatus

Call = Callable[..., Outcome]


def test_a_whole_grid_is_not_told_to_take_more_trials(library: Library, call: Call) -> None:
    library.grid()

    done = call("run", "--restart", "bfcff413", "-y")

    assert done.code == 0
    assert done.err == (
        "batch bfcff413 has nothing left to run: every point of its grid has run; search others "
        "with a new batch\n"
    )


@pytest.mark.parametrize("optimizer", ["grid", "random"])
def test_a_sample_can_be_given_more_trials(library: Library, call: Call, optimizer: str) -> None:
    batch = "c3" * 16
    choices = Choices(values=(1, 2, 3), text="[1,2,3]")
    library.spec(batch, optimizer=optimizer, settings={"noise": 0.1, "x": choices}, n_trials=1)
    planned = PlannedTrial(number=1, flags={"noise": 0.1, "x": 2}, origin=optimizer)
    library.trial(batch, planned, started=MORNING, loss=0.5)

    done = call("run", "--restart", "c3c3c3c3", "-y")

    assert done.err.endswith("add trials with tunesmith run --restart c3c3c3c3 -m N\n")


def test_a_grid_with_new_points_is_told_to_add_trials(library: Library, call: Call) -> None:
    library.grid()

    done = call("run", "--restart", "bfcff413", "x=[7]", "-y")

    assert done.err.endswith("add trials with tunesmith run --restart bfcff413 -m N\n")


def test_a_whole_grid_with_pruned_trials_says_how_they_run_to_their_end(
    library: Library, call: Call
) -> None:
    library.grid()
    batch = "bfcff413" * 4
    record = library.store.records(batch).records[0]
    fields: dict[str, Any] = {"status": TrialStatus.PRUNED, "exit_code": None, "reason": "it lost"}
    library.store.publish(replace(record, attempt=2, **fields), [])

    done = call("run", "--restart", "bfcff413", "-y", "--json")

    assert done.code == 0
    assert done.err.endswith(
        "run its 1 pruned trial to the end with tunesmith run --restart bfcff413 --pruned\n"
    )
    plain = json.loads(done.out)
    assert plain["counts"] == {"pruned": 1, "completed": 2}
    assert plain["pruning"]["pruned"] == 1
