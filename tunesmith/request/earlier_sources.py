"""Where ``--learn-from`` reads results: runs, a table, a study of Optuna."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import NotFoundError, SpecificationError
from tunesmith.near_names import near_names
from tunesmith.objective import Direction, Objective
from tunesmith.query.selection import select
from tunesmith.scalar import ScalarColumn
from tunesmith.scalar_names import meant_tag
from tunesmith.search.observations import observations
from tunesmith.search.optuna_results import StudyResults, StudyTrial, read_study
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, TrialStatus, seen_by

STUDY = "optuna:"
"""What a study begins with."""
MAX_BATCHES = 10
"""Batches of one operation that are kept, the latest ones."""
N_NAMED = 8
"""Columns that are named where the objective is not among them."""

Measured = Mapping[ScalarColumn, float]
"""Finite values by column: of every objective, and of what is constrained as far as it is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One result as it was recorded."""

    flags: Mapping[str, object]
    measured: Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The results of one batch, table or study that tell every objective."""

    batch: str
    results: tuple[Result, ...]


def columns_of(spec: BatchSpec) -> tuple[ScalarColumn, ...]:
    """Return what a batch looks at beside its first objective, each column once."""
    objectives = (one.column for one in spec.more_objectives)
    constrained = (column for one in spec.constraints for column in one.columns)
    columns = dict.fromkeys((*objectives, *constrained))
    columns.pop(spec.objective.column, None)
    return tuple(columns)


def read_source(source: str, spec: BatchSpec, folder: Path, home: Path | None) -> list[Found]:
    """Return what a source has, batch by batch.

    Args:
        source: As it was typed.
        spec: The batch that learns from it.
        folder: What the path of a table is relative to.
        home: The folder of the store; None where there is none.

    Raises:
        NotFoundError: There is no such run, file or study.
        SpecificationError: It cannot be read, or has another objective.
    """
    if source.startswith(STUDY):
        found = [_read_study(source, spec)]
    elif source.lower().endswith(".csv"):
        found = [_read_table(source, folder / source, spec)]
    else:
        found = list(_read_runs(source, spec, home))
    return [Found(batch=one.batch, results=tuple(_whole(one.results, spec))) for one in found]


def _whole(results: Iterable[Result], spec: BatchSpec) -> Iterator[Result]:
    """Yield the results that tell every objective."""
    for one in results:
        if all(objective.column in one.measured for objective in spec.objectives):
            yield one


def _finite(values: Iterable[tuple[ScalarColumn, float | None]]) -> dict[ScalarColumn, float]:
    return {c: value for c, value in values if value is not None and math.isfinite(value)}


# ---- studies


def _read_study(source: str, spec: BatchSpec) -> Found:
    study = read_study(source.removeprefix(STUDY))
    _check_objectives(source, study, spec.objectives)
    results = (
        Result(flags=one.parameters, measured=_finite(_of_trial(one, spec)))
        for one in study.trials
    )
    return Found(batch=study.name, results=tuple(results))


def _check_objectives(source: str, study: StudyResults, wanted: Sequence[Objective]) -> None:
    """Check that a study has the objectives of a batch, in its order.

    Raises:
        SpecificationError: It has not.
    """
    n, n_wanted = len(study.is_maximized), len(wanted)
    if n != n_wanted:
        raise SpecificationError(
            f"--learn-from {source}: the study has {_n_objectives(n)}, and this batch "
            f"{_n_objectives(n_wanted)}: name as many with --minimize and --maximize, in its order"
        )
    for is_maximized, objective in zip(study.is_maximized, wanted, strict=True):
        if is_maximized != (objective.direction is Direction.MAXIMIZE):
            does = Direction.MAXIMIZE if is_maximized else Direction.MINIMIZE
            raise SpecificationError(
                f"--learn-from {source}: the study would {does} its value, and this batch would "
                f"{objective}: name the objective with --{does}"
            )


def _n_objectives(n: int) -> str:
    return f"{n} objective{'s' if n > 1 else ''}"


def _of_trial(trial: StudyTrial, spec: BatchSpec) -> Iterator[tuple[ScalarColumn, float | None]]:
    """Yield the values of a trial, then what its script kept beside them."""
    for objective, value in zip(spec.objectives, trial.values, strict=True):
        yield objective.column, value
    objectives = {one.column for one in spec.objectives}
    for column in columns_of(spec):
        if column not in objectives:
            yield column, _cell(column, trial.attributes)


# ---- tables


def _read_table(source: str, path: Path, spec: BatchSpec) -> Found:
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SpecificationError(f"--learn-from {source} cannot be read: {reason}") from error
    names = [name for name in (rows[0] if rows else ()) if name]
    for objective in spec.objectives:
        if _name_of(objective.column, names) is None:
            raise _lacks(source, objective, names)
    columns = (spec.objective.column, *columns_of(spec))
    results = (
        Result(flags=_by_flag(row), measured=_finite((c, _cell(c, row)) for c in columns))
        for row in rows
        if row.get("status") in (None, "", str(TrialStatus.COMPLETED))
    )
    return Found(batch=source, results=tuple(results))


def _lacks(source: str, objective: Objective, names: Sequence[str]) -> SpecificationError:
    near = near_names(objective.column.tag, names, n=1)
    hint = f": did you mean --{objective.direction} {near[0]}?" if near else ""
    return SpecificationError(
        f"--learn-from {source} has no column {objective.column.tag!r}; it has "
        f"{', '.join(names[:N_NAMED]) or 'no rows'}{hint}"
    )


def _name_of(column: ScalarColumn, names: Sequence[str]) -> str | None:
    """Return the name of a scalar's column among others; None where it has none."""
    return meant_tag(str(column), names) or meant_tag(column.tag, names)


def _cell(column: ScalarColumn, cells: Mapping[str, object]) -> float | None:
    """Return what a row, or what was kept with a trial, tells of a scalar."""
    name = _name_of(column, [one for one in cells if one])
    cell = None if name is None else cells[name]
    try:
        return float(cell) if isinstance(cell, str | int | float) else None
    except ValueError:
        return None


def _by_flag(row: Mapping[str, str]) -> dict[str, object]:
    """Return the cells of a row that have something, by the names of flags."""
    return {name.removeprefix("flag:"): cell for name, cell in row.items() if name and cell}


# ---- runs


def _read_runs(source: str, spec: BatchSpec, home: Path | None) -> Iterator[Found]:
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
        records = (
            seen_by(record, spec.objective)
            for record in store.records(batch).records
            if batch in whole or record.id in ids
        )
        results = (
            Result(flags=record.flags, measured=_finite(_of_record(record, spec)))
            for record in records
        )
        yield Found(batch=batch, results=tuple(results))


def _of_record(
    record: TrialRecord, spec: BatchSpec
) -> Iterator[tuple[ScalarColumn, float | None]]:
    """Yield what a trial reported; of a pruned one the estimate of the first objective alone."""
    for one in observations([record], (spec.objective,), batch=""):
        if one.cost is not None:
            yield spec.objective.column, spec.objective.from_cost(one.cost)
    if record.status is TrialStatus.COMPLETED:
        for column in columns_of(spec):
            yield column, Objective(column=column).read(record)
