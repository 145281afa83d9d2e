"""Which points of a search space are allowed: ``--where 'layers * width <= 4096'``."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tunesmith.errors import QueryError, SpecificationError
from tunesmith.flags.conditions.expression import AllOf, Expression
from tunesmith.flags.conditions.grammar import parse
from tunesmith.flags.conditions.names import FlagNames
from tunesmith.flags.conditions.violation import violation
from tunesmith.flags.values import FlagValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Conditions on flags, all of which have to hold.

    A comparison with a flag that a point has no value of holds.
    """

    texts: tuple[str, ...]
    """The conditions, as they were typed."""
    condition: Expression[str]

    @classmethod
    def of(cls, texts: tuple[str, ...], names: Collection[str]) -> "Where | None":
        """Return the conditions of some texts; None for no text.

        Args:
            texts: One condition each.
            names: The flags that may be named.

        Raises:
            SpecificationError: A condition is none, or names something else.
        """
        return _parsed(texts, frozenset(names)) if texts else None

    @property
    def names(self) -> frozenset[str]:
        """The flags on which it depends."""
        return frozenset(self.condition.columns)

    def allows(self, flags: Mapping[str, FlagValue]) -> bool:
        """Return whether a point meets all conditions."""
        return self.violation(flags) == 0.0

    def violation(self, flags: Mapping[str, FlagValue]) -> float:
        """Return 0 for a point that is allowed, else the more the further it is from that."""
        return violation(self.condition, flags.get)

    def missed(self, flags: Mapping[str, FlagValue]) -> Iterator[str]:
        """Yield the texts of the conditions that a point does not meet."""
        parts = self.condition.parts if isinstance(self.condition, AllOf) else (self.condition,)
        for text, part in zip(self.texts, parts, strict=True):
            if violation(part, flags.get):
                yield text


@lru_cache(maxsize=64)
def _parsed(texts: tuple[str, ...], names: frozenset[str]) -> Where:
    known = FlagNames(names=names, kind="condition")
    parts = []
    for text in texts:
        try:
            parts.append(parse(text, known))
        except QueryError as error:
            raise SpecificationError(f"--where {text!r}: {error}") from error
    return Where(texts=texts, condition=AllOf(parts=tuple(parts)))
