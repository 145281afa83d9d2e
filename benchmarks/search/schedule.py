"""The order in which trials are asked and told: one by one, in batches, or as workers finish."""

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from methods import Tuner
from problem import Problem

from tunesmith.flags.values import Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """How many trials run at once, and whether they wait for one another."""

    n_at_once: int = 1
    is_asynchronous: bool = False

    @classmethod
    def from_name(cls, name: str) -> "Mode":
        """Return the mode that ``name`` gave."""
        number = "".join(c for c in name if c.isdigit())
        return cls(n_at_once=int(number or 1), is_asynchronous=name.startswith("asynchronous"))

    @property
    def name(self) -> str:
        """``sequential``, ``batch4``, ``asynchronous2``."""
        if self.n_at_once == 1:
            return "sequential"
        return f"{'asynchronous' if self.is_asynchronous else 'batch'}{self.n_at_once}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One finished trial."""

    number: int
    """Counts from 1 in the order of asking; results are kept in the order of finishing."""
    flags: Flags
    cost: float | None
    regret: float | None
    cpu_s: float
    """CPU seconds of its proposal and of telling its cost."""


class Session:
    """One search on one problem, and its results so far."""

    def __init__(self, problem: Problem, tuner: Tuner, seed: int) -> None:
        self.results: list[Result] = []
        self._problem, self._tuner, self._seed = problem, tuner, seed
        self._asked: list[tuple[Flags, float]] = []

    def ask(self, n: int) -> list[int]:
        """Return the numbers of up to ``n`` new trials."""
        points, cpu_s = _timed(lambda: self._tuner.ask(n))
        first = len(self._asked) + 1
        self._asked += [(flags, cpu_s / len(points)) for flags in points]
        return list(range(first, len(self._asked) + 1))

    def finish(self, numbers: list[int]) -> None:
        """Run trials, tell what they cost, and keep the results."""
        costs = {number: self._cost(number) for number in numbers}
        _, cpu_s = _timed(lambda: self._tuner.tell(costs))
        for number, cost in costs.items():
            flags, ask_cpu_s = self._asked[number - 1]
            result = Result(
                number=number,
                flags=flags,
                cost=cost,
                regret=self._problem.regret(flags),
                cpu_s=ask_cpu_s + cpu_s / len(costs),
            )
            self.results.append(result)

    def _cost(self, number: int) -> float | None:
        # by number, so that two methods have the same noise whatever they ask
        rng = np.random.default_rng([self._seed, number])
        return self._problem.cost(self._asked[number - 1][0], rng)


def run_trials(session: Session, mode: Mode, n_trials: int, seed: int) -> None:
    """Run trials until there are ``n_trials`` results, or nothing is left to propose."""
    if mode.is_asynchronous:
        _run_asynchronously(session, mode.n_at_once, n_trials, seed)
        return
    while len(session.results) < n_trials:
        numbers = session.ask(min(mode.n_at_once, n_trials - len(session.results)))
        if not numbers:
            return
        session.finish(numbers)


def _run_asynchronously(session: Session, n_workers: int, n_trials: int, seed: int) -> None:
    """Ask for one trial whenever a worker is free; how long each takes is drawn from the seed."""
    rng = np.random.default_rng([seed, 0, 1])
    running: list[tuple[float, int]] = []
    now, n_asked = 0.0, 0
    while True:
        while len(running) < n_workers and n_asked < n_trials:
            numbers = session.ask(1)
            if not numbers:
                break
            n_asked += 1
            heapq.heappush(running, (now + float(rng.lognormal(sigma=0.7)), numbers[0]))
        if not running:
            return
        now, number = heapq.heappop(running)
        session.finish([number])


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call gives, and its CPU seconds in all threads."""
    began = time.process_time()
    given = call()
    return given, time.process_time() - began
