"""The public tasks on which slow methods are compared, too."""

from collections.abc import Iterable
from zlib import crc32

from public.task import Suite
from public.tasks import suite_of

SIZES = {
    Suite.HPO_B: 12,
    Suite.LCBENCH: 6,
    Suite.HPOBENCH: 3,
    Suite.HPOLIB: 2,
    Suite.NB201: 1,
    Suite.BBOB: 6,
}
"""How many tasks of each suite: thirty."""


def sample_of(names: Iterable[str]) -> list[str]:
    """Return the tasks that stand for all: some of each suite, of HPO-B of as many spaces.

    They are fixed by their names, so that nobody chooses them by their results.

    Args:
        names: All tasks.
    """
    ordered = sorted(names, key=lambda name: crc32(name.encode()))
    chosen: list[str] = []
    for suite, size in SIZES.items():
        first = {_space_of(name): name for name in reversed(ordered) if suite_of(name) is suite}
        chosen += sorted(first.values(), key=ordered.index)[:size]
    return chosen


def _space_of(name: str) -> str:
    """Return the search space of a task: several of HPO-B have the same."""
    return name.partition("_")[0] if suite_of(name) is Suite.HPO_B else name
