"""From recorded trials to the observations of an optimizer."""

import math
import signal
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tunesmith.batch import BatchSpec
from tunesmith.objective import Objective
from tunesmith.search.optimizer import Observation
from tunesmith.stopping import TIME_OVER
from tunesmith.trial import Run, TrialRecord, TrialStatus

if TYPE_CHECKING:
    from tunesmith.constraint import Constraint
    from tunesmith.earlier_results import EarlierResults


def observations(
    records: Sequence[TrialRecord | Run],
    objectives: Sequence[Objective],
    *,
    batch: str,
    constraints: "tuple[Constraint, ...]" = (),
) -> list[Observation]:
    """Return the recorded trials as an optimizer sees them, in the order of their numbers.

    Trials that ``--max-time`` ended say nothing, and are left out. Those of other batches get the
    number 0 and come first, in the order given. Of several attempts of one trial the last counts.

    Args:
        records: The trials.
        objectives: What the search improves, the first one first.
        batch: The id of the batch.
        constraints: What the best trial has to meet.
    """
    records = [record for record in records if record.reason != TIME_OVER]
    others = [record for record in records if record.batch != batch]
    n_points = _usual_points(records, objectives[0], batch=batch)
    own: dict[int, TrialRecord | Run] = {}
    for record in records:
        if record.batch == batch and _is_later(record, own.get(record.number)):
            own[record.number] = record
    ordered = [own[number] for number in sorted(own)]
    return [
        *(
            replace(
                _observation(record, objectives, number=0),
                batch=record.batch,
                margins=_margins(record, constraints),
            )
            for record in others
        ),
        *(
            replace(
                _observation(record, objectives, number=record.number),
                seconds=_whole_seconds(record, n_points),
                cause=_cause(record),
                margins=_margins(record, constraints),
                results=_results(record, objectives),
            )
            for record in ordered
        ),
    ]


def _margins(
    record: TrialRecord | Run, constraints: "tuple[Constraint, ...]"
) -> tuple[float | None, ...]:
    """Return how far a trial misses each constraint; of a failed one, what it missed by its end.

    One that was killed for its memory, or ended by its timeout, had used too much by then, but
    what it had not yet used says nothing.
    """
    margins = tuple(one.margin(record) for one in constraints)
    if record.status is TrialStatus.COMPLETED:
        return margins
    return tuple(one if one is not None and one > 0.0 else None for one in margins)


def _results(record: TrialRecord | Run, objectives: Sequence[Objective]) -> tuple[float, ...]:
    """Return the costs of the runs of a candidate; empty of one run, or of several objectives."""
    if record.repeated is None or len(record.repeated.values) < 2 or len(objectives) > 1:
        return ()
    costs = [objectives[0].to_cost(value) for value in record.repeated.values]
    known = tuple(cost for cost in costs if cost is not None)
    return known if len(known) == len(costs) else ()


def _cause(record: TrialRecord | Run) -> str:
    """Return why a trial failed; empty for one that did not."""
    if not record.status.is_failed:
        return ""
    if record.reason.startswith("timed out"):
        return "timeout"
    return "memory" if record.signal == signal.SIGKILL else "crash"


def learnt(spec: BatchSpec) -> list[Observation]:
    """Return the results that a batch began with, as those of trials of other batches."""
    return [
        Observation(
            number=0,
            flags=flags,
            cost=spec.objective.to_cost(value),
            costs=costs,
            margins=tuple(c.margin_of(partial(one.read, k)) for c in spec.constraints),
            batch=one.batch,
        )
        for one in spec.earlier
        for k, (flags, value) in enumerate(zip(one.flags, one.values, strict=True))
        if (costs := _costs(spec, one, k)) is not None
    ]


def _costs(spec: BatchSpec, earlier: "EarlierResults", place: int) -> tuple[float, ...] | None:
    """Return the cost of each of several objectives, none of one; None where one is missing."""
    if not spec.more_objectives:
        return ()
    others = (earlier.read(place, one.column) for one in spec.more_objectives)
    values = [earlier.values[place], *others]
    costs = [one.to_cost(value) for one, value in zip(spec.objectives, values, strict=True)]
    known = tuple(cost for cost in costs if cost is not None)
    return known if len(known) == len(costs) else None


def _usual_points(
    records: Sequence[TrialRecord | Run], objective: Objective, *, batch: str
) -> float | None:
    """Return how many points of the objective a trial of the batch prints; None where unknown."""
    counts = sorted(
        summary.count
        for record in records
        if record.batch == batch and record.status is TrialStatus.COMPLETED
        for tag, summary in record.scalars.items()
        if tag == objective.column.tag
    )
    return counts[len(counts) // 2] if counts else None


def _whole_seconds(record: TrialRecord | Run, n_points: float | None) -> float | None:
    """Return what a trial took, or a pruned one would have taken to its end.

    None of one that failed, and where that is not known.
    """
    if record.seconds is None or not math.isfinite(record.seconds):
        return None
    if record.status is TrialStatus.COMPLETED:
        return max(0.0, record.seconds)
    if record.status is not TrialStatus.PRUNED or record.pruned is None or n_points is None:
        return None
    return max(0.0, record.seconds) * max(1.0, n_points / max(1, record.pruned.point))


def _is_later(record: TrialRecord | Run, than: TrialRecord | Run | None) -> bool:
    return than is None or record.attempt >= than.attempt


def _observation(
    record: TrialRecord | Run, objectives: Sequence[Objective], *, number: int
) -> Observation:
    first, *more = objectives
    cost = first.to_cost(_told_value(record))
    if not more or cost is None:
        return Observation(number=number, flags=record.flags, cost=cost)
    found = [cost, *(one.to_cost(one.read(record)) for one in more)]
    costs = tuple(each for each in found if each is not None)
    is_whole = len(costs) == len(objectives)
    return Observation(
        number=number,
        flags=record.flags,
        cost=cost if is_whole else None,
        costs=costs if is_whole else (),
    )


def _told_value(record: TrialRecord | Run) -> float | None:
    """Return the objective that a model is told; None of a trial that failed.

    Of a pruned trial that is an estimate of its end: told that it failed, a search would avoid the
    good region around it.
    """
    if record.status is TrialStatus.PRUNED and record.pruned is not None:
        estimate = record.pruned.estimate
        return record.objective if estimate is None else estimate
    return record.objective if record.status is TrialStatus.COMPLETED else None


def failing_what_misses(observation: Observation) -> Observation:
    """Return a trial that misses a constraint as one that failed; another one as it is.

    For optimizers that look at no constraints: they avoid what fails. A trial of another batch
    that tells nothing of the constraints still tells of the objective.
    """
    if not observation.number and not any(one is not None for one in observation.margins):
        return observation
    if all(one is not None and one <= 0.0 for one in observation.margins):
        return observation
    return replace(observation, cost=None, costs=())
