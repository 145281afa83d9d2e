from dataclasses import replace
from typing import Any

import pytest
from prefect.client.schemas.objects import StateType

from tests.batches import make_record, make_spec
from tunesmith.objective import Direction, Objective
from tunesmith.scalar import ScalarColumn
from tunesmith.tasks.trial import describe, to_state
from tunesmith.trial import TrialRecord, TrialStatus


def record(status: TrialStatus, **fields: Any) -> TrialRecord:
    return make_record("b" * 32, 1, **({"status": status, "exit_code": None} | fields))


ACCURACY = Objective(column=ScalarColumn(tag="val_acc"), direction=Direction.MAXIMIZE)
SPEC = make_spec("b" * 32, objective=ACCURACY)
LATENCY = Objective(column=ScalarColumn(tag="latency"))
COMPLETED = record(TrialStatus.COMPLETED, exit_code=0, objective=-0.25)
SILENT = record(TrialStatus.COMPLETED, exit_code=0)
FAILED = record(TrialStatus.ERROR, exit_code=3)
HINTED = record(TrialStatus.ERROR, exit_code=1, reason="add --link data.csv")
KILLED = record(TrialStatus.TERMINATED, signal=9, reason="killed by signal 9")
TIMED_OUT = record(TrialStatus.TERMINATED, signal=15, reason="timed out after 5 s")


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        pytest.param(COMPLETED, "val_acc -0.25", id="completed"),
        pytest.param(SILENT, "completed without val_acc", id="silent"),
        pytest.param(FAILED, "exit 3", id="failed"),
        pytest.param(HINTED, "exit 1: add --link data.csv", id="hinted"),
        pytest.param(TIMED_OUT, "signal 15: timed out after 5 s", id="timed out"),
    ],
)
def test_an_outcome_is_told_in_a_few_words(ended: TrialRecord, words: str) -> None:
    assert describe(ended, SPEC) == words


@pytest.mark.parametrize(
    ("ended", "state"),
    [
        pytest.param(COMPLETED, StateType.COMPLETED, id="completed"),
        pytest.param(FAILED, StateType.FAILED, id="failed"),
        pytest.param(TIMED_OUT, StateType.FAILED, id="timed out"),
        pytest.param(KILLED, StateType.CANCELLED, id="killed"),
    ],
)
def test_an_outcome_is_shown_as_its_state(ended: TrialRecord, state: StateType) -> None:
    assert to_state(ended, SPEC).type is state


def test_all_scalars_that_decide_on_a_trial_are_told() -> None:
    spec = replace(SPEC, more_objectives=(LATENCY,), subject_to=("seconds <= 5",))
    assert describe(COMPLETED, spec) == "val_acc -0.25, latency none, seconds 1.0"
