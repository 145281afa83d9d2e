"""The results of other runs that ``--learn-from`` names, fitted to a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.earlier_results import EarlierResults
from tunesmith.errors import SpecificationError
from tunesmith.flags.grammar import to_flag_value
from tunesmith.flags.number import read_word
from tunesmith.flags.values import FlagValue
from tunesmith.objective import Objective
from tunesmith.request.earlier_sources import Found, Measured, columns_of, read_source
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.search.dimension import Dimension
from tunesmith.search.space import ROWS, SearchSpace
from tunesmith.trial import short_id

MAX_RESULTS = 200
"""Results of one batch that are kept: of more, the best third, and an even sample of the rest."""


def with_learnt(spec: BatchSpec, request: SweepRequest, home: Path | None) -> BatchSpec:
    """Return a batch with the results that a request lets it learn from.

    Args:
        spec: The batch.
        request: What was asked for.
        home: The folder of the store; None where there is none.

    Raises:
        NotFoundError: There is no such run, file or study.
        SpecificationError: A source has nothing to learn from, or cannot be read.
    """
    earlier: list[EarlierResults] = []
    for source in dict.fromkeys(spec.learn_from):
        found = read_source(source, spec, request.folder or Path(), home)
        fitted = [_fitted(source, one, spec) for one in found]
        kept = [one for one in fitted if one.values]
        if not kept:
            raise _nothing(source, sum(len(one.results) for one in found), spec)
        earlier += kept
    return replace(spec, earlier=tuple(earlier))


def _nothing(source: str, n_found: int, spec: BatchSpec) -> SpecificationError:
    if not n_found:
        names = " and ".join(str(one.column) for one in spec.objectives)
        return SpecificationError(
            f"--learn-from {source}: no trial of it has completed with {names}"
        )
    names = ", ".join(one.name for one in SearchSpace.of(spec).searched)
    return SpecificationError(
        f"--learn-from {source}: none of its {n_found} results lies within what is searched: "
        f"{names}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A result that lies in the space of a batch."""

    point: dict[str, FlagValue]
    measured: Measured


def _fitted(source: str, found: Found, spec: BatchSpec) -> EarlierResults:
    """Return the results that lie in the space of a batch, at most so many."""
    space = SearchSpace.of(spec)
    inside = [
        _Kept(point=point, measured=one.measured)
        for one in found.results
        if (point := _point(space, spec, one.flags)) is not None
    ]
    kept = _sampled(inside, spec.objectives)
    others = {str(c): tuple(one.measured.get(c) for one in kept) for c in columns_of(spec)}
    return EarlierResults(
        source=source,
        batch=short_id(found.batch) if len(found.batch) == 32 else found.batch,
        flags=tuple(one.point for one in kept),
        values=tuple(one.measured[spec.objective.column] for one in kept),
        others=others if kept else {},
        n_left_out=len(found.results) - len(inside),
    )


def _point(
    space: SearchSpace, spec: BatchSpec, values: Mapping[str, object]
) -> dict[str, FlagValue] | None:
    """Return a point of the space; None where a value is missing or lies outside.

    A flag that a source does not name had the script's default, if it has one.
    """
    point: dict[str, FlagValue] = {}
    for dimension in space.searched:
        if dimension.name == ROWS:
            return None
        default = spec.script_flags.defaults.get(dimension.name)
        value = _within(dimension, values.get(dimension.name, default))
        if value is None:
            return None
        point[dimension.name] = value[0]
    return space.complete(point)


def _within(dimension: Dimension, given: object) -> tuple[FlagValue] | None:
    """Return the value of a dimension that a cell means; None where it has none such."""
    value = to_flag_value(given, shown=dimension.name)
    read: list[FlagValue] = [value]
    if isinstance(value, str):
        number = read_word(value)
        read += [] if number is None else [number]
    read += [float(one) for one in read if isinstance(one, int) and not isinstance(one, bool)]
    read += [int(one) for one in read if isinstance(one, float) and one.is_integer()]
    return next(((one,) for one in read if dimension.contains(one)), None)


def _sampled(results: Sequence[_Kept], objectives: Sequence[Objective]) -> list[_Kept]:
    """Return the best third and an even sample of the others, in their order.

    With several objectives the best are those with the lowest sum of ranks.
    """
    if len(results) <= MAX_RESULTS:
        return list(results)
    ranks = [0] * len(results)
    for objective in objectives:
        costs = [objective.to_cost(one.measured[objective.column]) or 0.0 for one in results]
        for rank, place in enumerate(sorted(range(len(results)), key=costs.__getitem__)):
            ranks[place] += rank
    order = sorted(range(len(results)), key=ranks.__getitem__)
    n_best = MAX_RESULTS // 3
    rest, n = order[n_best:], MAX_RESULTS - n_best
    even = [rest[round(k * (len(rest) - 1) / (n - 1))] for k in range(n)]
    return [results[k] for k in sorted({*order[:n_best], *even})]
