"""When a flag matters: what is written behind ``if`` in ``degree=[2:5] if kernel == "poly"``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tunesmith.errors import FlagError, QueryError
from tunesmith.flags.values import Flags, FlagValue

if TYPE_CHECKING:
    from tunesmith.flags.conditions.expression import Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition on the other flags of a trial, in the language of ``--filter``."""

    text: str
    """As typed."""
    named: tuple[tuple[str, str], ...] = ()
    """The words that name flags, each with the flag's own name; empty before it is ``bound``."""

    @property
    def names(self) -> frozenset[str]:
        """The names of the flags that it depends on."""
        return frozenset(name for _, name in self.named)

    def bound(self, names: Mapping[str, str]) -> "Condition":
        """Return the condition with the flags that its words name.

        Args:
            names: What a word may be, with the name of the flag that it means.

        Raises:
            FlagError: It cannot be read, or names something else.
        """
        try:
            words = dict.fromkeys(_parsed(self.text, tuple(names)).columns)
        except QueryError as error:
            raise FlagError(str(error)) from error
        return Condition(text=self.text, named=tuple((word, names[word]) for word in words))

    def holds(self, flags: Flags) -> bool:
        """Return whether it holds for a trial's flags; one that they lack is null."""
        return _parsed(self.text, tuple(word for word, _ in self.named)).holds(
            _Values(flags=flags, named=dict(self.named)).read
        )

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {"text": self.text, "flags": dict(self.named)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Condition":
        """Return what ``to_plain`` wrote.

        Raises:
            FlagError: The JSON is no condition.
        """
        try:
            condition = cls(text=str(plain["text"]), named=tuple(plain["flags"].items()))
            return condition.bound(dict(condition.named))
        except (AttributeError, KeyError, TypeError) as error:
            raise FlagError(f"{plain!r} is not the condition of a flag") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """The values that the words of a condition have in a trial."""

    flags: Flags
    named: Mapping[str, str]

    def read(self, word: str) -> FlagValue:
        return self.flags.get(self.named[word])


@lru_cache(maxsize=256)
def _parsed(text: str, words: tuple[str, ...]) -> "Expression[str]":
    # here, since most commands read no condition
    from tunesmith.flags.conditions.grammar import parse
    from tunesmith.flags.conditions.names import FlagNames

    return parse(text, FlagNames(names=frozenset(words), kind="condition"))
