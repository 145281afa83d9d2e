"""The calls by which the storage layer asks the operating system, with somebody in between.

The functions are replaced in ``os`` and ``io`` themselves, in a process that was forked for it, so
that nothing has to be undone. What SQLite and pyarrow do in C is not seen.
"""

import io
import os
import signal
from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]
Hook = Callable[[str, Call, tuple[Any, ...], dict[str, Any]], Any]
"""Is given the name of a call, the call itself and its arguments, and returns its result."""

WRITING = (
    "open",
    "write",
    "pwrite",
    "truncate",
    "link",
    "unlink",
    "rename",
    "replace",
    "mkdir",
    "rmdir",
    "fsync",
)
"""What changes the disk, or opens a file to do so."""
READING = ("scandir", "stat")


def intercept(hook: Hook, names: tuple[str, ...] = WRITING, *, with_files: bool = False) -> None:
    """Let a hook make every call of these names from now on.

    Args:
        hook: Makes the calls.
        names: Functions of ``os``.
        with_files: Whether ``io.open`` is one of the calls, by which pathlib reads and writes.
    """
    for name in names:
        setattr(os, name, _wrapped(name, getattr(os, name), hook))
    if with_files:
        io.open = _wrapped("file", io.open, hook)


def _wrapped(name: str, call: Call, hook: Hook) -> Call:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return hook(name, call, args, kwargs)

    return wrapper


class DieAt:
    """Kills this process with SIGKILL before or after its Nth call."""

    def __init__(self, at: int, *, is_before: bool) -> None:
        self._left = at
        self._is_before = is_before

    def __call__(self, _: str, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._left -= 1
        if self._left == 0 and self._is_before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*args, **kwargs)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
