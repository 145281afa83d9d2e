"""Keeps a program whose libraries are stood in for from doing anything outside its copy."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import Any

from . import stand_ins

MAX_MEMORY_BYTES = 8 << 30
"""The memory that a program may take while others stand in for its libraries."""
_DENIED = (
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork",
    "os.forkpty", "os.kill", "os.killpg", "socket.connect", "socket.bind", "socket.sendto",
    "socket.getaddrinfo", "ftplib.connect", "smtplib.connect",
)  # fmt: skip
_CHANGING = {
    "os.remove": 1, "os.rmdir": 1, "os.rename": 2, "os.mkdir": 1, "os.truncate": 1, "os.chmod": 1,
    "os.chown": 1, "os.link": 2, "os.symlink": 2, "shutil.rmtree": 1, "shutil.move": 2,
    "shutil.copyfile": 2, "shutil.copytree": 2, "sqlite3.connect": 1,
}  # fmt: skip
"""Events of what changes files, with how many of their arguments are paths."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def is_within(path: str, folder: str) -> bool:
    """Return whether a path is a folder, or in it."""
    return (path + os.sep).startswith(folder + os.sep)


def limit_memory() -> None:
    """Limit the memory of this process, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


def refusing(folder: str, replies: Sequence[str]) -> Any:
    """Return a hook that refuses what a program must not do by what a stand-in says.

    Args:
        folder: The copy of the source, in which the program may change files.
        replies: The files outside it that are written at the end.
    """
    inside = (os.path.realpath(folder) + os.sep, os.path.realpath(folder))
    allowed = (os.devnull, *replies)

    def is_inside(path: Any) -> bool:
        if isinstance(path, int) or path is None:
            return True
        text = os.fsdecode(path)
        return text in allowed or (os.path.realpath(text) + os.sep).startswith(inside[0])

    def hook(event: str, arguments: Sequence[Any]) -> None:
        if event.startswith(_DENIED):
            raise PermissionError(f"{event}: with {stand_ins.MARK}")
        paths: Sequence[Any] = ()
        if event == "open":
            path, mode, flags = arguments
            is_writing = bool(set(mode or "") & set("wax+")) or bool((flags or 0) & _WRITING)
            paths = (path,) if is_writing else ()
        elif event in _CHANGING:
            paths = arguments[: _CHANGING[event]]
        if not all(map(is_inside, paths)):
            raise PermissionError(f"{event}: outside the copy, with {stand_ins.MARK}")

    return hook
