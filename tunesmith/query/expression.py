"""What the names of a filter mean: columns of runs, as ``min loss``, ``=x`` or ``.label``."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from tunesmith.errors import QueryError
from tunesmith.flags.conditions.expression import Expression
from tunesmith.flags.conditions.grammar import parse
from tunesmith.flags.conditions.terms import Literal
from tunesmith.query.attributes import TIME_ATTRIBUTES
from tunesmith.query.columns import Column, ColumnKind, parse_column, read_column
from tunesmith.trial import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunExpression:
    """A condition on a run. It depends on the run alone."""

    condition: Expression[Column]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that are compared, in the order of the text."""
        return self.condition.columns

    def matches(self, run: Run) -> bool:
        """Return whether the run meets the condition; it never raises."""
        return self.condition.holds(lambda column: read_column(column, run))


def parse_expression(text: str, *, zone: tzinfo | None = UTC) -> RunExpression:
    """Parse a filter expression.

    Args:
        text: The expression.
        zone: The time zone of dates that ``started`` and ``stopped`` are compared with; None for
            the local one, with its offset at each date.

    Raises:
        QueryError: The expression is invalid; the message names the position.
    """
    return RunExpression(condition=parse(text, _Columns(zone=zone)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """The names of a filter."""

    zone: tzinfo | None
    kind: str = "filter"
    expected: str = "an attribute, a flag or a scalar"

    def column(self, text: str) -> Column:
        return parse_column(text)

    def may_be_column(self, word: str, beside: Column | None, *, is_ordered: bool) -> bool:
        """Return whether a word may name a column: of equal texts most are meant."""
        if beside is not None and _is_time(beside):
            return word in TIME_ATTRIBUTES
        return word[0].isalpha() and (is_ordered or beside is None)

    def literal(self, column: Column, literal: Literal) -> Literal:
        """Return a date as seconds since 1970, which is what a run's time is."""
        if not _is_time(column) or not isinstance(literal.value, str):
            return literal
        try:
            moment = datetime.fromisoformat(literal.value)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
            seconds = aware.timestamp()
        except (ValueError, OverflowError, OSError) as error:
            raise QueryError(
                f"{literal.text!r} is not a date: write it as in 2026-01-31 or '2026-01-31 09:30'"
            ) from error
        return Literal(value=seconds, text=literal.text)


def _is_time(column: Column) -> bool:
    return column.name in TIME_ATTRIBUTES and column.kind in (
        ColumnKind.ATTRIBUTE,
        ColumnKind.ANY,
    )
