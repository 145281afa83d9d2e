"""The task that proposes trials: a function of what the store holds."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tunesmith.batch import BatchSpec
from tunesmith.executor.batch_context import BatchContext, current_batch
from tunesmith.flags.display import format_flags
from tunesmith.search.observations import observations
from tunesmith.search.optimizer import Candidate
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace
from tunesmith.trial import PlannedTrial, Prediction


@task(
    name="propose",
    task_run_name="propose #{number}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def propose(number: int, n: int) -> State[list[int]]:
    """Plan the next trials, in the store and in the batch's context; return their numbers.

    Args:
        number: The number of the first trial that is proposed.
        n: Maximum number of trials; fewer are planned where the search space is exhausted.
    """
    context = current_batch()
    context.observer.proposing()
    planned = plan_trials(context, number=number, n=n)
    if not planned:
        return Completed(message="the search space is exhausted", data=[])
    context.add_plan(planned)
    more = f" and {len(planned) - 1} more" if len(planned) > 1 else ""
    message = f"{format_flags(planned[0].flags)} ({planned[0].origin}){more}"
    return Completed(message=message, data=[one.number for one in planned])


def plan_trials(context: BatchContext, *, number: int, n: int) -> list[PlannedTrial]:
    """Return the trials that the optimizer proposes, given the finished and the pending ones.

    Args:
        context: The batch.
        number: The number of the first trial that is proposed.
        n: Maximum number of trials.
    """
    spec, trials = context.spec, context.trials
    optimizer_spec = spec.optimizer
    if optimizer_spec is None:
        return []
    optimizer = build_optimizer(optimizer_spec.name, optimizer_spec.settings)
    with trials.lock:
        records = dict(trials.records)
    finished = {
        key: record for key, record in sorted(records.items()) if not trials.is_to_run(spec, key)
    }
    pending = [planned.flags for key, planned in trials.planned.items() if key not in finished]
    candidates = optimizer.propose(
        SearchSpace.of(spec),
        observations([*trials.earlier, *finished.values()], spec.objective, batch=spec.id),
        [*pending, *trials.completed_before],
        n,
        spec.seed,
    )
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
