"""The task that decides what runs next: a function of what the store holds."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tunesmith.batch import BatchSpec
from tunesmith.flags.display import format_flags
from tunesmith.search.observations import observations
from tunesmith.search.optimizer import Candidate
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace
from tunesmith.tasks.workshop import OpenBatch, find_batch
from tunesmith.trial import PlannedTrial, Prediction


@task(
    name="propose",
    task_run_name="propose #{number}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def propose(home: str, batch: str, number: int, n: int) -> State[list[PlannedTrial]]:
    """Return the next trials, which are in the store's plan by then.

    Args:
        home: The store's folder.
        batch: The batch's id.
        number: The number of the first trial that is proposed.
        n: How many are wanted; fewer come back where the space is exhausted.
    """
    found = find_batch(home, batch)
    planned = plan_trials(found, number=number, n=n)
    if not planned:
        return Completed(message="the search space is exhausted", data=planned)
    found.add_plan(planned)
    more = f" and {len(planned) - 1} more" if len(planned) > 1 else ""
    message = f"{format_flags(planned[0].flags)} ({planned[0].origin}){more}"
    return Completed(message=message, data=planned)


def plan_trials(batch: OpenBatch, *, number: int, n: int) -> list[PlannedTrial]:
    """Ask the batch's optimizer, giving it the finished and the pending trials.

    Args:
        batch: The batch, with all that is recorded of it.
        number: The number of the first trial that is proposed.
        n: How many are wanted.
    """
    spec = batch.spec
    optimizer_spec = spec.optimizer
    if optimizer_spec is None:
        return []
    optimizer = build_optimizer(optimizer_spec.name, optimizer_spec.settings)
    with batch.lock:
        records = dict(batch.records)
    finished = [record for key, record in sorted(records.items()) if not batch.is_to_run(key)]
    pending = [planned.flags for key, planned in batch.planned.items() if key not in records]
    candidates = optimizer.propose(
        SearchSpace.from_settings(spec.settings, spec.rows),
        observations([*batch.earlier, *finished], spec.objective, batch=spec.id),
        [*pending, *batch.completed_before],
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
    """Return a model's mean in the sign that the user knows: costs are minimized inside."""
    if prediction is None:
        return None
    mean = spec.objective.from_cost(prediction.mean)
    return Prediction(mean=mean, sd=prediction.sd, acquisition=prediction.acquisition)
