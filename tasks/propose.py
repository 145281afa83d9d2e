"""The task that proposes trials: a function of what the store holds."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tunesmith.executor.batch_context import current_batch
from tunesmith.executor.proposing import plan_trials
from tunesmith.flags.display import format_flags


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
    planned = plan_trials(context.spec, context.trials, number=number, n=n)
    if not planned:
        return Completed(message="the search space is exhausted", data=[])
    context.add_plan(planned)
    more = f" and {len(planned) - 1} more" if len(planned) > 1 else ""
    message = f"{format_flags(planned[0].flags)} ({planned[0].origin}){more}"
    return Completed(message=message, data=[one.number for one in planned])
