"""Tell: the result of a trial that somebody has run by themselves."""

import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tunesmith.batch import BatchSpec
from tunesmith.errors import NotFoundError, SpecificationError
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.steering.suggesting import searching
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, short_id, trial_id

FAILED = "failed, as was observed"
"""The reason of a trial that is said to have failed."""
N_NAMED = 5
"""Open trials that are named where another one was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a trial.

    Raises:
        SpecificationError: It tells nothing.
    """

    scalars: Mapping[str, float]
    """The values by their tags; NaN and infinities are kept, and inform no model."""
    is_failed: bool = False
    seconds: float = 0.0
    """How long the trial took; 0 where that is not said."""

    def __post_init__(self) -> None:
        if not self.scalars and not self.is_failed:
            raise SpecificationError(
                "there is no result: name one, as in loss=0.3, or say --failed"
            )
        if not self.seconds >= 0:
            raise SpecificationError(f"a trial took {self.seconds} seconds: expected 0 or more")


def observe(store: Store, batch: str, trial: str, result: Result) -> TrialRecord:
    """Record the result of a planned trial, durably, and return the record.

    The same result may be observed again, as after a crash: it is recorded once.

    Args:
        store: The store of the batch.
        batch: The batch's id.
        trial: The trial's number, or the start of its id.
        result: What came of it.

    Raises:
        LeaseHeldError: A process runs the batch.
        NotFoundError: The batch has planned no such trial.
        SpecificationError: The trial has another result, or this one lacks the objective.
    """
    with store.hold(batch):
        spec = searching(store, batch)
        planned = find_planned(store.plan(batch), batch, trial)
        records = {record.number: record for record in store.recorded(batch).records}
        series = _series(result, now := time.time())
        record = _record(spec, planned, result, series, now=now)
        if not result.is_failed and record.objective is None:
            tag = spec.objective.column.tag
            raise SpecificationError(
                f"the batch {spec.objective.direction}s {tag}, which is not among the results: "
                f"add {tag}=VALUE, or say --failed"
            )
        earlier = records.get(planned.number)
        if earlier is not None:
            return _same(earlier, record)
        store.publish(record, series)
    return record


def find_planned(plan: Sequence[PlannedTrial], batch: str, text: str) -> PlannedTrial:
    """Return the planned trial that a number or the start of an id names.

    Raises:
        NotFoundError: None does, or several do.
    """
    by_number = [one for one in plan if text == str(one.number)]
    is_prefix = len(text) >= 4
    found = by_number or [
        one for one in plan if is_prefix and trial_id(batch, one.number).startswith(text.lower())
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFoundError(f"{text!r} is the start of {len(found)} ids: type more characters")
    latest = [f"{one.number} ({short_id(trial_id(batch, one.number))})" for one in plan[-N_NAMED:]]
    mend = f"its latest are {', '.join(latest)}" if latest else "tunesmith suggest asks for one"
    raise NotFoundError(f"batch {short_id(batch)} has planned no trial {text!r}: {mend}")


def _series(result: Result, now: float) -> list[ScalarSeries]:
    return [
        ScalarSeries(tag=tag, steps=[0], values=[value], times=[now])
        for tag, value in result.scalars.items()
    ]


def _record(
    spec: BatchSpec,
    planned: PlannedTrial,
    result: Result,
    series: Sequence[ScalarSeries],
    *,
    now: float,
) -> TrialRecord:
    scalars = {one.tag: ScalarSummary.from_series(one) for one in series}
    record = TrialRecord(
        id=trial_id(spec.id, planned.number),
        batch=spec.id,
        number=planned.number,
        attempt=1,
        operation=spec.operation,
        script=spec.script,
        status=TrialStatus.ERROR if result.is_failed else TrialStatus.COMPLETED,
        exit_code=None if result.is_failed else 0,
        reason=FAILED if result.is_failed else "",
        started=now - result.seconds,
        stopped=now,
        seconds=result.seconds,
        label=spec.label,
        tags=spec.tags,
        source_digest=spec.source_digest,
        host=socket.gethostname(),
        origin=planned.origin,
        flags=planned.flags,
        scalars=scalars,
        prediction=planned.prediction,
    )
    return replace(record, objective=spec.objective.read(record))


def _same(earlier: TrialRecord, record: TrialRecord) -> TrialRecord:
    """Return the record that is there if it says the same as one that was to be written.

    Raises:
        SpecificationError: It says something else.
    """
    told = (record.status, repr(_last(record)))  # NaN is NaN
    if told == (earlier.status, repr(_last(earlier))):
        return earlier
    shown = " ".join(f"{tag}={value:.5g}" for tag, value in _last(earlier).items())
    raise SpecificationError(
        f"trial {earlier.number} ({short_id(earlier.id)}) has a result already, {earlier.status} "
        f"{shown}".rstrip()
        + ": a result does not change"
    )


def _last(record: TrialRecord) -> dict[str, float]:
    return {tag: one.last for tag, one in sorted(record.scalars.items())}
