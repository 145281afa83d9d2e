"""Runs a program that is no Python script: started by path, standard library only.

Arguments: the program and its arguments. The program is a process of its own, so that its peak of
memory can be told; it dies with this one, and this one ends as it has ended.
"""

import errno
import os
import signal
import sys

from child import (  # type: ignore[import-not-found]  # it lies beside this file
    PARENT_VARIABLE,
    PEAK_VARIABLE,
    die_with_parent,
)

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that the group gets: this process waits for what the program makes of them."""
CANNOT_RUN, NOT_FOUND = 126, 127
"""Exit codes by which a shell says so."""


def main(words):
    # type: (list[str]) -> None
    """Run the program, note its peak of memory, and end as it has ended."""
    peak = os.environ.pop(PEAK_VARIABLE, "")
    die_with_parent()
    for number in FORWARDED:
        signal.signal(number, ignore)  # a handler, which the program does not inherit
    os.environ[PARENT_VARIABLE] = str(os.getpid())
    pid = os.fork()
    if pid == 0:
        die_with_parent()
        become(words)
    status, usage = os.wait4(pid, 0)[1:]
    if peak:
        note_peak(peak, usage.ru_maxrss)
    end_as(status)


def ignore(_number, _frame):
    # type: (int, object) -> None
    """Leave a signal to the program, whose end is awaited."""


def become(words):
    # type: (list[str]) -> None
    """Become the program; end with the code of a shell if that fails."""
    try:
        try:
            os.execvp(words[0], words)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            os.execv("/bin/sh", ["sh", *words])  # as shells do with a file without a first line
    except OSError as error:
        code = NOT_FOUND if isinstance(error, FileNotFoundError) else CANNOT_RUN
        sys.stderr.write(words[0] + " cannot be run: " + str(error.strerror) + "\n")
        sys.stderr.flush()
        os._exit(code)


def note_peak(path, maximum):
    # type: (str, int) -> None
    """Write the peak memory in KiB, as the script of a Python program does."""
    try:
        with open(path, "w") as file:
            file.write(str(maximum // 1024 if sys.platform == "darwin" else maximum))
    except OSError:
        pass


def end_as(status):
    # type: (int) -> None
    """End by the same signal, or with the same exit code, as the program."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        no_core()
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))


def no_core():
    # type: () -> None
    """Leave no core of this process beside the program's own."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
