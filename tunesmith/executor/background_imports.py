"""Imports in the background, while a command waits for something else."""

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


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

    timer = threading.Timer(after_s, load_quietly)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
