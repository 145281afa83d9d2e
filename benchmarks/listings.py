"""How long lists take on stores of 1,000, 10,000 and 100,000 runs, and how much memory.

    python benchmarks/listings.py [--sizes 1000 10000 100000] [--rounds 5]

Beside them stands ``python -c pass``, in turn with them. The index is there, as it is after any
list; ``first list`` is the one that makes it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from spent import Spent, load, middle, spend

TUNESMITH = [sys.executable, "-m", "tunesmith"]
COMMANDS = {
    "runs": ["runs"],
    "compare --table": ["compare", "--table"],
    "  --min loss --top 3": ["compare", "--table", "--min", "loss", "--top", "3"],
    "compare --csv": ["compare", "--csv", "-"],
}
N_TRIALS = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load {load()}")
    print(f"{'':22} {'wall ms':>8} {'least':>7} {'CPU ms':>7} {'x pass':>7} {'peak MB':>8}")
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=memory) as name:
            folder = Path(name)
            make(folder / ".tunesmith", size)
            first = spend([*TUNESMITH, "runs"], folder, environment)
            found = measure(options.rounds, folder, environment)
        report(size, first, found)


def make(home: Path, size: int) -> None:
    """Make a store in a process of its own: Linux counts this one's memory to its children's."""
    program = str(Path(__file__).with_name("made_store.py"))
    shape = [max(1, size // N_TRIALS), min(size, N_TRIALS)]
    subprocess.run([sys.executable, program, str(home), *map(str, shape)], check=True)


def measure(rounds: int, folder: Path, environment: dict[str, str]) -> dict[str, list[Spent]]:
    found: dict[str, list[Spent]] = {}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            empty = spend([sys.executable, "-c", "pass"], folder, environment)
            found.setdefault("python -c pass", []).append(empty)
            spent = spend([*TUNESMITH, *arguments], folder, environment)
            found.setdefault(name, []).append(spent)
    return found


def report(size: int, first: Spent, found: dict[str, list[Spent]]) -> None:
    print(f"{size:,} runs (load {load()})")
    empty = middle([one.wall_s for one in found["python -c pass"]])
    for name, all_ in {**found, "first list": [first]}.items():
        wall = middle([one.wall_s for one in all_])
        print(
            f"{name:22} {1000 * wall:8.0f} {1000 * min(one.wall_s for one in all_):7.0f} "
            f"{1000 * middle([one.cpu_s for one in all_]):7.0f} {wall / empty:7.1f} "
            f"{max(one.peak_bytes for one in all_) / 2**20:8.0f}"
        )


if __name__ == "__main__":
    main()
