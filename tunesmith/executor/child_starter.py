"""Starting a child, and the protocols that fresh and forked children share."""

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tunesmith.errors import ScriptError
from tunesmith.executor.child import ARGUMENTS_VARIABLE, PARENT_VARIABLE, PEAK_VARIABLE
from tunesmith.executor.child_exit import Exit, ExitWatch
from tunesmith.executor.child_request import ChildRequest
from tunesmith.storage.objects.os_errors import explained

_NAME_ONE = "name an interpreter with --python"
_SCARCE = "raise the limit (see ulimit -a)"
_MENDS = {
    errno.E2BIG: "let the script read long values from a file",
    errno.EMFILE: _SCARCE,
    errno.ENFILE: _SCARCE,
    errno.EAGAIN: _SCARCE,
    errno.ENOMEM: _SCARCE,
}
"""What helps where it is not the interpreter that cannot be run."""
N_SHOWN = 3
"""Words of a command that may be visible to all users: interpreter, ``child.py``, script."""


class Child(Protocol):
    """A running child, in its own process group."""

    @property
    def pid(self) -> int:
        """The id of its process and process group, which is not reused until it is reaped."""
        ...

    @property
    def descriptor(self) -> int | None:
        """A descriptor that is readable once the child has ended; None where it must be polled."""
        ...

    def has_ended(self) -> bool:
        """Return whether the child has ended; for children without a descriptor."""
        ...

    def reap(self) -> Exit:
        """Wait for the child's end and return it; called once."""
        ...


class Starter(Protocol):
    """A way to start children. Called from several threads."""

    def __call__(self, request: ChildRequest, writer: int) -> Child:
        """Start a child that writes to a descriptor, which the caller closes.

        Raises:
            ScriptError: The program cannot be started.
        """
        ...


def check_interpreter(python: str, environment: Mapping[str, str]) -> None:
    """Check, before a batch begins, that there is an interpreter for its trials.

    Args:
        python: A path, or a name that is looked up; empty for our own interpreter.
        environment: The environment of the trials.

    Raises:
        ScriptError: There is none.
    """
    if python and shutil.which(python, path=environment.get("PATH")) is None:
        where = "no such program" if "/" in python else "no such program on the PATH"
        if Path(python).exists():
            where = "it is not executable"
        raise ScriptError(f"{python} cannot be run: {where}; {_NAME_ONE}")


def start_fresh(request: ChildRequest, writer: int) -> Child:
    """Start a child as a new process.

    The kernel kills the child when the calling thread ends.

    Raises:
        ScriptError: The program cannot be started.
        StoreAccessError: Its directory cannot be entered.
    """
    environment = {
        **request.environment,
        PARENT_VARIABLE: str(os.getpid()),
        PEAK_VARIABLE: str(request.peak_file),
    }
    argv = request.argv
    if request.has_secrets:
        argv, hidden = argv[:N_SHOWN], argv[N_SHOWN:]
        environment[ARGUMENTS_VARIABLE] = json.dumps(hidden)
    try:
        process = subprocess.Popen(
            argv,
            cwd=request.directory,
            env=environment,
            stdin=None if request.has_terminal_input else subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
            start_new_session=True,
        )
    except OSError as error:
        if error.filename == str(request.directory):
            with explained("run in", request.directory):
                raise
        mend = _MENDS.get(error.errno or 0, _NAME_ONE)
        raise ScriptError(f"{argv[0]} cannot be run: {error.strerror}; {mend}") from error
    return FreshChild(process)


class FreshChild(ExitWatch):
    """A child of this process."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        super().__init__(process.pid)
        self._process = process

    def reap(self) -> Exit:
        """Wait for the child's end and return it."""
        ended = super().reap()
        code = ended.code if ended.code is not None else -(ended.signal or 0)
        self._process.returncode = code  # otherwise Popen would wait for it again
        return ended
