from dataclasses import replace

import pytest

from tunesmith.trial import (
    BatchProgress,
    Run,
    TrialRecord,
    TrialStatus,
    short_id,
    trial_id,
)

RECORD = TrialRecord(
    id="a" * 32,
    batch="b" * 32,
    number=1,
    attempt=1,
    operation="train.py",
    script="train.py",
    status=TrialStatus.COMPLETED,
    exit_code=0,
    started=0.0,
    stopped=1.0,
    seconds=1.0,
)


@pytest.mark.parametrize("status", [TrialStatus.PENDING, TrialStatus.RUNNING])
def test_an_unfinished_trial_cannot_be_recorded(status: TrialStatus) -> None:
    with pytest.raises(ValueError, match="only finished ones"):
        replace(RECORD, status=status, exit_code=None)


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [(TrialStatus.COMPLETED, 1), (TrialStatus.ERROR, 0)],
    ids=["completed with exit 1", "error with exit 0"],
)
def test_a_status_that_contradicts_the_exit_code_cannot_be_recorded(
    status: TrialStatus, exit_code: int
) -> None:
    with pytest.raises(ValueError, match="is not"):
        replace(RECORD, status=status, exit_code=exit_code)


def test_a_script_that_exits_with_0_after_a_timeout_is_terminated() -> None:
    record = replace(RECORD, status=TrialStatus.TERMINATED, reason="timed out after 5 s")
    assert record.status.is_finished


def test_a_trials_id_is_derived_from_its_batch_and_number() -> None:
    assert trial_id("b" * 32, 1) == trial_id("b" * 32, 1)
    assert trial_id("b" * 32, 1) != trial_id("b" * 32, 2)
    assert len(trial_id("b" * 32, 1)) == 32


def test_number_0_is_the_batch_itself() -> None:
    assert trial_id("b" * 32, 0) == "b" * 32


def test_an_id_is_shown_by_eight_characters() -> None:
    assert short_id("1933bdcb77") == "1933bdcb"


def test_a_batch_counts_its_finished_trials() -> None:
    counts = {TrialStatus.COMPLETED: 3, TrialStatus.ERROR: 1, TrialStatus.RUNNING: 2}
    assert BatchProgress(total=10, counts=counts).n_finished == 4


def test_a_row_knows_whether_it_is_a_batch_a_trial_or_a_single_run() -> None:
    single = Run(
        id="b",
        batch="b",
        number=0,
        operation="train.py",
        script="train.py",
        status=TrialStatus.COMPLETED,
    )
    batch = replace(single, progress=BatchProgress(total=1, counts={}))
    trial = replace(single, id="t", number=1)
    assert (single.is_batch, single.is_trial) == (False, False)
    assert (batch.is_batch, batch.is_trial) == (True, False)
    assert (trial.is_batch, trial.is_trial) == (False, True)
