"""Terms: what stands on either side of a comparison, as ``layers * width`` or ``2 * min_lr``."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from tunesmith.flags.values import FlagValue

NameT = TypeVar("NameT")
"""What the names of a condition are read as: a column of runs, or the name of a flag."""
NameT_co = TypeVar("NameT_co", covariant=True)


class Term(Protocol[NameT_co]):
    """A value that is computed of the values of columns. It never raises."""

    @property
    def columns(self) -> tuple[NameT_co, ...]:
        """The columns that it reads, in the order of the text."""
        ...

    def evaluate(self, read: Callable[[NameT_co], FlagValue]) -> FlagValue:
        """Return the value for those that ``read`` gives; None where one is missing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Generic[NameT]):
    """The value of a column."""

    column: NameT

    @property
    def columns(self) -> tuple[NameT, ...]:
        """The column, alone."""
        return (self.column,)

    def evaluate(self, read: Callable[[NameT], FlagValue]) -> FlagValue:
        """Return what ``read`` gives for the column."""
        return read(self.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value in a condition: ``0.5``, ``true``, ``"a"``, ``abc`` or a list of such values."""

    value: FlagValue
    text: str
    """The text of the value without quotes; strings are compared with it."""

    @property
    def columns(self) -> tuple[()]:
        """None."""
        return ()

    def evaluate(self, read: object) -> FlagValue:
        """Return the value, whatever there is to read."""
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOrText(Generic[NameT]):
    """An unquoted word that is a name where a value has it, and a text elsewhere."""

    column: NameT
    literal: Literal

    @property
    def columns(self) -> tuple[NameT, ...]:
        """None that has to be there."""
        return ()

    def evaluate(self, read: Callable[[NameT], FlagValue]) -> FlagValue:
        """Return what ``read`` gives for the column, else the text."""
        found = read(self.column)
        return self.literal.value if found is None else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Generic[NameT]):
    """Two numbers, added, subtracted, multiplied or divided."""

    sign: str
    """``+``, ``-``, ``*`` or ``/``."""
    left: Term[NameT]
    right: Term[NameT]

    @property
    def columns(self) -> tuple[NameT, ...]:
        """The columns of both."""
        return (*self.left.columns, *self.right.columns)

    def evaluate(self, read: Callable[[NameT], FlagValue]) -> FlagValue:
        """Return the number; None without two numbers, and for a division by zero."""
        left, right = self.left.evaluate(read), self.right.evaluate(read)
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            return None
        try:
            return _OPERATIONS[self.sign](left, right)
        except (ZeroDivisionError, OverflowError):
            return None


_OPERATIONS: Mapping[str, Callable[[float, float], float]] = MappingProxyType(
    {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
)
