"""What it costs to read lines of output: microseconds a line, by kind of line.

python benchmarks/reach/cost.py
"""

import statistics
import sys
import time
from collections.abc import Callable

from tunesmith.output.scalars import OutputScalars

N_LINES = 100_000
ROUNDS = 3
_WORDS = ("the", "model", "has", "seen", "more", "data", "and", "writes", "of", "it", "today")

KINDS: dict[str, Callable[[int], str]] = {
    "loss: 0.1": lambda n: f"loss: {n / 7:.4f}",
    "own loop": lambda n: f"Epoch {n}/100 | Train Loss: {n / 7:.4f} | Val Loss: {n / 9:.4f}",
    "phases": lambda n: f"{'train' if n % 2 else 'valid'}: loss={n / 7:.4f} acc={n / 9:.4f}",
    "logging": lambda n: f"2026-03-02 10:11:{n % 60:02} INFO step {n} loss={n / 7:.4f}",
    "progress bar": lambda n: f"{n % 100}%|##  | {n % 100}/100 [00:01<00:01, 9it/s, loss={n / 7}]",
    "dict": lambda n: f"{{'loss': {n / 7:.4f}, 'learning_rate': 0.001, 'epoch': {n}.0}}",
    "nothing": lambda n: f"worker {n % 7} took batch {n} of the queue in {n % 90} ms",
    "prose": lambda n: " ".join(_WORDS[(n * k) % len(_WORDS)] for k in range(1, n % 11 + 2)),
    "all new": lambda n: f"note-{'abcdefghij'[n % 10] * (n % 997)} is {n} and acc {n / 9:.3f}",
}


def main() -> int:
    """Print the time of each kind, the median of some rounds."""
    total = 0.0
    for kind, line_of in KINDS.items():
        lines = [line_of(n) for n in range(N_LINES)]
        spent = []
        for _ in range(ROUNDS):
            scalars = OutputScalars(flag_names=("lr",), wanted=("loss",))
            began = time.process_time()
            for line in lines:
                scalars.feed(line, 0.0)
            spent.append(time.process_time() - began)
        total += statistics.median(spent)
        print(f"{kind:14} {statistics.median(spent) / N_LINES * 1e6:6.2f} µs a line")
    print(f"{'all':14} {total / N_LINES / len(KINDS) * 1e6:6.2f} µs a line")
    return 0


if __name__ == "__main__":
    sys.exit(main())
