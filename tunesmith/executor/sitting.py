"""A sitting of a batch: what is left to propose, how long it may last, and how it ended."""

import math
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.executor.stopping import over_time
from tunesmith.executor.timed_call import called_after
from tunesmith.executor.verdict import judge_end
from tunesmith.ranking import Front, best_of, n_outside, nearest_of, silent_trials
from tunesmith.stopping import ENDS, TIME_OVER, MaxTime


def n_left(context: BatchContext) -> int:
    """Return how many trials are still to be proposed."""
    if context.spec.is_rerun_only:
        return 0
    return (context.spec.n_trials or 0) - len(context.trials.planned)


@contextmanager
def ending_in_time(context: BatchContext, limit: MaxTime | None) -> Iterator[None]:
    """End the trials that still run when a sitting has lasted as long as it may."""
    if limit is None or not limit.is_ending or not math.isfinite(limit.seconds):
        yield
        return
    verdict = over_time(limit)
    with called_after(limit.seconds, lambda: context.end_with(verdict, is_killing=True)):
        yield


def outcome_of(
    context: BatchContext,
    *,
    ran: Collection[int],
    n_tasks: int,
    is_exhausted: bool,
    seconds: float,
) -> BatchOutcome:
    """Return how a sitting of a batch ended.

    Args:
        context: The batch.
        ran: The numbers of the trials that have run in it.
        n_tasks: How many tasks it has submitted.
        is_exhausted: Whether the optimizer had nothing left to propose.
        seconds: How long it lasted.
    """
    spec, trials = context.spec, context.trials
    records = [trials.records[number] for number in sorted(trials.records)]
    end, reason = _end(context, is_exhausted=is_exhausted)
    return BatchOutcome(
        batch=spec.id,
        end=end,
        reason=reason,
        stopped=time.time(),
        seconds=seconds,
        n_run=len(ran),
        n_failed=sum(record.status.is_failed for record in trials.ended),
        n_cut=sum(record.reason == TIME_OVER for record in trials.ended),
        n_tasks=n_tasks + bool(records),  # without any there is no report
        counts=Counter(record.status for record in records),
        best=best_of(spec, records),
        front=Front.of(spec, records) if spec.more_objectives else None,
        n_outside=n_outside(spec, records),
        nearest=nearest_of(spec, records) if spec.subject_to else None,
        silent=next(iter(silent_trials(records)), None),
    )


def _end(context: BatchContext, *, is_exhausted: bool) -> tuple[str, str]:
    """Return how a batch ended, and why if it ended early or without a result."""
    stop, trials = context.stop, context.trials
    verdict = trials.verdict or judge_end(context.spec, trials.records.values())
    is_short = stop.is_killing or bool(context.waiting()) or n_left(context) > 0
    is_asked = trials.verdict is None or (stop.is_killing and trials.verdict.end not in ENDS)
    if is_short and stop.is_draining and is_asked:
        return "stopped", stop.reason
    if verdict is not None:
        return verdict.end, verdict.text
    return ("exhausted" if is_exhausted else ""), stop.reason
