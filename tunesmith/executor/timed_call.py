"""A call in the background, once something takes long."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def called_after(seconds: float, call: Callable[[], object]) -> Iterator[None]:
    """Call something in a thread if the body takes longer; a call that began is over at the end.

    Args:
        seconds: From the start of the body.
        call: What is called, once.
    """
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
