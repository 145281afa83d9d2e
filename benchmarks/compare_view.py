"""How long the interactive comparison takes to its first paint, with 100 and with 100,000 runs.

It starts ``tunesmith compare`` in a pseudo-terminal and waits until a row is on the screen.

    python benchmarks/compare_view.py [--rounds 5]
"""

import argparse
import fcntl
import os
import pty
import re
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from made_store import make_store

ROW = re.compile(rb"\x1b\[\?1049h.*runs  row 1", re.DOTALL)
"""The other screen of the terminal, and the line above the rows."""


def first_paint(home: Path) -> float:
    """Return the seconds from the start to the first row on the screen."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(
            sys.executable, [sys.executable, "-m", "tunesmith", "compare", "--home", str(home)]
        )
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    seen = b""
    while not ROW.search(seen):
        seen += os.read(terminal, 65536)
    took = time.perf_counter() - began
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--batches", type=int, default=100, help="of 1,000 trials, in the large store"
    )
    arguments = parser.parse_args()
    rounds = arguments.rounds
    # in memory, where the 100,000 trials are durable without waiting for a disk
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        sizes = {
            "100 runs": (1, 100),
            f"{arguments.batches * 1000:,} runs": (arguments.batches, 1000),
        }
        homes = {name: Path(folder) / str(n) / ".tunesmith" for name, (n, _) in sizes.items()}
        for name, (n_batches, n_trials) in sizes.items():
            make_store(homes[name], n_batches=n_batches, n_trials=n_trials)
        times: dict[str, list[float]] = {name: [] for name in homes}
        for _ in range(rounds):
            for name, home in homes.items():
                times[name].append(first_paint(home))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in medians.items():
        print(f"first paint, {name}: {seconds:.2f} s (median of {rounds})")
    small, large = medians.values()
    print(f"ratio: {large / small:.2f} (allowed: 3)")


if __name__ == "__main__":
    main()
