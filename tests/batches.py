"""Specifications and records of batches as tests need them: keywords replace any field."""

from typing import Any

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.flags.definition import FlagSource, ScriptFlags
from tunesmith.flags.settings import Distribution
from tunesmith.trial import TrialRecord, TrialStatus, trial_id


def make_spec(batch_id: str, **fields: Any) -> BatchSpec:
    """A search of 20 trials with ``gp`` over x from -2 to 2."""
    values: dict[str, Any] = {
        "project": "/somewhere",
        "script": "train.py",
        "operation": "train.py",
        "script_flags": ScriptFlags(source=FlagSource.GLOBALS, definitions=()),
        "settings": {"x": Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]")},
        "optimizer": OptimizerSpec(name="gp"),
        "n_trials": 20,
    }
    return BatchSpec(id=batch_id, **(values | fields))


def make_record(batch_id: str, number: int, **fields: Any) -> TrialRecord:
    """A trial that completed after a second, without scalars."""
    values: dict[str, Any] = {
        "id": trial_id(batch_id, number),
        "attempt": 1,
        "operation": "train.py",
        "script": "train.py",
        "status": TrialStatus.COMPLETED,
        "exit_code": 0,
        "started": 1.0,
        "stopped": 2.0,
        "seconds": 1.0,
    }
    return TrialRecord(batch=batch_id, number=number, **(values | fields))
