"""Imports in the background, while a command waits for something else."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tunesmith.executor.timed_call import called_after


def import_all(*names: str) -> None:
    """Import modules, so that their later import by name takes no time."""
    for name in names:
        importlib.import_module(name)


@contextmanager
def importing(load: Callable[[], None], *, after_s: float) -> Iterator[None]:
    """Import modules in a thread while the body runs; both have finished at the end.

    Args:
        load: Imports the modules. Its errors are ignored: the later import raises them again.
        after_s: Seconds before the imports start, in which the body starts its child.
    """

    def load_quietly() -> None:
        with suppress(Exception):
            load()

    with called_after(after_s, load_quietly):
        yield
