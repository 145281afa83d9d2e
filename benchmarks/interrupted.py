"""Does a search that is killed again and again propose what it would have proposed?

Runs one search in peace and the same one with SIGKILL at random moments, each followed by
``--restart``, and compares every flag of every trial, to the bit.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from own_server import TUNESMITH, own_server

SCRIPT = """\
import math
x = 0.0
y = 0.0
kind = "a"
print("loss:", math.sin(5 * x) * (1 - math.tanh(x * x)) + (y - 0.3) ** 2 + (kind == "b"))
"""
FLAGS = ["x=[-2.0:2.0]", "y=[-1.0:1.0]", "kind=[a,b]"]
MOST_AFTER = 4
"""Trials that end, at most, between a start and the kill."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=60, help="of each search (60)")
    parser.add_argument("--kills", type=int, default=20, help="of the second search (20)")
    parser.add_argument("--optimizer", default="gp", help="(gp)")
    parser.add_argument("--seed", type=int, default=1, help="of the search and the moments (1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, own_server(Path(folder)) as surroundings:
        os.environ.update(surroundings)
        project = Path(folder, "project")
        project.mkdir()
        (project / "train.py").write_text(SCRIPT)
        (project / "pyproject.toml").touch()
        search = ["run", "train.py", *FLAGS, "-o", options.optimizer, "-m", str(options.trials)]
        command = [*search, "--random-seed", str(options.seed), "-yq"]
        peaceful = call(project, "peaceful", *command).strip()
        batch, n_killed = interrupt(project, command, options.kills, random.Random(options.seed))
        left, right = (
            trials_of(project, home, one)
            for home, one in (("peaceful", peaceful), ("interrupted", batch))
        )
    attempts = sum(row["attempt"] - 1 for row in right)
    same = [row["flags"] for row in left] == [row["flags"] for row in right]
    print(f"{len(left)} and {len(right)} trials, {n_killed} kills, {attempts} trials run again:")
    print("the same flags to the bit" if same else "DIFFERENT flags")
    return 0 if same and len(right) == options.trials else 1


def interrupt(
    project: Path, command: list[str], kills: int, moments: random.Random
) -> tuple[str, int]:
    """Run a search to its end with SIGKILLs; return its batch and how many there were."""
    n_killed, batch = 0, ""
    while n_killed < kills:
        arguments = ["run", "--restart", batch, "-yq"] if batch else command
        process = subprocess.Popen(
            [*TUNESMITH, *arguments],
            cwd=project,
            env=environment(project, "interrupted"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        goal = n_finished(project) + moments.randint(1, MOST_AFTER)
        while process.poll() is None and n_finished(project) < goal:
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 0.3))
        if process.poll() is not None:
            raise SystemExit(f"the search ended after {n_killed} kills: ask for more trials")
        process.send_signal(signal.SIGKILL)
        process.wait()
        n_killed += 1
        files = (home_of(project, "interrupted") / "batches").iterdir()
        (batch,) = {path.name.partition(".")[0] for path in files}
    call(project, "interrupted", "run", "--restart", batch, "-yq")
    return batch, n_killed


def n_finished(project: Path) -> int:
    """Return how many trials the store has."""
    home = home_of(project, "interrupted")
    return len(list(home.glob("parts/*/*.parquet")))


def trials_of(project: Path, home: str, batch: str) -> list[dict[str, Any]]:
    """Return the rows of a batch's trials, in the order of their numbers."""
    rows = json.loads(call(project, home, "runs", "--all", "--json"))
    own = [row for row in rows if row["batch"] == batch and row["number"]]
    return sorted(own, key=lambda row: row["number"])


def call(project: Path, home: str, *arguments: str) -> str:
    """Run a command to its end, and return what it answers."""
    done = subprocess.run(
        [*TUNESMITH, *arguments],
        cwd=project,
        env=environment(project, home),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def home_of(project: Path, home: str) -> Path:
    """Return a search's own store."""
    return project / home / ".tunesmith"


def environment(project: Path, home: str) -> dict[str, str]:
    """Return the environment with a store of the search's own."""
    return {**os.environ, "TUNESMITH_HOME": str(project / home)}


if __name__ == "__main__":
    sys.exit(main())
