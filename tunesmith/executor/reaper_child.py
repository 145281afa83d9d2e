"""Kills the registered process groups when its parent is gone: standard library only.

Reads lines from stdin: ``+PGID`` registers a group, ``-PGID`` removes it. At the end of the input
it kills the registered groups, and every process with the marker in its environment.
"""

import os
import signal
import sys
import time

N_QUIET = 5
"""Searches without a result after which nothing is left."""
LOOK_AGAIN_S = 0.01
"""Seconds between two searches."""
MOST_S = 5.0
"""Seconds after which the search ends, whatever it finds."""


def main(marker):
    # type: (str) -> None
    """Read stdin to its end, then kill what is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    groups = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except OSError:
            pass
    if groups and marker:
        end_marked(marker.encode())


def end_marked(marker):
    # type: (bytes) -> None
    """Kill processes that left their group, until several searches find none.

    A process within ``exec`` shows no environment, and one may start another just before it is
    killed.
    """
    n_quiet, deadline = 0, time.monotonic() + MOST_S
    while n_quiet < N_QUIET and time.monotonic() < deadline:
        n_quiet = 0 if signal_marked(marker) else n_quiet + 1
        time.sleep(LOOK_AGAIN_S)


def signal_marked(marker):
    # type: (bytes) -> bool
    """Kill the processes with a variable; return whether there were any."""
    found = False
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return False
    for pid in pids:
        try:
            if int(pid) != os.getpid() and has_marker(pid, marker):
                found = True
                kill_marked(int(pid), marker)
        except OSError:
            continue
    return found


def has_marker(pid, marker):
    # type: (str, bytes) -> bool
    """Return whether a process has the variable in its environment."""
    with open("/proc/" + pid + "/environ", "rb") as file:
        return marker in file.read().split(b"\0")


def kill_marked(pid, marker):
    # type: (int, bytes) -> None
    """Kill a process that still has the variable: its id may have been reused meanwhile."""
    if not hasattr(os, "pidfd_open"):
        os.kill(pid, signal.SIGKILL)
        return
    descriptor = os.pidfd_open(pid)
    try:
        if has_marker(str(pid), marker):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    main(sys.argv[1])
