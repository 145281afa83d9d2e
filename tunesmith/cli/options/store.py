"""The store that a command uses, and the runs in it."""

import os
from collections.abc import Callable
from pathlib import Path

from tunesmith.cli import console
from tunesmith.storage.files.home import find_home
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.index.run_list import RunList
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.store import Store
from tunesmith.trial import Run


def open_store(home: str | None) -> Store:
    """Open the store that a command uses.

    Args:
        home: The value of ``--home``; None for the nearest store upwards.

    Raises:
        StoreAccessError: There is no store.
        StoreFormatError: A newer Tunesmith wrote it.
    """
    return Store.open(find_home_here(home))


def open_store_if_any(home: str | None) -> Store | None:
    """Open the store that a command uses; return None where there is none yet.

    Raises:
        StoreAccessError: ``--home`` names a folder without a store.
        StoreFormatError: A newer Tunesmith wrote it.
    """
    folder = find_home_here(home)
    with explained("read", folder):
        has_store = Layout(folder).manifest.exists()
    return Store.open(folder) if has_store or home is not None else None


def open_or_create_store(home: str | None) -> Store:
    """Open the store that a command uses; create it where there is none.

    Raises:
        StoreAccessError: It cannot be created.
        StoreFormatError: A newer Tunesmith wrote it.
    """
    return Store.create(find_home_here(home))


def is_kept(run: Run) -> bool:
    """Return whether a run is not deleted."""
    return not run.is_deleted


def is_deleted(run: Run) -> bool:
    """Return whether a run is deleted."""
    return run.is_deleted


def read_runs(store: Store, *, is_listed: Callable[[Run], bool] = is_kept) -> list[Run]:
    """Return the runs of a store, newest first; print a warning for each unreadable object."""
    return [run for run in with_warnings(store.list_runs()).runs if is_listed(run)]


def with_warnings(run_list: RunList) -> RunList:
    """Print a warning for each unreadable object of the store, and return the run_list."""
    for warning in run_list.warnings:
        console.warn(warning)
    return run_list


def find_home_here(home: str | None) -> Path:
    """Return the folder of the store that a command uses; it may not exist yet."""
    return find_home(Path.cwd(), explicit=home, environ=os.environ)
