"""Which columns tell runs apart, and in which order a reader wants them: results first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tunesmith.errors import QueryError
from tunesmith.objective import BUILT_IN
from tunesmith.query.cell_source import Source
from tunesmith.query.columns import Column, ColumnKind
from tunesmith.query.known import resolve_columns
from tunesmith.query.table import default_columns, varies
from tunesmith.scalar import ScalarColumn
from tunesmith.scalar_names import meant_tag

N_FIRST = 50
_FLAGS, _SCALARS = 3, 6
_RANKS = {"run": 0, "status": 4, "label": 5, "step": 7, "time": 8, "started": 9, "operation": 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Columns in the order in which they are shown."""

    columns: tuple[Column, ...]
    idle: frozenset[Column]
    """Those that tell nothing: they are empty, or have the same value in all rows."""

    @property
    def telling(self) -> tuple[Column, ...]:
        """The columns that tell runs apart, and the run itself; of one run all that it has."""
        return tuple(column for column in self.columns if column not in self.idle)


def by_interest(source: Source, objectives: Iterable[ScalarColumn] = ()) -> Ordered:
    """Return the default columns as a reader wants them: first the run, its results, its flags.

    Args:
        source: The runs.
        objectives: The objectives of their batches, which stand right after the run.
    """
    results = _results(source, objectives)
    rest = [column for column in default_columns(source) if column not in results]
    idle = as_asked(rest, source).idle
    rest.sort(key=lambda column: (column in idle, _rank(column)))
    return Ordered(columns=(*rest[:1], *results, *rest[1:]), idle=idle)


def as_asked(columns: Sequence[Column], source: Source) -> Ordered:
    """Return the columns in their order, with those that tell nothing named.

    Args:
        columns: The columns; their kinds must not be ``ANY``.
        source: The runs.
    """
    idle = (one for one in columns if one.name != "run" and not _tells(one, source))
    return Ordered(columns=tuple(columns), idle=frozenset(idle))


def _results(source: Source, objectives: Iterable[ScalarColumn]) -> list[Column]:
    """Return the columns of the objectives that some run has reported."""
    found: list[Column] = []
    tags = source.names()[1]
    for one in dict.fromkeys(objectives):
        if one.tag in BUILT_IN and one.tag not in tags:
            found.append(Column(kind=ColumnKind.ATTRIBUTE, name=one.tag))
            continue
        tag = meant_tag(one.tag, tags) or one.tag
        column = Column(kind=ColumnKind.SCALAR, name=tag, statistic=one.statistic)
        try:
            found += resolve_columns([column], source) if len(source) else ()
        except QueryError:  # no run has reported it
            continue
    return found


def _tells(column: Column, source: Source) -> bool:
    if len(source) < 2:
        return any(cell not in (None, "", ()) for cell in source.cells(column))
    # of 100,000 runs, the first few are enough for most columns
    first = source.picked(range(min(N_FIRST, len(source)))).cells(column)
    return varies(column, first) or varies(column, source.cells(column))


def _rank(column: Column) -> int:
    if column.kind is ColumnKind.ATTRIBUTE:
        return _RANKS[column.name]
    return _FLAGS if column.kind is ColumnKind.FLAG else _SCALARS
