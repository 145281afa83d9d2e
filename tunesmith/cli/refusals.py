"""What the operating system refuses a command, in a line that says what to do."""

import resource
from pathlib import Path

from tunesmith.errors import TunesmithError, UsageError
from tunesmith.storage.objects.os_errors import reason_of

ENOUGH_BYTES = 2 * 2**30
"""Address space within which a batch runs with ease."""
_NO_THREAD = "can't start new thread"
_NO_MEMORY = ("Cannot allocate memory", "failed to map segment")
"""What the loader of libraries says."""


def refusal(error: BaseException) -> TunesmithError | None:
    """Return an error of the operating system for the user; None if it is another one."""
    if isinstance(error, FileNotFoundError) and not _has_folder():
        return UsageError(
            "the working directory was deleted: go to a folder that exists, as with cd ~"
        )
    if isinstance(error, OSError) and error.errno:
        path = Path(error.filename) if isinstance(error.filename, str) else None
        what = f"use {path}" if path else "go on"
        return TunesmithError(f"cannot {what}: {reason_of(error, path)}")
    if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
        return TunesmithError(
            "no more threads can be started: raise the limit (ulimit -u or ulimit -v), or lower "
            "--jobs"
        )
    is_short = isinstance(error, MemoryError) or any(sign in str(error) for sign in _NO_MEMORY)
    if is_short or _is_limited():
        return TunesmithError(
            "there is not enough memory: end other programs, or raise the limit (ulimit -v)"
        )
    return None


def _is_limited() -> bool:
    """Return whether so little memory is allowed that libraries fail in any way at all."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return limit != resource.RLIM_INFINITY and limit < ENOUGH_BYTES


def _has_folder() -> bool:
    try:
        return bool(Path.cwd())
    except OSError:
        return False
