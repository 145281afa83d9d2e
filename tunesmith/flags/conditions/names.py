"""What the names in a condition mean: who parses one says it."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from tunesmith.errors import QueryError
from tunesmith.flags.conditions.terms import Literal, NameT
from tunesmith.near_names import near_names

_SIGN = re.compile(r"[-+/]")


class Names(Protocol[NameT]):
    """What the names in a condition mean."""

    @property
    def kind(self) -> str:
        """What a condition is called in messages, as ``filter``."""
        ...

    @property
    def expected(self) -> str:
        """What a name can be, as ``an attribute, a flag or a scalar``."""
        ...

    def column(self, text: str) -> NameT:
        """Return what some words name.

        Raises:
            QueryError: They name nothing.
        """
        ...

    def may_be_column(self, word: str, beside: NameT | None, *, is_ordered: bool) -> bool:
        """Return whether an unquoted word on the right of a comparison can be a name.

        Args:
            word: The word, which is no number.
            beside: The column on the left; None where there is another term.
            is_ordered: Whether the comparison asks for less or more, not for equal.
        """
        ...

    def literal(self, column: NameT, literal: Literal) -> Literal:
        """Return a literal as what the values of a column are compared with.

        Raises:
            QueryError: The column's values cannot be compared with it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagNames:
    """The names of a condition on flags."""

    names: Collection[str]
    kind: str
    expected: str = "a flag"

    def column(self, text: str) -> str:
        """Return the name of the flag, which may be written with ``-`` for ``_`` and reverse.

        Raises:
            QueryError: There is no such flag.
        """
        name = text.removeprefix("flag:").removeprefix("=")
        for spelled in (name, name.replace("-", "_"), name.replace("_", "-")):
            if spelled in self.names:
                return spelled
        self._check_spaces(name)
        near = near_names(name, self.names, n=1)
        hint = (
            f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(self.names))}"
        )
        raise QueryError(f"there is no flag {name!r}: {hint}")

    def may_be_column(self, word: str, beside: str | None, *, is_ordered: bool) -> bool:
        """Return whether a word is the name of a flag."""
        return word in self.names

    def literal(self, column: str, literal: Literal) -> Literal:
        """Return the literal as it is.

        Raises:
            QueryError: It is a sum without spaces.
        """
        self._check_spaces(literal.text)
        return literal

    def _check_spaces(self, text: str) -> None:
        parts = _SIGN.split(text)
        if len(parts) > 1 and any(part in self.names for part in parts):
            raise QueryError(f"{text!r} is one word: put spaces around {_SIGN.findall(text)[0]}")
