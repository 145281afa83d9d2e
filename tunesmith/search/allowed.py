"""Points that ``--where`` allows, however few of a space they are.

Where random points hit the allowed region often enough, those are taken. Elsewhere a population
of points is brought there in steps: the half that misses the conditions by the least is kept, and
each walks at random, but never to where it would miss them by more (subset simulation; Au and
Beck, 2001, "Estimation of small failure probabilities in high dimensions by subset simulation").
So one point in a million is found, with some fifty thousand looks at the conditions.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from tunesmith.batch_conditions import conditions_text
from tunesmith.errors import SpecificationError
from tunesmith.flags.display import format_point
from tunesmith.flags.values import FlagValue
from tunesmith.search.random_units import Units, moved
from tunesmith.search.space import SearchSpace

MAX_LISTED = 20_000
"""The largest finite space whose allowed points are listed rather than looked for."""
MAX_SEARCHED = 500_000
"""The largest one that is listed where none was found: that takes some ten seconds."""
N_POPULATION = 500
MIN_HITS = 25
"""Random points of a population that have to be allowed for no more to be done: one in twenty."""
KEPT = 2
"""One in so many points of the population is kept in each step: with fewer, some parts of the
allowed region would be lost on the way."""
MAX_STEPS = 30
"""Enough for one point in a billion."""
MAX_STUCK = 4
"""Steps that gain next to nothing after which nothing is expected of further ones."""
N_MOVES = 5
"""Moves of a point from one step to the next."""
N_WALK = 20
"""Moves by which a point is led away from the one of the population that it began at."""


class AllowedPoints:
    """The allowed points of a space: all of a small finite one, a sample of another.

    It depends on the space alone, so that proposals from it do as well.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.listed = _listed(space, most=MAX_LISTED)
        """The indices of all allowed points of a small finite space; None of another one."""
        self.units: list[Units] = []
        """Coordinates of allowed points; none where none was found."""
        self.nearest: Mapping[str, FlagValue] = {}
        """The point that misses the conditions by the least; empty of a small finite space."""
        self.n_looks = 0
        """How many points were looked at."""
        self.n_hits = 0
        """How many of the first of them, ``N_POPULATION`` at random, were allowed."""
        if self.listed is None:
            self._find(np.random.default_rng(0))
        if self.listed is None and not self.units:
            self.listed = _listed(space, most=MAX_SEARCHED)

    @property
    def is_empty(self) -> bool:
        """Whether no allowed point is known."""
        return not (self.units if self.listed is None else self.listed)

    def draw(self, generator: np.random.Generator) -> dict[str, FlagValue]:
        """Return a random allowed point; there has to be one."""
        if self.listed is not None:
            return self.space.point_at(self.listed[int(generator.integers(len(self.listed)))])
        start = self.units[int(generator.integers(len(self.units)))]
        return self.space.from_units(self._walked(start, generator, most=0.0).tolist())

    def near(self, units: Sequence[float], generator: np.random.Generator) -> dict[str, FlagValue]:
        """Return an allowed point near one that is not: on the way to it from the nearest known.

        Args:
            units: Coordinates of the point; NaN where a flag is not active.
            generator: Draws the known points that are looked at.
        """
        target = np.nan_to_num(np.array(units, dtype=float), nan=0.5)
        known = [_to_units(self.space, self.draw(generator)) for _ in range(N_WALK)]
        start = min(known, key=lambda one: float(np.abs(one - target).sum()))
        low, high = 0.0, 1.0
        best = start
        for _ in range(12):
            share = (low + high) / 2
            row = start + share * (target - start)
            if self._violation(row) == 0.0:
                low, best = share, row
            else:
                high = share
        return self.space.from_units(best.tolist())

    def anew(self, generator: np.random.Generator) -> Iterator[dict[str, FlagValue]]:
        """Yield allowed points that are looked for once more, from other random points on."""
        for row, missed in zip(*self._population(generator), strict=True):
            if missed == 0.0:
                yield self.space.from_units(row.tolist())

    def _find(self, generator: np.random.Generator) -> None:
        """Keep the allowed points of a population, and the point that comes nearest."""
        population, missed = self._population(generator)
        self.units = [row for row, one in zip(population, missed, strict=True) if one == 0.0]
        closest = population[int(np.argmin(missed))]
        self.nearest = self.space.from_units(closest.tolist())

    def _population(self, generator: np.random.Generator) -> tuple[list[Units], Units]:
        """Return points that were brought towards the allowed region, and what they miss it by."""
        population = list(generator.random((N_POPULATION, len(self.space.searched))))
        missed = np.array([self._violation(row) for row in population])
        self.n_hits = int((missed == 0.0).sum())
        bound, n_stuck = np.inf, 0
        is_spread = self.n_hits >= MIN_HITS
        for _ in range(MAX_STEPS):
            if is_spread or n_stuck > MAX_STUCK:
                break
            is_spread = bound == 0.0  # one step more, in which all of them walk within it
            order = np.argsort(missed, kind="stable").tolist()
            # a walk that is stuck leaves copies of a point, which must not crowd out the others
            distinct = list({population[at].tobytes(): at for at in reversed(order)}.values())
            kept = distinct[::-1][: N_POPULATION // KEPT]
            least, bound = bound, float(missed[kept[-1]])
            n_stuck = 0 if bound < 0.9999 * least or bound == 0.0 else n_stuck + 1
            population = [
                row
                for at in kept
                for row in self._chain(population[at], generator, N_POPULATION // len(kept), bound)
            ]
            missed = np.array([self._violation(row) for row in population])
        return population, missed

    def _chain(
        self, row: Units, generator: np.random.Generator, n: int, bound: float
    ) -> Iterator[Units]:
        """Yield n places of a walk that never misses the conditions by more than a bound."""
        for _ in range(n):
            row = self._walked(row, generator, most=bound, n_moves=N_MOVES)
            yield row

    def _walked(
        self, row: Units, generator: np.random.Generator, *, most: float, n_moves: int = N_WALK
    ) -> Units:
        """Return where a walk ends that never misses the conditions by more than some number."""
        for _ in range(n_moves):
            other = moved(row, generator)
            if self._violation(other) <= most:
                row = other
        return row

    def _violation(self, row: Units) -> float:
        self.n_looks += 1
        where = self.space.where
        return 0.0 if where is None else where.violation(self.space.from_units(row.tolist()))


N_KEPT = 4
"""Spaces whose points are kept: a proposal asks many times, of one space or its parts."""
_latest: list[AllowedPoints] = []
"""Those of the spaces that were asked for, the latest first."""


def allowed_points(space: SearchSpace) -> AllowedPoints:
    """Return the allowed points of a space; for one of those asked for lately they are kept."""
    if not _latest or _latest[0].space != space:
        known = next((one for one in _latest if one.space == space), None)
        others = [one for one in _latest if one is not known]
        _latest[:] = [known or AllowedPoints(space), *others[: N_KEPT - 1]]
    return _latest[0]


def describe_allowed(space: SearchSpace) -> str:
    """Return how many points of a space are allowed, as far as that is known."""
    points = allowed_points(space)
    if points.listed is not None:
        return f"{len(points.listed)} of {space.size} points"
    tenths = round(10 * points.n_hits / N_POPULATION)
    if tenths > 5:
        return "nearly all points" if tenths == 10 else f"about {tenths} in 10 points"
    if points.n_hits >= 1:
        return f"about 1 in {round(N_POPULATION / points.n_hits)} points"
    return f"fewer than 1 in {N_POPULATION} points"


def check_allowed(space: SearchSpace) -> None:
    """Check that there is a point to propose.

    Raises:
        SpecificationError: The conditions leave none, or none was found; the message says which
            condition is missed by what comes nearest.
    """
    if space.where is None:
        return
    points = allowed_points(space)
    if not points.is_empty:
        return
    shown = conditions_text(space.where.texts)
    if points.listed is not None:
        raise SpecificationError(
            f"--where {shown!r} allows none of the {space.size} points: loosen it, or widen the "
            "lists"
        )
    missed = next(space.where.missed(points.nearest), shown)
    varied = {d.name: points.nearest[d.name] for d in space.searched if d.name in points.nearest}
    raise SpecificationError(
        f"--where {shown!r} allows no point that was found, of {points.n_looks:,} looked at; "
        f"what comes nearest, {format_point(varied)}, does not meet {missed!r}: loosen it (floats "
        "are hardly ever equal), or widen the ranges"
    )


def allowed_indices(space: SearchSpace, order: Sequence[int] | Iterator[int]) -> Iterator[int]:
    """Yield the indices of a finite space that are allowed, in some order."""
    if space.where is None:
        yield from order
        return
    for index in order:
        if space.where.allows(space.point_at(index)):
            yield index


def _listed(space: SearchSpace, *, most: int) -> list[int] | None:
    """Return the indices of the allowed points; None where there are too many points for that."""
    size = space.size
    if size is None or size > most:
        return None
    return list(islice(allowed_indices(space, range(size)), size))


def _to_units(space: SearchSpace, flags: Mapping[str, FlagValue]) -> Units:
    units = space.to_units(flags)
    coordinates: Units = np.nan_to_num(np.array(units, dtype=float), nan=0.5)
    return coordinates
