"""Imports that are made while a command waits for something else."""

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


def import_all(*names: str) -> None:
    """Import modules that are used later, where they are imported again by name."""
    for name in names:
        importlib.import_module(name)


@contextmanager
def importing(load: Callable[[], None], *, after_s: float) -> Iterator[None]:
    """Import what is needed later in a thread of its own; at the end of the body it is done.

    Args:
        load: Imports. What fails in it fails again, and is told, where it is used.
        after_s: How long the body goes on undisturbed, to start the child that it waits for.
    """

    def load_quietly() -> None:
        with suppress(Exception):
            load()

    timer = threading.Timer(after_s, load_quietly)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
