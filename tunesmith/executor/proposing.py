"""Which trials come next: a function of a batch's specification and of what is recorded."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tunesmith.batch import BatchSpec
from tunesmith.candidates import one_each
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.flags.values import Flags, FlagValue
from tunesmith.repeats import Repeats, n_each
from tunesmith.search.first import first_candidates, left_to_try
from tunesmith.search.observations import failing_what_misses, learnt, observations
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.registry import build_optimizer, takes_constraints
from tunesmith.search.repeating import REPEAT, PlannedCandidate, grouped, n_new, to_repeat
from tunesmith.search.space import SearchSpace
from tunesmith.trial import PlannedTrial, Prediction, TrialRecord

Proposer = Callable[[Sequence[PlannedTrial], int], list[Candidate]]
"""Returns new candidates, given all trials that are planned, and how many are wanted."""


def plan_trials(
    spec: BatchSpec, trials: RecordedTrials, *, number: int, n: int
) -> list[PlannedTrial]:
    """Return the next trials: those that were asked for first, then what the optimizer proposes.

    Candidates that are to run again come before new ones.

    Args:
        spec: The specification of the batch.
        trials: What is planned and recorded.
        number: The number of the first trial that is proposed.
        n: Maximum number of trials.
    """
    if spec.optimizer is None:
        return []
    with trials.lock:
        records = dict(trials.records)
        planned = list(trials.planned.values())
    finished = {
        key: record for key, record in sorted(records.items()) if not trials.is_to_run(spec, key)
    }
    propose = _proposer(spec, trials, finished)
    if spec.repeats is None:
        candidates = propose(planned, n)
    else:
        candidates = _with_repeats(spec, planned, finished, propose, n)
    return [
        _planned(spec, candidate, number + position)
        for position, candidate in enumerate(candidates)
    ]


def _proposer(
    spec: BatchSpec, trials: RecordedTrials, finished: Mapping[int, TrialRecord]
) -> Proposer:
    """Return what proposes new candidates, from the results of the trials that have finished."""
    assert spec.optimizer is not None
    optimizer = build_optimizer(spec.optimizer.name, spec.optimizer.settings)
    space = SearchSpace.of(spec)
    is_told = takes_constraints(optimizer)
    observed = _observed(spec, trials.earlier, finished, is_told_margins=is_told)

    def propose_new(planned: Sequence[PlannedTrial], n: int) -> list[Candidate]:
        unfinished = _unfinished(spec, planned, finished)

        def propose(ahead: Sequence[Mapping[str, FlagValue]], n: int = 1) -> list[Candidate]:
            pending = [*unfinished, *trials.completed_before, *ahead]
            return optimizer.propose(space, observed, pending, n, spec.seed)

        points = [replace(one, flags=spec.point(one.flags)) for one in planned]
        asked = left_to_try(spec.first, points)[:n] if spec.first else []
        candidates = first_candidates(asked, space, propose)
        if len(candidates) < n:
            candidates += propose([one.flags for one in candidates], n - len(candidates))
        return candidates

    return propose_new


def _observed(
    spec: BatchSpec,
    earlier: Sequence[TrialRecord],
    finished: Mapping[int, TrialRecord],
    *,
    is_told_margins: bool,
) -> list[Observation]:
    """Return what an optimizer learns from: one result for each candidate."""
    observed = observations(
        [*earlier, *one_each(spec, finished.values())],
        spec.objectives,
        batch=spec.id,
        constraints=spec.constraints,
    )
    observed = [*learnt(spec), *observed]
    return observed if is_told_margins else [failing_what_misses(one) for one in observed]


def _unfinished(
    spec: BatchSpec, planned: Sequence[PlannedTrial], finished: Mapping[int, TrialRecord]
) -> list[Flags]:
    """Return the points of the candidates of which no run has ended."""
    return [
        one.point
        for one in grouped(spec, planned)
        if not any(trial.number in finished for trial in one.trials)
    ]


def _with_repeats(
    spec: BatchSpec,
    planned: Sequence[PlannedTrial],
    finished: Mapping[int, TrialRecord],
    propose: Proposer,
    n: int,
) -> list[Candidate]:
    """Return the next runs: of candidates that are to run again, then of new ones.

    Args:
        spec: The batch.
        planned: All trials that are planned.
        finished: Those that have ended, by number.
        propose: What proposes new candidates.
        n: Maximum number of runs.
    """
    assert spec.repeats is not None
    chosen: list[Candidate] = []
    ahead, is_exhausted = list(planned), False
    while len(chosen) < n:
        candidates = grouped(spec, ahead)
        again = to_repeat(spec, candidates, finished, is_exhausted=is_exhausted)
        runs: list[Candidate] = []
        if again is not None:
            runs = [_run_of(spec.repeats, again)]
        elif not is_exhausted:
            n_wanted = math.ceil((n - len(chosen)) / n_each(spec.repeats))
            new = propose(ahead, min(n_wanted, n_new(spec, len(candidates))))
            runs = [run for one in new for run in _runs_of(spec.repeats, one)]
            is_exhausted = not new
        else:
            break
        chosen += runs
        ahead += [PlannedTrial(number=0, flags=one.flags, origin=one.origin) for one in runs]
    return chosen[:n]


def _runs_of(repeats: Repeats, candidate: Candidate) -> list[Candidate]:
    """Return the runs of a new candidate; those that are due later are planned as repeats."""
    started = PlannedCandidate(point=candidate.flags)
    runs = [replace(candidate, flags=started.flags_of_next(repeats))]
    for _ in range(n_each(repeats) - 1):
        last = PlannedTrial(number=0, flags=runs[-1].flags, origin=candidate.origin)
        started.trials.append(last)
        runs.append(_run_of(repeats, started))
    return runs


def _run_of(repeats: Repeats, candidate: PlannedCandidate) -> Candidate:
    return Candidate(flags=candidate.flags_of_next(repeats), origin=REPEAT)


def _planned(spec: BatchSpec, candidate: Candidate, number: int) -> PlannedTrial:
    return PlannedTrial(
        number=number,
        flags=candidate.flags,
        origin=candidate.origin,
        prediction=_in_unit_of_objective(spec, candidate.prediction),
    )


def _in_unit_of_objective(spec: BatchSpec, prediction: Prediction | None) -> Prediction | None:
    """Return a prediction whose mean has the objective's sign: optimizers minimize a cost."""
    if prediction is None:
        return None
    mean = spec.objective.from_cost(prediction.mean)
    return Prediction(mean=mean, sd=prediction.sd, acquisition=prediction.acquisition)
