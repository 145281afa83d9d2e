"""What a command took, with everything that it started: wall time, processor time, memory."""

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one command took."""

    wall_s: float
    cpu_s: float
    """Of all its processes that were waited for."""
    peak_bytes: int
    """Of the largest of them; Linux counts this process's own at the start, so keep that small."""


def spend(argv: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Spent:
    """Run a command to its end and return what it took.

    Raises:
        RuntimeError: It failed.
    """
    stderr = folder / ".stderr"
    with (folder / ".stdout").open("wb") as out, stderr.open("wb") as talk:
        began = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=talk
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{argv[0]} failed: {stderr.read_text(errors='replace')[-500:]}")
    return Spent(
        wall_s=wall_s,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
    )


def waited_for_s(pid: int) -> float:
    """Return the processor seconds of the children that a process has waited for; 0 of none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def load() -> str:
    """Return what else the machine does, as its load averages."""
    return " ".join(f"{one:.1f}" for one in os.getloadavg())
