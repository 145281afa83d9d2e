"""The results on disk: one small JSON a run, written whole or not at all."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schedule import Mode, Result

from tunesmith.flags.values import to_plain

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One search: what was searched, by what, from which seed."""

    problem: str
    method: str
    seed: int
    mode: Mode

    def path(self, folder: Path) -> Path:
        """Return the run's file below the folder of results."""
        method = self.method.replace(":", "_")
        return folder / self.mode.name / f"{self.problem}--{method}--{self.seed}.json"


def write_run(run: Run, results: Iterable[Result], folder: Path, n_trials: int) -> None:
    """Write a run's results, in the order in which its trials finished."""
    path = run.path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "problem": run.problem,
        "method": run.method,
        "seed": run.seed,
        "mode": run.mode.name,
        "asked_trials": n_trials,
        "trials": [_plain(result) for result in results],
    }
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(document))
    part.replace(path)


def read_trials(run: Run, folder: Path, n_trials: int) -> list[dict[str, Any]] | None:
    """Return a run's trials in the order of finishing; None where it has not run so long."""
    path = run.path(folder)
    if not path.exists():
        return None
    document = json.loads(path.read_text())
    trials: list[dict[str, Any]] = document["trials"]
    return trials[:n_trials] if document["asked_trials"] >= n_trials else None


def incumbent_regrets(trials: list[dict[str, Any]]) -> list[float]:
    """Return after each trial the noise-free regret of the best observed so far.

    Infinite before the first trial that did not fail.
    """
    regrets, lowest, regret = [], float("inf"), float("inf")
    for trial in trials:
        if trial["cost"] is not None and trial["cost"] < lowest:
            lowest, regret = trial["cost"], trial["regret"]
        regrets.append(regret)
    return regrets


def _plain(result: Result) -> dict[str, Any]:
    return {
        "number": result.number,
        "flags": {name: to_plain(value) for name, value in result.flags.items()},
        "cost": result.cost,
        "regret": result.regret,
        "cpu_s": round(result.cpu_s, 6),
    }
