"""What a Gaussian process is fitted to: a search's trials as rows of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.outliers import tamed
from tunesmith.search.gp.targets import Targets
from tunesmith.search.optimizer import Observation
from tunesmith.search.space import SearchSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """The trials of a search space: results, failures, and trials that are running."""

    cube: Cube
    rows: Array
    """Shape (n, d): the trials with a result."""
    targets: Targets
    numbers: tuple[int, ...]
    """Shape (n,): the trials' numbers, 0 for those of other batches."""
    failed: Array
    """Shape (f, d): the trials without one."""
    pending: Array
    """Shape (p, d)."""
    seconds: Array
    """Shape (n,): what the trials took; NaN where that is not known, and of other batches, whose
    machine may have been another."""

    @classmethod
    def of(
        cls,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]] = (),
    ) -> "TrainingData | None":
        """Return the trials within the space; None where none of them has a result."""
        cube = Cube(space)
        results, numbers, failed = [], [], []
        costs: list[float] = []
        seconds: list[float] = []
        for trial in trials:
            row = cube.row(trial.flags)
            if row is None:
                continue
            if trial.cost is None:
                failed.append(row)
                continue
            results.append(row)
            costs.append(trial.cost)
            numbers.append(trial.number)
            is_timed = trial.number > 0 and trial.seconds is not None
            seconds.append(trial.seconds or 0.0 if is_timed else np.nan)
        if not results:
            return None
        running = (row for flags in pending if (row := cube.row(flags)) is not None)
        d = len(cube.dimensions)
        return cls(
            cube=cube,
            rows=np.array(results),
            targets=Targets.of(tamed(np.array(costs, dtype=float))),
            numbers=tuple(numbers),
            failed=np.array(failed).reshape(-1, d),
            pending=np.array(list(running)).reshape(-1, d),
            seconds=np.array(seconds, dtype=float),
        )
