"""A problem of the benchmark: flags to choose, and what a choice costs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from tabulated import least_of_sample

from tunesmith.flags.coerce import read_typed
from tunesmith.flags.definition import FlagDefinition, FlagType
from tunesmith.flags.settings import Setting
from tunesmith.flags.values import Flags
from tunesmith.search.space import SearchSpace


class Group(StrEnum):
    """What a problem is for."""

    DESIGN = "design"
    """Looked at while an optimizer is built, so it proves little of it afterwards."""
    EXTRA = "extra"
    """Kinds of spaces and failures that the design problems have not."""
    WIDE = "wide"
    """Many flags: what ``auto`` takes there is decided on them."""
    BLIND = "blind"
    """Kinds on which a search by Gaussian processes has been weak."""
    HELD_OUT = "held_out"
    """Run once an optimizer is finished, and never to choose between its variants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something to minimize."""

    name: str
    settings: Mapping[str, str]
    """What each flag may be, in Tunesmith's own language."""
    value: Callable[[Flags], float | None]
    """The noise-free value at a point; None where the trial fails."""
    minimum: float | Callable[[], float] | None
    """The least noise-free value, or what finds it; None where only a large sample tells."""
    integers: frozenset[str] = frozenset()
    """The flags that take whole numbers only, whatever their setting looks like."""
    noise_sd: float = 0.0
    group: Group = Group.DESIGN

    @property
    def space(self) -> SearchSpace:
        """The search space that the settings span."""
        return SearchSpace.from_settings(
            {name: self._setting(name, text) for name, text in self.settings.items()}
        )

    @property
    def least(self) -> float:
        """The known minimum, or the best of ``least_of_sample``."""
        if self.minimum is None:
            return least_of_sample(self.name, self.space, self.value)
        return self.minimum() if callable(self.minimum) else self.minimum

    def cost(self, flags: Flags, rng: np.random.Generator) -> float | None:
        """Return what a trial reports, with its noise; None where it fails."""
        value = self.value(flags)
        return None if value is None else value + self.noise_sd * float(rng.standard_normal())

    def regret(self, flags: Flags) -> float | None:
        """Return how far the noise-free value lies above ``least``; None where it fails.

        Below 0 where ``least`` is that of a sample, and the point is better than all of it.
        """
        value = self.value(flags)
        return None if value is None else value - self.least

    def _setting(self, name: str, text: str) -> Setting:
        flag_type = FlagType.INT if name in self.integers else FlagType.ANY
        return read_typed(FlagDefinition(name=name, type=flag_type), text)


def number_of(flags: Flags, name: str) -> float:
    """Return the value of a flag that is a number."""
    value = flags[name]
    if not isinstance(value, int | float):
        raise TypeError(f"{name} is {value!r}, which is no number")
    return float(value)


def box(
    name: str,
    function: Callable[[np.ndarray], float],
    bounds: list[tuple[float, float]],
    minimum: float,
) -> Problem:
    """Return the problem of a function of floats ``x1``, ``x2``, …

    Args:
        name: The problem's name.
        function: Takes an array with one number a flag.
        bounds: The interval of each flag, both ends included.
        minimum: The function's least value.
    """
    names = [f"x{i}" for i in range(1, len(bounds) + 1)]
    texts = [f"[{float(low)!r}:{float(high)!r}]" for low, high in bounds]

    def value(flags: Flags) -> float:
        return float(function(np.array([flags[name] for name in names], dtype=float)))

    settings = dict(zip(names, texts, strict=True))
    return Problem(name=name, settings=settings, value=value, minimum=minimum)


def with_failures(problem: Problem, share_below: float) -> Problem:
    """Return the problem, failing where the mean of the unit coordinates is too large.

    Args:
        problem: Its minimum has to lie where no trial fails.
        share_below: The largest mean that does not fail.
    """
    space = problem.space

    def value(flags: Flags) -> float | None:
        units = space.to_units(flags)
        is_failed = units is not None and float(np.mean(units)) > share_below
        return None if is_failed else problem.value(flags)

    return replace(problem, name=f"{problem.name}-fails", value=value, group=Group.EXTRA)
