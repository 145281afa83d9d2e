"""Kills the registered process groups when whoever started it is gone: standard library only.

Reads lines from stdin: ``+PGID`` registers a group, ``-PGID`` takes it back. At the end of the
input it kills what is registered, and every process whose environment holds the marker.
"""

import os
import signal
import sys


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
        signal_marked(marker.encode())


def signal_marked(marker):
    # type: (bytes) -> None
    """Kill what left its group, where the system shows the environments of processes."""
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return
    for pid in pids:
        try:
            with open("/proc/" + pid + "/environ", "rb") as file:
                if marker in file.read().split(b"\0") and int(pid) != os.getpid():
                    os.kill(int(pid), signal.SIGKILL)
        except OSError:
            continue


if __name__ == "__main__":
    main(sys.argv[1])
