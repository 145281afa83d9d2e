"""The flow or task run of a caller's own: tried again, it goes on with the batches it started."""

import threading
from collections import Counter, defaultdict
from uuid import UUID

from prefect.context import TaskRunContext

from tunesmith.flows.prefect_api import current_run

_counting = threading.Lock()
_calls: Counter[tuple[object, ...]] = Counter()
"""How many calls an attempt of a caller has made so far."""
_numbers: dict[tuple[str, int], dict[tuple[UUID | None, int], int]] = defaultdict(dict)
"""The number of each call among equal ones, by the attempt of the flow, the task run and which
call of it this is: tasks that run at once, and those that are tried again, keep theirs."""


def key_of_call(request: str) -> str | None:
    """Return a key that the same call has in every attempt of its run; None outside of any run.

    It is made of the flow run and of what is asked for, and not of the task run, which is another
    one in each attempt of its flow.

    Args:
        request: What is asked for, as text.
    """
    flow_run, context = current_run(), TaskRunContext.get()
    task_run = None if context is None else context.task_run
    if flow_run is not None:
        run_id, attempt = flow_run.id, flow_run.run_count
    elif task_run is not None:
        run_id, attempt = task_run.flow_run_id or task_run.id, 0
    else:
        return None
    place = f"{run_id} {task_run.task_key if task_run else ''} {request}"
    caller = (task_run.id, task_run.run_count) if task_run else (None, 0)
    with _counting:
        nth = _calls[place, attempt, caller]
        _calls[place, attempt, caller] += 1
        numbers = _numbers[place, attempt]
        number = numbers.setdefault((caller[0], nth), len(numbers))
    return f"{place} {number}"
