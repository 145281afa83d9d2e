"""How terms are read: ``layers * width``, ``(a + b) / 2``, ``min loss``, a name in backquotes.

    sum     = product { ( "+" | "-" ) product }
    product = operand { ( "*" | "/" ) operand }
    operand = number | column | "`" name "`" | "(" sum ")"

``+``, ``-`` and ``/`` have spaces around them, or a parenthesis, since names may contain them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from tunesmith.errors import QueryError
from tunesmith.flags.conditions.comparison import read_literal
from tunesmith.flags.conditions.cursor import Cursor
from tunesmith.flags.conditions.names import Names
from tunesmith.flags.conditions.terms import (
    Arithmetic,
    Literal,
    Named,
    NamedOrText,
    NameT,
    Term,
)
from tunesmith.flags.conditions.tokens import Token, TokenKind

_KEYWORDS = ("in", "not", "contains", "is", "and", "or")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermReader(Generic[NameT]):
    """Reads terms, one method for each rule of the grammar."""

    cursor: Cursor
    names: Names[NameT]

    def sum(self) -> Term[NameT]:
        """Read products that are added or subtracted."""
        return self._joined(self.product, "+-")

    def product(self) -> Term[NameT]:
        """Read operands that are multiplied or divided."""
        return self._joined(self.operand, "*/")

    def _joined(self, part: Callable[[], Term[NameT]], signs: str) -> Term[NameT]:
        term = part()
        while self.cursor.next.kind is TokenKind.SIGN and self.cursor.next.text in signs:
            sign = self.cursor.take().text
            term = Arithmetic(sign=sign, left=term, right=part())
        return term

    def operand(self) -> Term[NameT]:
        """Read a number, a column, or a sum in parentheses."""
        token = self.cursor.next
        if token.is_mark("("):
            self.cursor.descend()
            self.cursor.take()
            inner = self.sum()
            self.cursor.ascend(")")
            return inner
        if token.kind is TokenKind.WORD and _is_number(read_literal(token.text)):
            return read_literal(self.cursor.take().text)
        return Named(column=self.column())

    def column(self) -> NameT:
        """Read the words of a column, or a name in quotes."""
        start = self.cursor.next
        if start.kind in (TokenKind.TEXT, TokenKind.NAME):
            return self._checked(start, self.cursor.take().text)
        sign = self.cursor.take().text if start.text == "=" else ""
        words = []
        while self.cursor.next.kind is TokenKind.WORD and not self.cursor.next.is_word(*_KEYWORDS):
            words.append(self.cursor.take().text)
        if not words:
            raise self.cursor.unexpected(f"the name of {self.names.expected}")
        return self._checked(start, sign + " ".join(words))

    def other(self, left: Term[NameT], *, is_ordered: bool) -> Term[NameT]:
        """Read what stands on the right of a comparison: a value, a name, or a sum.

        Args:
            left: What it is compared with.
            is_ordered: Whether it is asked for less or more, not for equal.
        """
        start = self.cursor.next
        if self._is_computed():
            return self.sum()
        literal = self.value()
        is_word = start.kind is TokenKind.WORD and isinstance(literal.value, str)
        beside = left.column if isinstance(left, Named) else None
        if is_word and self.names.may_be_column(start.text, beside, is_ordered=is_ordered):
            return NamedOrText(column=self._checked(start, start.text), literal=literal)
        return literal

    def _is_computed(self) -> bool:
        """Return whether names and signs follow, and no plain value."""
        first = self.cursor.next
        if first.kind is TokenKind.NAME or first.is_mark("("):
            return True
        if first.kind not in (TokenKind.WORD, TokenKind.TEXT):
            return False
        behind = self.cursor.tokens[self.cursor.index + 1 :]
        words = next((one for one in behind if one.kind is not TokenKind.WORD), behind[-1])
        return words.kind is TokenKind.SIGN and not any(
            one.is_word("and", "or") for one in behind[: behind.index(words)]
        )

    def value(self) -> Literal:
        """Read a number, a text or a list."""
        token = self.cursor.next
        if token.is_mark("["):
            items = self.list()
            text = ", ".join(item.text for item in items)
            return Literal(value=tuple(item.value for item in items), text=f"[{text}]")
        if token.kind not in (TokenKind.WORD, TokenKind.TEXT):
            raise self.cursor.unexpected("a number, a string or a list")
        self.cursor.take()
        return read_literal(token.text, is_quoted=token.kind is TokenKind.TEXT)

    def list(self) -> tuple[Literal, ...]:
        """Read values in brackets."""
        if not self.cursor.next.is_mark("["):
            raise self.cursor.unexpected("a list, as in [1, 2]")
        self.cursor.descend()
        self.cursor.take()
        items: list[Literal] = []
        while not self.cursor.next.is_mark("]"):
            if items:
                self._separator()
            items.append(self.value())
        self.cursor.ascend("]")
        return tuple(items)

    def _separator(self) -> None:
        if not self.cursor.next.is_mark(","):
            raise self.cursor.unexpected("',' or ']'")
        self.cursor.take()

    def fitted(self, left: Term[NameT], literal: Literal, start: Token) -> Literal:
        """Return a literal as what a column is compared with; an error names its position."""
        if not isinstance(left, Named):
            return literal
        try:
            return self.names.literal(left.column, literal)
        except QueryError as error:
            raise self._placed(start, error) from error

    def _checked(self, start: Token, text: str) -> NameT:
        """Return what some words name; an error names their position."""
        try:
            return self.names.column(text)
        except QueryError as error:
            raise self._placed(start, error) from error

    def _placed(self, start: Token, error: QueryError) -> QueryError:
        return QueryError(f"at position {start.position} of the {self.cursor.kind}: {error}")


def _is_number(literal: Literal) -> bool:
    return isinstance(literal.value, int | float) and not isinstance(literal.value, bool)
