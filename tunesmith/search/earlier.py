"""Which results of other batches hold for this one: as they are, but for an offset, or not at all.

A batch of last week may have run with other data, or with another script. Its results are kept as
long as they foretell those of this batch better than a model does that knows nothing of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

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

    All of them hold until there are own results to compare them with.
    """
    cube = Cube(search.space)
    own = _results(cube, [one for one in search.trials if one.number])
    earlier = [one for one in search.trials if not one.number]
    if not earlier or not len(own[1]) or not cube.dimensions:
        return search
    names = _names(search, earlier)
    models = {
        name: _foretelling(cube, [one for one in earlier if names[one.batch] == name])
        for name in dict.fromkeys(names.values())
    }
    offsets = {name: _offset(model, own, len(own[1])) for name, model in models.items()}
    kept = []
    for one in search.trials:
        offset = 0.0 if one.number else offsets[names[one.batch]]
        if offset is not None:
            kept.append(_shifted(one, offset))
    return replace(search, trials=kept, n_misled=_n_misled(list(models.values()), own))


_Results = tuple[Array, Array]


def _results(cube: Cube, trials: Sequence[Observation]) -> _Results:
    """Return the rows (n, d) and the costs (n,) of the trials of the space that have a cost."""
    found = [
        (row, one.cost)
        for one in trials
        if one.cost is not None and (row := cube.row(one.flags)) is not None
    ]
    rows = np.array([row for row, _ in found]).reshape(-1, len(cube.dimensions))
    return rows, np.array([cost for _, cost in found], dtype=float)


def _names(search: Search, earlier: Sequence[Observation]) -> dict[str, str]:
    """Return for each batch the name it is looked at by: its own, or one for all the small."""
    sizes = Counter(
        one.batch for one in earlier if one.cost is not None and search.space.contains(one.flags)
    )
    large = {name for name, n in sizes.most_common(MAX_BATCHES) if n >= MIN_RESULTS}
    return {one.batch: one.batch if one.batch in large else "" for one in earlier}


def _foretelling(cube: Cube, trials: Sequence[Observation]) -> Foretelling | None:
    """Return what the trials foretell; None where they are too few."""
    rows, costs = _results(cube, trials)
    return Foretelling.of(rows, costs, cube.is_categorical) if len(costs) >= MIN_RESULTS else None


def _offset(model: Foretelling | None, own: _Results, n: int) -> float | None:
    """Return what to add to costs, by the first n own results; None where nothing holds."""
    return 0.0 if model is None else model.offset(own[0][:n], own[1][:n])


def _n_misled(models: Sequence[Foretelling | None], own: _Results) -> int:
    """Return how many own results there were when nothing was found to hold; 0 if anything does.

    Looked up in the results, since an optimizer remembers nothing. Also 0 where they were so many
    that they need no random starts.
    """

    def is_misled(n: int) -> bool:
        return all(_offset(model, own, n) is None for model in models)

    n_own = len(own[1])
    if not is_misled(n_own):
        return 0
    return next((n for n in range(1, min(n_own, MAX_MISLED) + 1) if is_misled(n)), 0)


def _shifted(one: Observation, offset: float) -> Observation:
    return replace(one, cost=one.cost + offset) if offset and one.cost is not None else one
