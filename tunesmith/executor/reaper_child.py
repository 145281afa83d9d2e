"""Kills the registered process groups when whoever started it is gone: standard library only.

Reads lines from stdin: ``+PGID`` registers a group, ``-PGID`` takes it back. At the end of the
input it kills what is registered, and every process whose environment holds the marker.
"""

import os
import signal
import sys
import time

N_QUIET = 5
LOOK_AGAIN_S = 0.01
MOST_S = 5.0


def main(marker):
    # type: (str) -> None
    """Listen until stdin ends, then kill what is left."""
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
    """Kill what left its group, until several looks find nothing.

    A process shows no environment while its program is started, and one may start another just
    before it is killed.
    """
    n_quiet, deadline = 0, time.monotonic() + MOST_S
    while n_quiet < N_QUIET and time.monotonic() < deadline:
        n_quiet = 0 if signal_marked(marker) else n_quiet + 1
        time.sleep(LOOK_AGAIN_S)


def signal_marked(marker):
    # type: (bytes) -> bool
    """Kill what the system shows with a variable; return whether there was anything."""
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
    """Kill a process that has the variable still: its number may be another's since the look."""
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
