"""Plug-ins: what installed packages register as entry points of our groups."""

import sys
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def registered(group: str) -> "dict[str, EntryPoint]":
    """Return the entry points of a group by name; of several of one name, ours."""
    return _registered(group, tuple(sys.path))


@lru_cache
def _registered(group: str, _path: tuple[str, ...]) -> "dict[str, EntryPoint]":
    """Return what ``registered`` does. Reading them takes 20 ms; batches ask for each trial."""
    from importlib.metadata import entry_points  # a single run saves the import

    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        if entry.name not in found or entry.module.startswith("tunesmith."):
            found[entry.name] = entry
    return found
