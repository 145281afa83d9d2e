"""What a condition says, once it is read: comparisons, joined by ``and``, ``or`` and ``not``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol

from tunesmith.flags.conditions.terms import NameT, NameT_co
from tunesmith.flags.values import FlagValue


class Expression(Protocol[NameT_co]):
    """A condition. It never raises, and depends on the values of its columns alone."""

    @property
    def columns(self) -> tuple[NameT_co, ...]:
        """The columns that are compared, in the order of the text."""
        ...

    def holds(self, read: Callable[[NameT_co], FlagValue]) -> bool:
        """Return whether the condition holds for the values that ``read`` gives."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(Generic[NameT]):
    """Holds if every part holds."""

    parts: tuple[Expression[NameT], ...]

    @property
    def columns(self) -> tuple[NameT, ...]:
        """The columns of the parts."""
        return _columns_of(self.parts)

    def holds(self, read: Callable[[NameT], FlagValue]) -> bool:
        """Return whether every part holds for the values that ``read`` gives."""
        return all(part.holds(read) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Generic[NameT]):
    """Holds if any part holds."""

    parts: tuple[Expression[NameT], ...]

    @property
    def columns(self) -> tuple[NameT, ...]:
        """The columns of the parts."""
        return _columns_of(self.parts)

    def holds(self, read: Callable[[NameT], FlagValue]) -> bool:
        """Return whether any part holds for the values that ``read`` gives."""
        return any(part.holds(read) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Generic[NameT]):
    """Holds if the part does not hold."""

    part: Expression[NameT]

    @property
    def columns(self) -> tuple[NameT, ...]:
        """The columns of the part."""
        return self.part.columns

    def holds(self, read: Callable[[NameT], FlagValue]) -> bool:
        """Return whether the part does not hold for the values that ``read`` gives."""
        return not self.part.holds(read)


def _columns_of(parts: Iterable[Expression[NameT]]) -> tuple[NameT, ...]:
    return tuple(column for part in parts for column in part.columns)
