"""What is derived for a batch: its status and progress, and its trials that have not finished."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tunesmith.batch import BatchSpec
from tunesmith.durations import covered_seconds
from tunesmith.flags.values import decode_flags
from tunesmith.storage.files.run_directories import Start
from tunesmith.storage.index.measures import Measures
from tunesmith.storage.index.run_index import Brief
from tunesmith.storage.records.batches import CHANGED, BatchEnd
from tunesmith.trial import BatchProgress, PlannedTrial, Run, TrialStatus, trial_id

INTERRUPTED = "interrupted"
"""The reason of a trial whose batch's process died while it ran."""

PENDING_MOMENT = math.inf
"""Trials that are about to run are listed before everything that has started."""

_FAILED = (TrialStatus.ERROR, TrialStatus.TERMINATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchState:
    """Everything that the store knows of a batch at one moment."""

    spec: BatchSpec
    """That of the latest generation."""
    plan: Sequence[PlannedTrial]
    briefs: Mapping[int, Brief]
    """The recorded trials by number."""
    ends: Sequence[BatchEnd | None]
    """The end of each generation; None where it has not ended by itself."""
    is_alive: bool
    start_of: Callable[[int], Start | None]
    """Reads the latest start of a trial by its number."""

    @property
    def end(self) -> BatchEnd | None:
        """The end of the latest generation."""
        return self.ends[-1] if self.ends else None

    @property
    def is_settled(self) -> bool:
        """Whether nothing changes before another generation is written."""
        is_done = self.spec.is_single and bool(self.briefs)
        return not self.is_alive and (self.end is not None or is_done)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A row that no object holds, with the moment by which it is listed."""

    moment: float
    run: Run
    is_again: bool = False
    """Whether it replaces the row of a recorded trial that runs again."""


def derive(state: BatchState) -> list[Derived]:
    """Return the trials that have not finished, and the batch's own row unless it is one run.

    The row of a trial that runs again replaces its recorded row.
    """
    trials = list(_unfinished(state))
    began = _first_moment(state, trials)
    derived = [
        Derived(moment=_moment_of(run, began, state), run=run, is_again=run.number in state.briefs)
        for run in trials
    ]
    if not state.spec.is_single:
        derived.append(Derived(moment=began, run=_batch_run(state, trials)))
    return derived


def _unfinished(state: BatchState) -> Iterator[Run]:
    for planned in _plan(state):
        brief = state.briefs.get(planned.number)
        if brief is None:
            yield _derive_trial(state, planned)
        elif state.is_alive and _may_run_again(state.spec, brief):
            start = state.start_of(planned.number)
            if start is not None and start.attempt > brief.attempt:
                yield _trial_run(state.spec, planned, TrialStatus.RUNNING, start)


def _plan(state: BatchState) -> Sequence[PlannedTrial]:
    """Return the planned trials; of a single run the one that its specification describes."""
    spec = state.spec
    if state.plan or not spec.is_single:
        return state.plan
    return (PlannedTrial(number=0, flags=spec.fixed_flags, origin=""),)


def _may_run_again(spec: BatchSpec, brief: Brief) -> bool:
    return brief.status != TrialStatus.COMPLETED or brief.number in spec.rerun


def _derive_trial(state: BatchState, planned: PlannedTrial) -> Run:
    """Return a trial without a record: running or pending in a live batch, else interrupted."""
    start = state.start_of(planned.number)
    if start is None:
        return _trial_run(state.spec, planned, TrialStatus.PENDING, None)
    status = TrialStatus.RUNNING if state.is_alive else TrialStatus.TERMINATED
    return _trial_run(state.spec, planned, status, start)


def _trial_run(
    spec: BatchSpec, planned: PlannedTrial, status: TrialStatus, start: Start | None
) -> Run:
    return Run(
        id=trial_id(spec.id, planned.number),
        batch=spec.id,
        number=planned.number,
        attempt=start.attempt if start else 1,
        operation=spec.operation,
        script=spec.script,
        status=status,
        reason=INTERRUPTED if status is TrialStatus.TERMINATED else "",
        started=start.started if start else None,
        label=spec.label,
        tags=spec.tags,
        source_digest=spec.source_digest,
        host=start.host if start else "",
        origin=planned.origin,
        flags=planned.flags,
        prediction=planned.prediction,
    )


def _first_moment(state: BatchState, trials: Sequence[Run]) -> float:
    """Return when the batch started, or a trial did if that is earlier: clocks are set back."""
    starts = [run.started for run in trials if run.started is not None]
    recorded = [brief.started for brief in state.briefs.values()]
    return min([state.spec.created, *starts, *recorded])


def _moment_of(run: Run, began: float, state: BatchState) -> float:
    """Return the moment by which a derived trial is listed.

    Trials that a live batch is about to run come first. Those that a dead batch did not get to are
    listed with the batch, after the trials that it ran: else they would head the list for ever.
    """
    if run.started is not None:
        return run.started
    return PENDING_MOMENT if state.is_alive else began


def _batch_run(state: BatchState, trials: Sequence[Run]) -> Run:
    spec, progress = state.spec, _progress(state, trials)
    stopped = None if state.is_alive else _stopped(state)
    return Run(
        id=spec.id,
        batch=spec.id,
        number=0,
        attempt=spec.generation + 1,
        operation=spec.batch_operation,
        script=spec.script,
        status=_batch_status(state, progress),
        reason="" if state.is_alive or state.end is None else state.end.words,
        started=spec.created,
        stopped=stopped,
        seconds=None if stopped is None else _seconds(state),
        label=spec.label,
        tags=spec.tags,
        source_digest=spec.source_digest,
        progress=progress,
    )


def _progress(state: BatchState, trials: Sequence[Run]) -> BatchProgress:
    spec = state.spec
    statuses = {brief.number: TrialStatus(brief.status) for brief in state.briefs.values()}
    statuses |= {run.number: run.status for run in trials}
    number, objective = _best(spec, state.briefs.values())
    n_planned = spec.n_trials if spec.n_trials is not None else len(state.plan)
    return BatchProgress(
        total=n_planned,
        counts=Counter(statuses.values()),
        best_number=number,
        best_objective=objective,
        is_alive=state.is_alive,
    )


def _best(spec: BatchSpec, briefs: Iterable[Brief]) -> tuple[int | None, float | None]:
    """Return the number and the objective of the best trial, or of the best candidate's first."""
    if spec.repeats is not None:
        from tunesmith.ranking import best_of  # few batches repeat candidates

        first = best_of(spec, [_as_run(spec, brief) for brief in briefs])
        return (None, None) if first is None else (first.number, first.objective)
    best: Brief | None = None
    for brief in briefs:
        value, than = _objective_of(brief), _objective_of(best) if best else None
        is_better = spec.objective.is_better(value, than)
        if brief.status == TrialStatus.COMPLETED and is_better and _is_searched(spec, brief):
            best = brief
    return (None, None) if best is None else (best.number, _objective_of(best))


def _as_run(spec: BatchSpec, brief: Brief) -> Run:
    return Run(
        id=trial_id(spec.id, brief.number),
        batch=spec.id,
        number=brief.number,
        operation=spec.operation,
        script=spec.script,
        status=TrialStatus(brief.status),
        objective=_objective_of(brief),
        flags=decode_flags(brief.flags),
        scalars=_measures(brief).scalars if spec.subject_to else {},
        seconds=brief.seconds,
    )


def _is_searched(spec: BatchSpec, brief: Brief) -> bool:
    if spec.subject_to and _violation(spec, brief):
        return False
    is_narrowed = spec.changed or spec.where
    return not is_narrowed or spec.searches(decode_flags(brief.flags))


def _violation(spec: BatchSpec, brief: Brief) -> float:
    return spec.violation(_measures(brief))


def _measures(brief: Brief) -> Measures:
    return Measures(brief.scalars, brief.seconds, brief.cpu_seconds, brief.max_rss_bytes)


def _objective_of(brief: Brief) -> float | None:
    return None if brief.objective is None else float(brief.objective)


def _stopped(state: BatchState) -> float | None:
    if state.end is not None:
        return state.end.stopped
    return max((brief.stopped for brief in state.briefs.values()), default=None)


def _seconds(state: BatchState) -> float:
    """Return how long a batch ran: its generations, without the pauses between them.

    A generation that was killed left no duration: the batch then ran at least as long as its
    trials did. Clock times are compared within a trial only, since a clock may be set meanwhile.
    """
    noted = [end.seconds for end in state.ends if end is not None and end.seconds is not None]
    total = math.fsum(max(0.0, seconds) for seconds in noted)
    if len(noted) == len(state.ends):
        return total
    spans = ((brief.started, brief.seconds) for brief in state.briefs.values())
    return max(total, covered_seconds(spans))


def _batch_status(state: BatchState, progress: BatchProgress) -> TrialStatus:
    if state.is_alive:
        return TrialStatus.RUNNING
    has_failures = any(progress.counts.get(status, 0) for status in _FAILED)
    done = TrialStatus.ERROR if has_failures else TrialStatus.COMPLETED
    if state.end is not None:
        by_reason = {
            "failures": TrialStatus.ERROR,
            "no-objective": TrialStatus.ERROR,
            "stopped": TrialStatus.TERMINATED,
            CHANGED: TrialStatus.PENDING,
        }
        return by_reason.get(state.end.reason, done)
    if progress.total is not None and progress.n_finished >= progress.total > 0:
        return done
    return TrialStatus.TERMINATED if _has_begun(state) else TrialStatus.PENDING


def _has_begun(state: BatchState) -> bool:
    """Return whether a process has run the batch: not if all its trials were asked for."""
    asked = {
        one.number for one in state.plan if one.is_asked and state.start_of(one.number) is None
    }
    return len(asked) < len(state.plan) or not asked.issuperset(state.briefs)
