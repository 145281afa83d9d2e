"""How long commands take from a cold start, beside the least that a process of the kind can take.

The commands are run in turn, many times, so that whatever else the machine does hits all of them
alike; the figures are medians. Byte code is compiled first: it is, after an installation.
"""

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from made_store import make_store

ROUNDS = 21
N_BATCHES = 100
N_TRIALS = 100
EMPTY_CLICK = "import click; click.command(lambda: None)(['--help'])"


def main() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    import tunesmith

    compileall.compile_dir(Path(tunesmith.__file__).parent, quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder) / ".tunesmith", n_batches=N_BATCHES, n_trials=N_TRIALS)
        program = str(Path(sys.executable).with_name("tunesmith"))
        commands = {
            "python -c 'import sqlite3'": [sys.executable, "-c", "import sqlite3"],
            "empty click --help": [sys.executable, "-c", EMPTY_CLICK],
            "tunesmith --help": [program, "--help"],
            "tunesmith runs": [program, "runs"],
            "tunesmith compare --table 1:20": [program, "compare", "--table", "1:20"],
        }
        times = measure(commands, Path(folder), environment)
    report(times)


def measure(
    commands: dict[str, list[str]], folder: Path, environment: dict[str, str]
) -> dict[str, float]:
    """Return the median wall time of each command in seconds, after one round to warm up."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS + 1):
        for name, argv in commands.items():
            began = time.perf_counter()
            subprocess.run(argv, cwd=folder, env=environment, check=True, capture_output=True)
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds[1:]) for name, seconds in times.items()}


def report(times: dict[str, float]) -> None:
    for name, seconds in times.items():
        print(f"{seconds * 1000:8.0f} ms  {name}")
    base, click = times["python -c 'import sqlite3'"], times["empty click --help"]
    allowed = 3 * base + 0.05
    print(f"--help: {times['tunesmith --help'] / click:.2f} x an empty click program (at most 2)")
    print(
        f"runs on {N_BATCHES * (N_TRIALS + 1)} runs: {times['tunesmith runs'] * 1000:.0f} ms, "
        f"allowed 3 x import sqlite3 + 50 ms = {allowed * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
