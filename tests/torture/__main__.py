"""The store under attack: ``python -m tests.torture`` from the root of the repository.

Every round has a seed, which repeats it as far as the machine's own timing lets it. Where a
promise of ``docs/reliability.md`` is broken, the round's seed is said, its store is left, and the
exit code is 1.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.campaign import Attack, Row, run_rounds, save, table
from tests.torture.commands import Commands
from tests.torture.damage import Damage
from tests.torture.faults import Faults
from tests.torture.kills import Kills
from tests.torture.power import PowerCuts
from tests.torture.rivals import Rivals
from tunesmith.storage.records.records import preload_parquet

_IN_MEMORY = "/dev/shm"


def main() -> int:
    options = read_options()
    preload_parquet()  # in this process, so that none of its thousands of children has to
    folder = Path(options.folder or tempfile.mkdtemp(prefix="torture-", dir=_memory()))
    deadline = time.monotonic() + 60 * options.minutes
    rows = []
    attacks = chosen(options)
    for place, (attack, goal) in enumerate(attacks):
        row, now = Row(name=attack.name, unit=attack.unit), time.monotonic()
        until = now + (deadline - now) / (len(attacks) - place)  # none takes the others' time
        run_rounds(attack, options.seed, goal=goal, deadline=until, folder=folder, row=row)
        rows.append(row)
        if not options.quiet:
            print(table([row]).splitlines()[-1], file=sys.stderr, flush=True)
    print(table(rows))
    has_failed = any(row.failed for row in rows)
    if options.folder or has_failed:
        save(folder / "counts.json", rows)
    else:
        shutil.rmtree(folder)
    return int(has_failed)


def _memory() -> str | None:
    """Return a file system in memory: what is simulated here needs no disk, and waits for none."""
    return _IN_MEMORY if Path(_IN_MEMORY).is_dir() else None


def chosen(options: argparse.Namespace) -> list[tuple[Attack, int]]:
    """Return the attacks that are asked for, each with how many there shall be."""
    every: list[tuple[Attack, int]] = [
        (Kills(options.kills), options.kills),
        (PowerCuts(options.cuts), options.cuts),
        (Faults(), options.faults),
        (Rivals(), options.races),
        (Damage(options.damages), options.damages),
        (Commands(), options.commands),
    ]
    return [(attack, goal) for attack, goal in every if goal]


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=3000, help="of processes (3000)")
    parser.add_argument("--cuts", type=int, default=1000, help="of the power (1000)")
    parser.add_argument("--faults", type=int, default=1500, help="of the system's calls (1500)")
    parser.add_argument("--damages", type=int, default=1000, help="of files (1000)")
    parser.add_argument("--races", type=int, default=200, help="for a lease (200)")
    parser.add_argument("--commands", type=int, default=20, help="that are killed (20)")
    parser.add_argument("--minutes", type=float, default=60.0, help="at most, for all (60)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round (1)")
    parser.add_argument("--folder", help="where the stores are (in memory)")
    parser.add_argument("--quiet", action="store_true", help="say nothing before the table")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
