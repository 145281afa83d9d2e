"""Columns: how a user names an attribute, a flag or a scalar of a run.

A column is written as ``.label`` or ``attr:label`` (attribute), ``=x`` or ``flag:x`` (flag),
``scalar:loss``, ``min loss`` or ``loss step`` (scalar). A bare name means an attribute, else a
flag, else a scalar; of a trial's seconds and memory, a printed scalar comes first. ``… as NAME``
sets the heading.
"""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tunesmith.errors import QueryError
from tunesmith.objective import BUILT_IN
from tunesmith.query.attributes import ATTRIBUTES, TIME_ATTRIBUTES, Cell
from tunesmith.scalar import Statistic
from tunesmith.scalar_names import resolve_tag
from tunesmith.trial import Run

_PREFIXES = (("attr:", "attribute"), ("flag:", "flag"), ("scalar:", "scalar"))
_SIGNS = ((".", "attribute"), ("=", "flag"))
_ALIASED = re.compile(r"""("[^"]*"|'[^']*'|(?!["']).*?)\s+as\s+(.*)""", re.IGNORECASE | re.DOTALL)
_ITEM = re.compile(r"""(?:[^,"']|"[^"]*"|'[^']*'|["'])+""")


class ColumnKind(StrEnum):
    """Where a column's values come from."""

    ATTRIBUTE = "attribute"
    FLAG = "flag"
    SCALAR = "scalar"
    ANY = "any"
    """A bare name: an attribute, else a flag, else a scalar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table, or the left side of a comparison.

    Raises:
        QueryError: It has no name, or is an attribute that no run has.
    """

    kind: ColumnKind = ColumnKind.ANY
    name: str
    statistic: Statistic = Statistic.LAST
    """The statistic of a scalar; ignored for the other kinds."""
    wants_step: bool = False
    """Whether the step of the number is meant, instead of the number."""
    alias: str = ""
    """The heading; empty for the default one."""

    def __post_init__(self) -> None:
        if not self.name:
            raise QueryError("a column has no name: write it as in loss, 'min loss', =x or .label")
        if self.kind is ColumnKind.ATTRIBUTE and self.name not in ATTRIBUTES:
            raise QueryError(
                f"{self.name!r} is not an attribute of a run: choose one of "
                f"{', '.join(sorted(ATTRIBUTES))}"
            )

    @property
    def header(self) -> str:
        """The heading: the alias, else the name with its statistic."""
        return self.alias or self._with_statistic(self.name)

    @property
    def qualified(self) -> str:
        """The unambiguous name of the column."""
        prefix = {"attribute": "attr:", "any": ""}.get(self.kind, f"{self.kind}:")
        return self._with_statistic(prefix + self.name)

    @property
    def is_time(self) -> bool:
        """Whether the values are seconds since 1970, UTC."""
        return self.name in TIME_ATTRIBUTES and self.kind is ColumnKind.ATTRIBUTE

    @property
    def is_duration(self) -> bool:
        """Whether the values are wall times in seconds, shown as ``H:MM:SS``."""
        return self.name == "time" and self.kind is ColumnKind.ATTRIBUTE

    def _with_statistic(self, name: str) -> str:
        start = "" if self.statistic is Statistic.LAST else f"{self.statistic} "
        return f"{start}{name}{' step' if self.wants_step else ''}"


def parse_column(text: str) -> Column:
    """Parse the name of one column, without an alias.

    Raises:
        QueryError: The text does not name a column.
    """
    words = text.split()
    statistic, wants_step = Statistic.LAST, False
    is_scalar = False
    if len(words) > 1 and words[0].lower() in set(Statistic):
        statistic, is_scalar = Statistic(words.pop(0).lower()), True
    if len(words) > 1 and words[-1].lower() == "step":
        wants_step = is_scalar = bool(words.pop())
    kind, name = _split_kind(" ".join(words))
    if is_scalar and kind not in (ColumnKind.SCALAR, ColumnKind.ANY):
        raise QueryError(
            f"{text.strip()!r} asks for a statistic or a step of {kind} {name!r}: "
            "only scalars have them"
        )
    return Column(
        kind=ColumnKind.SCALAR if is_scalar else kind,
        name=name,
        statistic=statistic,
        wants_step=wants_step,
    )


def parse_columns(text: str) -> tuple[Column, ...]:
    """Parse a list of columns, such as ``min loss, =x, .label, val#acc step as s``.

    Raises:
        QueryError: An item does not name a column.
    """
    columns = []
    for item in _ITEM.findall(text):
        aliased = _ALIASED.fullmatch(item.strip())
        named, alias = aliased.groups() if aliased else (item, "")
        column = parse_column(_unquote(named))
        columns.append(dataclasses.replace(column, alias=_unquote(alias)))
    if not columns:
        raise QueryError(f"{text!r} names no column: write them as in 'min loss, =x, .label'")
    return tuple(columns)


def read_cells(column: Column, runs: Sequence[Run]) -> list[Cell]:
    """Return each run's value in a column; None if it is missing."""
    if column.kind is ColumnKind.ATTRIBUTE:
        read = ATTRIBUTES[column.name]
        return [read(run) for run in runs]
    if column.kind is ColumnKind.FLAG:
        return [run.flags.get(column.name) for run in runs]
    return [read_column(column, run) for run in runs]


def read_column(column: Column, run: Run) -> Cell:
    """Return a run's value in a column; None if it is missing."""
    is_printed = column.name in BUILT_IN and column.name in {*run.flags, *run.scalars}
    is_attribute = column.kind is ColumnKind.ATTRIBUTE or (
        column.kind is ColumnKind.ANY and not is_printed
    )
    if is_attribute and column.name in ATTRIBUTES:
        return ATTRIBUTES[column.name](run)
    if column.kind in (ColumnKind.FLAG, ColumnKind.ANY) and column.name in run.flags:
        return run.flags[column.name]
    if column.kind in (ColumnKind.SCALAR, ColumnKind.ANY):
        return _read_scalar(column, run)
    return None


def _read_scalar(column: Column, run: Run) -> Cell:
    tag = resolve_tag(column.name, run.scalars)
    if tag is None:
        return None
    summary = run.scalars[tag]
    if column.wants_step:
        return summary.get_step(column.statistic)
    return summary.count if column.statistic is Statistic.COUNT else summary.get(column.statistic)


def _split_kind(name: str) -> tuple[ColumnKind, str]:
    """Return the kind by the prefix of a name, and the bare name."""
    for prefix, kind in (*_PREFIXES, *_SIGNS):
        if name.startswith(prefix):
            return ColumnKind(kind), name.removeprefix(prefix).strip()
    return ColumnKind.ANY, name


def _unquote(text: str) -> str:
    """Return the text without surrounding quotes."""
    text = text.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text
