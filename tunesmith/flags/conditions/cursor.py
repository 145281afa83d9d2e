"""A place among the tokens of a condition."""

from dataclasses import dataclass, field

from tunesmith.errors import QueryError
from tunesmith.flags.conditions.tokens import Token, TokenKind

MAX_DEPTH = 40
"""The deepest nesting of parentheses, lists and ``not``."""


@dataclass(slots=True, kw_only=True)
class Cursor:
    """Goes through tokens from left to right."""

    tokens: list[Token]
    kind: str
    """What the condition is called in messages, as ``filter``."""
    index: int = field(default=0)
    depth: int = field(default=0)

    @property
    def next(self) -> Token:
        """The token that is read next; ``END`` behind the last one."""
        return self.tokens[self.index]

    def take(self) -> Token:
        """Return the next token, and go on to the one after it."""
        token = self.next
        self.index += token.kind is not TokenKind.END
        return token

    def descend(self) -> None:
        """Begin what is nested within the rest.

        Raises:
            QueryError: It is nested too deeply.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(
                f"the {self.kind} is nested too deeply at position {self.next.position}: "
                f"at most {MAX_DEPTH} levels are allowed"
            )

    def ascend(self, mark: str) -> None:
        """End what is nested, with its closing mark.

        Raises:
            QueryError: Something else stands there.
        """
        if not self.next.is_mark(mark):
            raise self.unexpected(repr(mark))
        self.take()
        self.depth -= 1

    def behind_group(self) -> Token:
        """Return the token behind the parenthesis that closes the one that is read next."""
        open_groups = 0
        for place in range(self.index, len(self.tokens)):
            open_groups += self.tokens[place].is_mark("(") - self.tokens[place].is_mark(")")
            if not open_groups:
                return self.tokens[min(place + 1, len(self.tokens) - 1)]
        return self.tokens[-1]

    def unexpected(self, expected: str) -> QueryError:
        """Return the error that the next token is not what a condition has here."""
        token = self.next
        return QueryError(
            f"unexpected {token.describe()} at position {token.position} of the {self.kind}: "
            f"expected {expected}"
        )
