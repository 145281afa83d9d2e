"""What a Gaussian process is fitted to: a search's trials as rows of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.fit import Fit, fit
from tunesmith.search.gp.kernel import Array, Mask
from tunesmith.search.gp.outliers import tamed
from tunesmith.search.gp.prior import Prior
from tunesmith.search.gp.targets import Targets
from tunesmith.search.optimizer import Observation
from tunesmith.search.space import SearchSpace

Margins = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """The trials of a search space: results, failures, and trials that are running."""

    cube: Cube
    rows: Array
    """Shape (n, d): the trials with a result."""
    targets: Targets
    numbers: tuple[int, ...]
    """Shape (n,): the trials' numbers, 0 for those of other batches and those beyond the space.
    One that stands for several runs is there as often."""
    is_inside: Mask
    """Shape (n,): which of them lie in the space; the others are beyond the end of a range, which
    was wider when they ran. They tell of their surroundings, and are nothing to improve on."""
    holds: Mask
    """Shape (n,): which of those inside meet all constraints; all of them without any."""
    failed: Array
    """Shape (f, d): the trials without one."""
    causes: tuple[str, ...]
    """Shape (f,): why they have none."""
    margins: Array
    """Shape (n + f, k): how far each constraint is missed, at most 0 where it is met, of the
    trials with a result and then of those without; NaN where that is not known."""
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
        """Return the trials of the space; None where none within it has a result."""
        cube = Cube(space)
        results, numbers, failed, causes = [], [], [], []
        is_inside: list[bool] = []
        margins: tuple[list[Margins], list[Margins]] = ([], [])
        costs: list[float] = []
        seconds: list[float] = []
        for trial in trials:
            row, is_in = cube.row(trial.flags), True
            if row is None and trial.number > 0 and trial.cost is not None:
                row, is_in = cube.row_beyond(trial.flags), False
            if row is None:
                continue
            if trial.cost is None:
                failed.append(row)
                causes.append(trial.cause)
                margins[1].append(trial.margins)
                continue
            is_timed = trial.number > 0 and trial.seconds is not None
            for cost in trial.results or (trial.cost,):  # the model averages over noise by itself
                results.append(row)
                margins[0].append(trial.margins)
                costs.append(cost)
                is_inside.append(is_in)
                numbers.append(trial.number if is_in else 0)
                seconds.append(trial.seconds or 0.0 if is_timed else np.nan)
        if not any(is_inside):
            return None
        running = (row for flags in pending if (row := cube.row(flags)) is not None)
        d = len(cube.dimensions)
        return cls(
            cube=cube,
            rows=np.array(results),
            targets=Targets.of(tamed(np.array(costs, dtype=float))),
            numbers=tuple(numbers),
            is_inside=np.array(is_inside),
            holds=np.array(is_inside) & [all(map(_is_met, of)) for of in margins[0]],
            failed=np.array(failed).reshape(-1, d),
            causes=tuple(causes),
            margins=_table([*margins[0], *margins[1]]),
            pending=np.array(list(running)).reshape(-1, d),
            seconds=np.array(seconds, dtype=float),
        )

    @property
    def ranked_targets(self) -> Array:
        """Shape (n,): the targets; infinite of trials that do not hold, where others do."""
        if self.holds.all() or not self.holds.any():
            return self.targets.values
        return np.where(self.holds, self.targets.values, np.inf)

    def fit(self, rows: Array, targets: Array, priors: Sequence[Prior]) -> list[Fit]:
        """Return the most probable hyper-parameters of targets (n,) at rows (n, d), by prior."""
        cube = self.cube
        return fit(rows, targets, cube.is_categorical, priors, is_deciding=cube.is_deciding)


def _is_met(margin: float | None) -> bool:
    return margin is not None and margin <= 0.0


def _table(margins: Sequence[Margins]) -> Array:
    """Return the margins of trials, shape (n, k); a trial without any is unknown in all."""
    k = max(map(len, margins), default=0)
    rows = [[np.nan if one is None else one for one in of] or [np.nan] * k for of in margins]
    return np.array(rows, dtype=float).reshape(len(margins), k)
