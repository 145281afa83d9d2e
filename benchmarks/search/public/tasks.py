"""All public tasks by name."""

from collections.abc import Callable
from functools import cache

from public.black_boxes import black_boxes
from public.grids import grid_tasks
from public.pools import pool_tasks
from public.task import Suite, Task
from public.trainings import trainings

PREFIXES = {"hpob": Suite.HPO_B}
"""Names of tasks begin with that of their suite, or with one of these."""


@cache
def builders() -> dict[str, Callable[[], Task]]:
    """Return what makes each task, by name."""
    return {**pool_tasks(), **grid_tasks(), **black_boxes(), **trainings()}


def names_of(suite: Suite) -> list[str]:
    """Return the names of a suite's tasks, in their order."""
    return [name for name in builders() if suite_of(name) is suite]


def suite_of(name: str) -> Suite:
    """Return the suite of a task by its name."""
    known = {**PREFIXES, **{str(suite): suite for suite in Suite}}
    prefix = max((one for one in known if name.startswith(f"{one}-")), key=len)
    return known[prefix]
