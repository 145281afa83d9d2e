"""Comparisons: the value of a term against others."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic

from tunesmith.flags.conditions.terms import Literal, NamedOrText, NameT, Term
from tunesmith.flags.values import FlagValue

_INTEGER = re.compile(r"[+-]?\d{1,4000}", re.ASCII)
_FLOAT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)", re.ASCII)
_BOOLS = {"true": True, "yes": True, "false": False, "no": False}


class Operator(StrEnum):
    """How two values are compared."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    IN = "in"
    NOT_IN = "not in"
    CONTAINS = "contains"
    NOT_CONTAINS = "not contains"
    IS_NULL = "is null"
    IS_NOT_NULL = "is not null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Generic[NameT]):
    """A condition on the value of a term; where one is missing only ``is null`` holds."""

    left: Term[NameT]
    operator: Operator
    others: tuple[Term[NameT], ...] = ()
    """One; any number for ``in``, and none for ``is null``."""

    @property
    def columns(self) -> tuple[NameT, ...]:
        """The columns of the terms, in the order of the text."""
        return tuple(name for term in (self.left, *self.others) for name in term.columns)

    def holds(self, read: Callable[[NameT], FlagValue]) -> bool:
        """Return whether the condition is met by the values that ``read`` gives."""
        cell = self.left.evaluate(read)
        if self.operator is Operator.IS_NULL:
            return cell is None
        if cell is None:
            return False
        literals = [_literal(term, read) for term in self.others]
        return None not in literals and _TESTS[self.operator](
            cell, tuple(one for one in literals if one is not None)
        )


def _literal(term: Term[NameT], read: Callable[[NameT], FlagValue]) -> Literal | None:
    """Return what a term is compared as; None where its value is missing."""
    if isinstance(term, Literal):
        return term
    if isinstance(term, NamedOrText) and read(term.column) is None:
        return term.literal
    value = term.evaluate(read)
    return None if value is None else Literal(value=value, text=str(value))


def read_literal(text: str, *, is_quoted: bool = False) -> Literal:
    """Return a literal: a number, a bool or a string; a quoted one is always a string."""
    if is_quoted:
        return Literal(value=text, text=text)
    if _INTEGER.fullmatch(text):
        return Literal(value=int(text), text=text)
    if _FLOAT.fullmatch(text.lower()):
        return Literal(value=float(text), text=text)
    return Literal(value=_BOOLS.get(text.lower(), text), text=text)


def is_equal(cell: FlagValue, literal: Literal) -> bool:
    """Return whether a run's value equals a literal.

    Strings are compared with the text, so ``label = 1`` finds the label 1. NaN equals NaN. The
    literals true and false equal no number, but the literals 1 and 0 equal true and false.
    """
    value = literal.value
    if isinstance(cell, str):
        return cell == literal.text
    if isinstance(cell, tuple) or isinstance(value, tuple):
        return _is_same_list(cell, value)
    if isinstance(value, bool) and not isinstance(cell, bool):
        return False
    if isinstance(cell, float) and isinstance(value, float) and math.isnan(cell):
        return math.isnan(value)
    return cell == value


def _is_same_list(cell: FlagValue, value: FlagValue) -> bool:
    if not isinstance(cell, tuple) or not isinstance(value, tuple) or len(cell) != len(value):
        return False
    pairs = zip(cell, value, strict=True)
    return all(is_equal(item, Literal(value=one, text=str(one))) for item, one in pairs)


def _order(cell: FlagValue, literal: Literal) -> int | None:
    """Return -1, 0 or 1 for less, equal, greater; None if the values have no order."""
    value = literal.value
    if isinstance(cell, str) and isinstance(value, str):
        return (cell > value) - (cell < value)
    if not isinstance(cell, int | float) or not isinstance(value, int | float):
        return None
    if cell != cell or value != value:
        return None
    return (cell > value) - (cell < value)


def _is_in(cell: FlagValue, literals: tuple[Literal, ...]) -> bool:
    return any(is_equal(cell, literal) for literal in literals)


def _contains(cell: FlagValue, literals: tuple[Literal, ...]) -> bool:
    (literal,) = literals
    if isinstance(cell, tuple):
        return any(is_equal(item, literal) for item in cell)
    return isinstance(cell, str) and literal.text in cell


_TESTS: Mapping[Operator, Callable[[FlagValue, tuple[Literal, ...]], bool]] = MappingProxyType(
    {
        Operator.EQUAL: lambda cell, literals: is_equal(cell, literals[0]),
        Operator.UNEQUAL: lambda cell, literals: not is_equal(cell, literals[0]),
        Operator.LESS: lambda cell, literals: _order(cell, literals[0]) == -1,
        Operator.LESS_OR_EQUAL: lambda cell, literals: _order(cell, literals[0]) in (-1, 0),
        Operator.GREATER: lambda cell, literals: _order(cell, literals[0]) == 1,
        Operator.GREATER_OR_EQUAL: lambda cell, literals: _order(cell, literals[0]) in (0, 1),
        Operator.IN: _is_in,
        Operator.NOT_IN: lambda cell, literals: not _is_in(cell, literals),
        Operator.CONTAINS: _contains,
        Operator.NOT_CONTAINS: lambda cell, literals: not _contains(cell, literals),
        Operator.IS_NOT_NULL: lambda _cell, _literals: True,
    }
)
