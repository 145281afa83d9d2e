"""Which results of other batches hold for this one: as they are, but for an offset, or not at all.

A batch of last week may have run with other data, or with another script. Its results are kept as
long as they foretell those of this batch better than a model does that knows nothing of them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import add

import numpy as np

from tunesmith.search.foretelling import Foretelling
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.kernel import Array
from tunesmith.search.one_thread import on_one_thread
from tunesmith.search.optimizer import Observation
from tunesmith.search.sequential import Search

MIN_RESULTS = 5
"""Batches with fewer are taken together: single runs, for the most part."""
MAX_BATCHES = 10
"""Those with the most results are looked at one by one, the others together: each takes time."""
MAX_MISLED = 20
"""With more own results than these, a search knows enough to do without random starts."""


@on_one_thread
def holding(search: Search) -> Search:
    """Return the search without the results of other batches that do not hold, the rest shifted.

    All of them hold until there are own results to compare them with. With several objectives a
    batch has to foretell each of them. A constraint of which it foretells nothing is taken as
    unknown there.
    """
    cube = Cube(search.space)
    own = [one for one in search.trials if one.number and _is_result(cube, one)]
    earlier = [one for one in search.trials if not one.number]
    if not earlier or not own or not cube.dimensions:
        return search
    names = _names(search, earlier)
    groups = {
        name: [one for one in earlier if names[one.batch] == name]
        for name in dict.fromkeys(names.values())
    }
    comparisons = {
        name: [_Comparison.of(cube, group, own, cost) for cost in _costs_of(search.trials)]
        for name, group in groups.items()
    }
    shifts = {
        name: _Shift(
            costs=tuple(one.offset(len(own)) for one in of_costs),
            margins=tuple(_of_margins(cube, groups[name], search.trials)),
        )
        for name, of_costs in comparisons.items()
    }
    kept = [
        found
        for one in search.trials
        if (found := one if one.number else shifts[names[one.batch]].apply(one)) is not None
    ]
    n_misled = _n_misled(list(comparisons.values()), len(own))
    return replace(search, trials=kept, n_misled=n_misled)


_Reader = Callable[[Observation], float | None]
"""Reads a cost or a margin of a trial; None where it is not known."""


def _costs_of(trials: Sequence[Observation]) -> list[_Reader]:
    """Return what reads each cost of a trial."""
    n_costs = max((len(one.costs) for one in trials), default=0)
    if not n_costs:
        return [lambda one: one.cost]
    return [partial(_cost, place=place) for place in range(n_costs)]


def _cost(one: Observation, *, place: int) -> float | None:
    return one.costs[place] if one.costs else None


def _margin(one: Observation, *, place: int) -> float | None:
    return one.margins[place] if one.margins else None


def _is_result(cube: Cube, one: Observation) -> bool:
    return one.cost is not None and cube.row(one.flags) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """What another batch foretells of one cost, and the own results that it is compared with."""

    model: Foretelling | None
    """None where the batch has too few results to be judged."""
    rows: Array
    """The own results, shape (n, d)."""
    values: Array
    """Shape (n,)."""

    @classmethod
    def of(
        cls,
        cube: Cube,
        earlier: Sequence[Observation],
        own: Sequence[Observation],
        read: _Reader,
    ) -> "_Comparison":
        """Return the comparison of what is read of the trials of a batch with the own ones."""
        rows, values = _results(cube, earlier, read)
        is_model = len(values) >= MIN_RESULTS
        model = Foretelling.of(rows, values, cube.is_categorical) if is_model else None
        at, costs = _results(cube, own, read)
        return cls(model=model, rows=at, values=costs)

    def offset(self, n: int) -> float | None:
        """Return what to add to the batch's values, by the first n own; None if nothing holds."""
        if self.model is None or not len(self.values):
            return 0.0
        return self.model.offset(self.rows[:n], self.values[:n])


def _results(cube: Cube, trials: Sequence[Observation], read: _Reader) -> tuple[Array, Array]:
    """Return the rows (n, d) and what is read (n,) of the trials of the space that have it."""
    found = [
        (row, value)
        for one in trials
        if (value := read(one)) is not None and (row := cube.row(one.flags)) is not None
    ]
    rows = np.array([row for row, _ in found]).reshape(-1, len(cube.dimensions))
    return rows, np.array([value for _, value in found], dtype=float)


def _of_margins(
    cube: Cube, earlier: Sequence[Observation], trials: Sequence[Observation]
) -> Iterator[float | None]:
    """Yield the offset of each constraint's margin in another batch."""
    own = [one for one in trials if one.number]
    for place in range(max(len(one.margins) for one in trials)):
        one = _Comparison.of(cube, earlier, own, partial(_margin, place=place))
        yield one.offset(len(one.values))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shift:
    """What the results of another batch are off by."""

    costs: tuple[float | None, ...]
    """One for each cost; None where the batch foretells nothing of it."""
    margins: tuple[float | None, ...]
    """The same of each constraint."""

    def apply(self, one: Observation) -> Observation | None:
        """Return a result of the batch, shifted; None where it holds for nothing."""
        offsets = [offset for offset in self.costs if offset is not None]
        if len(offsets) < len(self.costs):
            return None
        if not any(offsets) and not any(offset != 0.0 for offset in self.margins):
            return one
        costs = tuple(map(add, one.costs, offsets))
        margins = tuple(map(_moved, one.margins, self.margins))
        cost = None if one.cost is None else one.cost + offsets[0]
        return replace(one, cost=cost, costs=costs, margins=margins)


def _moved(value: float | None, offset: float | None) -> float | None:
    return None if value is None or offset is None else value + offset


def _names(search: Search, earlier: Sequence[Observation]) -> dict[str, str]:
    """Return for each batch the name it is looked at by: its own, or one for all the small."""
    sizes = Counter(
        one.batch for one in earlier if one.cost is not None and search.space.contains(one.flags)
    )
    large = {name for name, n in sizes.most_common(MAX_BATCHES) if n >= MIN_RESULTS}
    return {one.batch: one.batch if one.batch in large else "" for one in earlier}


def _n_misled(batches: Sequence[Sequence[_Comparison]], n_own: int) -> int:
    """Return how many own results there were when nothing was found to hold; 0 if anything does.

    Looked up in the results, since an optimizer remembers nothing. Also 0 where they were so many
    that they need no random starts.

    Args:
        batches: The comparisons of each other batch, one for each cost.
        n_own: The number of own results.
    """

    def is_misled(n: int) -> bool:
        return all(any(one.offset(n) is None for one in costs) for costs in batches)

    if not is_misled(n_own):
        return 0
    return next((n for n in range(1, min(n_own, MAX_MISLED) + 1) if is_misled(n)), 0)
