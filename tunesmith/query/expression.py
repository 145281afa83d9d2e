"""Filter expressions: ``loss < 0.5 and x in [1,2] or label contains "a"``.

    either     = both { "or" both }
    both       = negation { "and" negation }
    negation   = "not" negation | "(" either ")" | comparison
    comparison = column ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) value
               | column [ "not" ] "in" list
               | column [ "not" ] "contains" value
               | column "is" [ "not" ] "null"
    list       = "[" [ value { "," value } ] "]"

A column is written as in a list of columns. A comparison with a missing value is false, so
``not loss < 0.5`` also finds runs without a loss.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from tunesmith.errors import QueryError
from tunesmith.query.attributes import TIME_ATTRIBUTES
from tunesmith.query.columns import Column, ColumnKind, parse_column
from tunesmith.query.comparison import Comparison, Literal, Operator, read_literal
from tunesmith.query.tokens import Token, TokenKind, tokenize
from tunesmith.trial import Run

MAX_DEPTH = 40
"""The deepest nesting of parentheses and ``not``."""

_SYNONYMS = {"==": "=", "<>": "!="}
_NULLS = ("null", "none", "missing", "undefined")


class Expression(Protocol):
    """A condition on a run. It never raises, and depends on the run alone."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that are compared, in the order of the text."""
        ...

    def matches(self, run: Run) -> bool:
        """Return whether the run meets the condition."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Holds if every part holds."""

    parts: tuple[Expression, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the parts."""
        return _columns_of(self.parts)

    def matches(self, run: Run) -> bool:
        """Return whether the run meets every part."""
        return all(part.matches(run) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Holds if any part holds."""

    parts: tuple[Expression, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the parts."""
        return _columns_of(self.parts)

    def matches(self, run: Run) -> bool:
        """Return whether the run meets any part."""
        return any(part.matches(run) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Holds if the part does not hold."""

    part: Expression

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the part."""
        return self.part.columns

    def matches(self, run: Run) -> bool:
        """Return whether the run does not meet the part."""
        return not self.part.matches(run)


def parse_expression(text: str, *, zone: tzinfo | None = UTC) -> Expression:
    """Parse a filter expression.

    Args:
        text: The expression.
        zone: The time zone of dates that ``started`` and ``stopped`` are compared with; None for
            the local one, with its offset at each date.

    Raises:
        QueryError: The expression is invalid; the message names the position.
    """
    parser = _Parser(tokens=tokenize(text), zone=zone)
    expression = parser.either()
    if parser.next.kind is not TokenKind.END:
        raise parser.unexpected("'and', 'or' or the end")
    return expression


@dataclass(slots=True, kw_only=True)
class _Parser:
    """Reads tokens from left to right, one method for each rule of the grammar."""

    tokens: list[Token]
    zone: tzinfo | None
    index: int = field(default=0)
    depth: int = field(default=0)

    @property
    def next(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.next
        self.index += token.kind is not TokenKind.END
        return token

    def unexpected(self, expected: str) -> QueryError:
        token = self.next
        return QueryError(
            f"unexpected {token.describe()} at position {token.position} of the filter: "
            f"expected {expected}"
        )

    def either(self) -> Expression:
        parts = [self.both()]
        while self.next.is_word("or"):
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else AnyOf(parts=tuple(parts))

    def both(self) -> Expression:
        parts = [self.negation()]
        while self.next.is_word("and"):
            self.take()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else AllOf(parts=tuple(parts))

    def negation(self) -> Expression:
        if not (self.next.is_word("not") or self.next.is_mark("(")):
            return self.comparison()
        self._descend()
        if self.take().is_word("not"):
            inner: Expression = Not(part=self.negation())
        else:
            inner = self.either()
            if not self.next.is_mark(")"):
                raise self.unexpected("')'")
            self.take()
        self.depth -= 1
        return inner

    def comparison(self) -> Expression:
        start = self.next
        column = self.column()
        operator = self.operator()
        if operator in (Operator.IS_NULL, Operator.IS_NOT_NULL):
            return Comparison(column=column, operator=operator)
        literals = self.list() if operator in (Operator.IN, Operator.NOT_IN) else (self.value(),)
        if _is_time(column):
            literals = tuple(self._to_time(literal, start) for literal in literals)
        return Comparison(column=column, operator=operator, literals=literals)

    def column(self) -> Column:
        start = self.next
        if start.kind is TokenKind.TEXT:
            return self._checked(start, [self.take().text])
        sign = self.take().text if start.text == "=" else ""
        words = []
        while self.next.kind is TokenKind.WORD and not self.next.is_word(
            "in", "not", "contains", "is", "and", "or"
        ):
            words.append(self.take().text)
        if not words:
            raise self.unexpected("the name of an attribute, a flag or a scalar")
        return self._checked(start, [sign + words[0], *words[1:]])

    def operator(self) -> Operator:
        token = self.next
        if token.kind is TokenKind.OPERATOR:
            self.take()
            return Operator(_SYNONYMS.get(token.text, token.text))
        if token.is_word("is"):
            self.take()
            return self._null_test()
        is_negated = token.is_word("not")
        if is_negated:
            self.take()
        if not self.next.is_word("in", "contains"):
            raise self.unexpected(
                "'in' or 'contains'" if is_negated else "a comparison, as in 'loss < 0.5'"
            )
        return Operator(("not " if is_negated else "") + self.take().text.lower())

    def value(self) -> Literal:
        token = self.next
        if token.is_mark("["):
            items = self.list()
            text = ", ".join(item.text for item in items)
            return Literal(value=tuple(item.value for item in items), text=f"[{text}]")
        if token.kind not in (TokenKind.WORD, TokenKind.TEXT):
            raise self.unexpected("a number, a string or a list")
        self.take()
        return read_literal(token.text, is_quoted=token.kind is TokenKind.TEXT)

    def list(self) -> tuple[Literal, ...]:
        if not self.next.is_mark("["):
            raise self.unexpected("a list, as in [1, 2]")
        self._descend()
        self.take()
        items: list[Literal] = []
        while not self.next.is_mark("]"):
            if items:
                self._separator()
            items.append(self.value())
        self.take()
        self.depth -= 1
        return tuple(items)

    def _separator(self) -> None:
        if not self.next.is_mark(","):
            raise self.unexpected("',' or ']'")
        self.take()

    def _null_test(self) -> Operator:
        is_negated = self.next.is_word("not")
        if is_negated:
            self.take()
        if not self.next.is_word(*_NULLS):
            raise self.unexpected("'null'" if is_negated else "'null' or 'not null'")
        self.take()
        return Operator.IS_NOT_NULL if is_negated else Operator.IS_NULL

    def _descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(
                f"the filter is nested too deeply at position {self.next.position}: "
                f"at most {MAX_DEPTH} levels are allowed"
            )

    def _checked(self, start: Token, words: Iterable[str]) -> Column:
        """Return the column of some words; an error names their position."""
        try:
            return parse_column(" ".join(words))
        except QueryError as error:
            raise QueryError(f"at position {start.position} of the filter: {error}") from error

    def _to_time(self, literal: Literal, start: Token) -> Literal:
        """Return a date as seconds since 1970, which is what a run's time is."""
        if not isinstance(literal.value, str):
            return literal
        try:
            moment = datetime.fromisoformat(literal.value)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
            seconds = aware.timestamp()
        except (ValueError, OverflowError, OSError) as error:
            raise QueryError(
                f"{literal.text!r}, compared at position {start.position} of the filter, is not "
                "a date: write it as in 2026-01-31 or '2026-01-31 09:30'"
            ) from error
        return Literal(value=seconds, text=literal.text)


def _columns_of(parts: Iterable[Expression]) -> tuple[Column, ...]:
    return tuple(column for part in parts for column in part.columns)


def _is_time(column: Column) -> bool:
    return column.name in TIME_ATTRIBUTES and column.kind in (
        ColumnKind.ATTRIBUTE,
        ColumnKind.ANY,
    )
