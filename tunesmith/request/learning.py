"""The results of other runs that ``--learn-from`` names: found, read, and fitted to a batch."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.earlier_results import EarlierResults
from tunesmith.errors import NotFoundError, SpecificationError
from tunesmith.flags.grammar import to_flag_value
from tunesmith.flags.number import read_word
from tunesmith.flags.values import FlagValue
from tunesmith.near_names import near_names
from tunesmith.objective import Direction, Objective
from tunesmith.query.selection import select
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.scalar_names import meant_tag
from tunesmith.search.dimension import Dimension
from tunesmith.search.observations import observations
from tunesmith.search.optuna_results import read_study
from tunesmith.search.space import ROWS, SearchSpace
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, TrialStatus, seen_by, short_id

STUDY = "optuna:"
"""What a study begins with."""
MAX_RESULTS = 200
"""Results of one batch that are kept: of more, the best third, and an even sample of the rest."""
MAX_BATCHES = 10
"""Batches of one operation that are kept, the latest ones."""
N_NAMED = 8
"""Columns that are named where the objective is not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The results of one batch, table or study, as they were recorded."""

    batch: str
    results: tuple[tuple[Mapping[str, object], float], ...]
    """Values by name, and the objective."""


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
        found = list(_read(source, spec, request.folder or Path(), home))
        fitted = [_fitted(source, one, spec) for one in found]
        kept = [one for one in fitted if one.values]
        if not kept:
            raise _nothing(source, sum(len(one.results) for one in found), spec)
        earlier += kept
    return replace(spec, earlier=tuple(earlier))


def _nothing(source: str, n_found: int, spec: BatchSpec) -> SpecificationError:
    if not n_found:
        return SpecificationError(
            f"--learn-from {source}: no trial of it has completed with {spec.objective.column}"
        )
    names = ", ".join(one.name for one in SearchSpace.of(spec).searched)
    return SpecificationError(
        f"--learn-from {source}: none of its {n_found} results lies within what is searched: "
        f"{names}"
    )


# ---- sources


def _read(source: str, spec: BatchSpec, folder: Path, home: Path | None) -> Iterator[_Found]:
    """Yield what a source has, batch by batch."""
    if source.startswith(STUDY):
        yield _read_study(source, spec.objective)
    elif source.lower().endswith(".csv"):
        yield _read_table(source, folder / source, spec.objective)
    else:
        yield from _read_runs(source, spec.objective, home)


def _read_study(source: str, objective: Objective) -> _Found:
    study = read_study(source.removeprefix(STUDY))
    if study.is_maximized != (objective.direction is Direction.MAXIMIZE):
        does = Direction.MAXIMIZE if study.is_maximized else Direction.MINIMIZE
        raise SpecificationError(
            f"--learn-from {source}: the study would {does} its value, and this batch would "
            f"{objective}: name the objective with --{does}"
        )
    return _Found(batch=study.name, results=study.trials)


def _read_table(source: str, path: Path, objective: Objective) -> _Found:
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SpecificationError(f"--learn-from {source} cannot be read: {reason}") from error
    names = [name for name in (rows[0] if rows else ()) if name]
    column = meant_tag(str(objective.column), names) or meant_tag(objective.column.tag, names)
    if column is None:
        near = near_names(objective.column.tag, names, n=1)
        hint = f": did you mean --{objective.direction} {near[0]}?" if near else ""
        raise SpecificationError(
            f"--learn-from {source} has no column {objective.column.tag!r}; it has "
            f"{', '.join(names[:N_NAMED]) or 'no rows'}{hint}"
        )
    done = [row for row in rows if row.get("status") in (None, "", str(TrialStatus.COMPLETED))]
    read = ((_by_flag(row), _number(row[column])) for row in done)
    return _Found(
        batch=source, results=tuple((f, value) for f, value in read if value is not None)
    )


def _by_flag(row: Mapping[str, str]) -> dict[str, object]:
    """Return the cells of a row that have something, by the names of flags."""
    return {name.removeprefix("flag:"): cell for name, cell in row.items() if name and cell}


def _number(cell: str | None) -> float | None:
    try:
        value = float(cell or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _read_runs(source: str, objective: Objective, home: Path | None) -> Iterator[_Found]:
    if home is None or not home.is_dir():
        raise NotFoundError(
            f"--learn-from {source}: there are no runs yet; a table ends in .csv, a study begins "
            f"with {STUDY}"
        )
    store = Store.open(home)
    chosen = select(store.list_runs().runs, [source]).runs
    batches = list(dict.fromkeys(run.batch for run in chosen))[:MAX_BATCHES]
    whole = {run.batch for run in chosen if run.is_batch}
    ids = {run.id for run in chosen}
    for batch in batches:
        records = [
            seen_by(record, objective)
            for record in store.records(batch).records
            if batch in whole or record.id in ids
        ]
        yield _Found(batch=batch, results=tuple(_results(records, objective)))


def _results(
    records: Sequence[TrialRecord], objective: Objective
) -> Iterator[tuple[Mapping[str, object], float]]:
    for one in observations(records, (objective,), batch=""):
        if one.cost is not None:
            yield one.flags, objective.from_cost(one.cost)


# ---- what of them fits


def _fitted(source: str, found: _Found, spec: BatchSpec) -> EarlierResults:
    """Return the results that lie in the space of a batch, at most so many."""
    space = SearchSpace.of(spec)
    points = [(_point(space, spec, values), value) for values, value in found.results]
    inside = [(point, value) for point, value in points if point is not None]
    kept = _sampled(inside, spec.objective)
    return EarlierResults(
        source=source,
        batch=short_id(found.batch) if len(found.batch) == 32 else found.batch,
        flags=tuple(point for point, _ in kept),
        values=tuple(value for _, value in kept),
        n_left_out=len(points) - len(inside),
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


def _sampled(
    results: Sequence[tuple[dict[str, FlagValue], float]], objective: Objective
) -> list[tuple[dict[str, FlagValue], float]]:
    """Return the best third and an even sample of the others, in their order."""
    if len(results) <= MAX_RESULTS:
        return list(results)
    sign = 1.0 if objective.direction is Direction.MINIMIZE else -1.0
    order = sorted(range(len(results)), key=lambda k: sign * results[k][1])
    n_best = MAX_RESULTS // 3
    rest, n = order[n_best:], MAX_RESULTS - n_best
    even = [rest[round(k * (len(rest) - 1) / (n - 1))] for k in range(n)]
    return [results[k] for k in sorted({*order[:n_best], *even})]
