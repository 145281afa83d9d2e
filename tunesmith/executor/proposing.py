"""Which trials come next: a function of a batch's specification and of what is recorded."""

from collections.abc import Mapping, Sequence

from tunesmith.batch import BatchSpec
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.flags.values import FlagValue
from tunesmith.search.first import first_candidates, left_to_try
from tunesmith.search.observations import failing_what_misses, learnt, observations
from tunesmith.search.optimizer import Candidate
from tunesmith.search.registry import build_optimizer, takes_constraints
from tunesmith.search.space import SearchSpace
from tunesmith.trial import PlannedTrial, Prediction


def plan_trials(
    spec: BatchSpec, trials: RecordedTrials, *, number: int, n: int
) -> list[PlannedTrial]:
    """Return the next trials: those that were asked for first, then what the optimizer proposes.

    Args:
        spec: The specification of the batch.
        trials: What is planned and recorded.
        number: The number of the first trial that is proposed.
        n: Maximum number of trials.
    """
    optimizer_spec = spec.optimizer
    if optimizer_spec is None:
        return []
    optimizer = build_optimizer(optimizer_spec.name, optimizer_spec.settings)
    space = SearchSpace.of(spec)
    with trials.lock:
        records = dict(trials.records)
    finished = {
        key: record for key, record in sorted(records.items()) if not trials.is_to_run(spec, key)
    }
    observed = observations(
        [*trials.earlier, *finished.values()],
        spec.objectives,
        batch=spec.id,
        constraints=spec.constraints,
    )
    if not takes_constraints(optimizer):
        observed = [failing_what_misses(one) for one in observed]
    observed = [*learnt(spec), *observed]
    unfinished = [planned.flags for key, planned in trials.planned.items() if key not in finished]

    def propose(ahead: Sequence[Mapping[str, FlagValue]], n: int = 1) -> list[Candidate]:
        pending = [*unfinished, *trials.completed_before, *ahead]
        return optimizer.propose(space, observed, pending, n, spec.seed)

    asked = left_to_try(spec.first, list(trials.planned.values()))[:n] if spec.first else []
    candidates = first_candidates(asked, space, propose)
    if len(candidates) < n:
        candidates += propose([one.flags for one in candidates], n - len(candidates))
    return [
        _planned(spec, candidate, number + position)
        for position, candidate in enumerate(candidates)
    ]


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
