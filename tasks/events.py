"""Events for Prefect's automations: a trial ended, a new incumbent was found, the batch ended.

``TUNESMITH_EVENTS=0`` turns them off.
"""

import os
from typing import Any

from prefect.events import emit_event

from tunesmith.batch import BatchSpec
from tunesmith.flags.values import to_plain
from tunesmith.trial import TrialRecord, short_id

VARIABLE = "TUNESMITH_EVENTS"
TRIAL_COMPLETED = "tunesmith.trial.completed"
"""A trial has ended, in whatever way; the payload holds its status."""
BATCH_INCUMBENT = "tunesmith.batch.incumbent"
"""A trial is the best of its batch so far."""
BATCH_COMPLETED = "tunesmith.batch.completed"
"""A batch has ended, in whatever way; the payload holds how."""


def announce_trial(spec: BatchSpec, record: TrialRecord, *, is_best: bool) -> None:
    """Emit the event of a trial that has ended, and that of a new incumbent if it is one."""
    payload = trial_payload(record)
    _emit(TRIAL_COMPLETED, spec, payload)
    if is_best:
        _emit(BATCH_INCUMBENT, spec, payload)


def announce_batch(spec: BatchSpec, payload: dict[str, Any]) -> None:
    """Emit the event of a batch that has ended."""
    _emit(BATCH_COMPLETED, spec, payload)


def trial_payload(record: TrialRecord) -> dict[str, Any]:
    """Return the payload of a trial's event; NaN and the infinities are strings."""
    return {
        "trial": record.number,
        "run": record.id,
        "status": str(record.status),
        "objective": None if record.objective is None else to_plain(record.objective),
        "seconds": record.seconds,
        "flags": {name: to_plain(value) for name, value in record.flags.items()},
    }


def _emit(name: str, spec: BatchSpec, payload: dict[str, Any]) -> None:
    if os.environ.get(VARIABLE, "1") == "0":
        return
    emit_event(
        event=name,
        resource={
            "prefect.resource.id": f"tunesmith.batch.{spec.id}",
            "prefect.resource.name": f"{short_id(spec.id)} {spec.batch_operation}",
            "tunesmith.operation": spec.operation,
            "tunesmith.objective": str(spec.objective),
        },
        payload={"batch": spec.id, **payload},
    )
