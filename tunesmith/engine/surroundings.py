"""What surrounds a process: what it hands on to those that it starts.

A command reads it before it knows whether the engine runs it, so little is imported here.
"""

import os
import resource
import signal
import sys
from collections.abc import Sequence
from typing import Any

CONTROL_GROUP = "/proc/self/cgroup"
LIMITS = sorted({value for name, value in vars(resource).items() if name.startswith("RLIMIT_")})
_UNHANDLED = (signal.SIGKILL, signal.SIGSTOP)


def surroundings(arguments: Sequence[str], *, identity: str) -> dict[str, Any]:
    """Return the fields of the ``Caller`` that this process is.

    Args:
        arguments: Those of the command.
        identity: What ``installation.identity`` returned.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    return {
        "identity": identity,
        "arguments": list(arguments),
        "argv": list(sys.argv),
        "path": list(sys.path),
        "environment": dict(os.environ),
        "umask": mask,
        "limits": [(which, *resource.getrlimit(which)) for which in LIMITS],
        "ignored": [one for one in signals() if signal.getsignal(one) == signal.SIG_IGN],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "processors": sorted(os.sched_getaffinity(0)),
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "control_group": control_group(),
    }


def signals() -> list[int]:
    """Return the signals that a process may handle."""
    return sorted(int(one) for one in signal.valid_signals() if one not in _UNHANDLED)


def control_group() -> str:
    """Return the control group of this process, as Linux writes it; empty where it has none."""
    try:
        with open(CONTROL_GROUP, encoding="utf-8") as file:  # noqa: PTH123 - pathlib takes longer
            return file.read()
    except OSError:
        return ""
