"""SIGKILL of whole commands: ``tunesmith run`` and ``--restart``, with Prefect and real trials.

Few, since each takes seconds: they show that the commands keep what the storage layer promises.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.torture.campaign import Outcome

_N_TRIALS = 12
_MOST_KILLS = 6
_SCRIPT = "x = 0\nprint(f'loss: {x * x / 7}')\n"


class Commands:
    """The command itself is killed, until its batch is done."""

    name = "kill -9 of commands"
    unit = "commands"

    def run_round(self, seed: int, folder: Path) -> Outcome:
        """Run one grid to its end, with a kill at a random moment of each command."""
        chance, outcome = random.Random(seed), Outcome()
        (folder / "train.py").write_text(_SCRIPT)
        (folder / "pyproject.toml").touch()
        (folder / "data").mkdir()
        command = ["run", "train.py", f"x=range[1:{_N_TRIALS}]", "-yq"]
        kept: dict[int, tuple[int, float]] = {}
        while len(kept) < _N_TRIALS and outcome.attacks < _MOST_KILLS:
            outcome.attacks += _kill(folder, command, chance)
            now = _finished(folder)
            outcome.broken += _changed(kept, now)
            kept = now
            if list(folder.glob(".tunesmith/batches/*.json")):
                command = ["run", "--restart", "train.py+", "-yq"]
        done = _call(folder, *command)
        final = _finished(folder)
        _call(folder, "server", "stop")
        outcome.broken += _changed(kept, final)
        outcome.acknowledged = len(final)
        if sorted(final) != list(range(1, _N_TRIALS + 1)):
            outcome.broken.append(f"restart: {sorted(final)} have ended: {done.stderr}")
        wrong = [n for n, (_, loss) in final.items() if loss != n * n / 7]
        outcome.broken += [f"exact: trials {wrong} have other values"] if wrong else []
        return outcome


def _kill(folder: Path, command: list[str], chance: random.Random) -> int:
    """Start a command and kill it some time after its first sign of work; return whether."""
    process = subprocess.Popen(
        _argv(*command),
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    before = _signs(folder)
    while process.poll() is None and _signs(folder) == before:
        time.sleep(0.01)
    time.sleep(chance.uniform(0.0, 2.0))
    was_alive = process.poll() is None
    process.kill()
    process.wait()
    return int(was_alive)


def _signs(folder: Path) -> int:
    return len(list(folder.glob(".tunesmith/batches/*.json")))


def _finished(folder: Path) -> dict[int, tuple[int, float]]:
    """Return attempt and objective of the completed trials, by number, as the list shows them."""
    if not (folder / ".tunesmith" / "STORE.json").exists():
        return {}
    rows = json.loads(_call(folder, "runs", "--all", "--json").stdout)
    return {
        row["number"]: (row["attempt"], row["scalars"]["loss"]["last"])
        for row in rows
        if row["number"] and row["status"] == "completed"
    }


def _changed(kept: dict[int, tuple[int, float]], now: dict[int, tuple[int, float]]) -> list[str]:
    return [
        f"kept: trial {number} was {row}, is {now.get(number)}"
        for number, row in kept.items()
        if now.get(number) != row
    ]


def _call(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        _argv(*arguments),
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def _argv(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tunesmith", *arguments]


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing of the user's is found; the server is its own."""
    root, data = str(Path(__file__).parents[2]), str(folder / "data")
    places = {"HOME": data, "XDG_DATA_HOME": data, "TUNESMITH_HOME": str(folder)}
    return {**os.environ, **places, "PYTHONPATH": root}
