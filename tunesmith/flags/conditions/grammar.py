"""Conditions: ``loss < 0.5 and x in [1,2] or label contains "a"``.

    either     = both { "or" both }
    both       = negation { "and" negation }
    negation   = "not" negation | "(" either ")" | comparison
    comparison = column ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) value
               | column [ "not" ] "in" list
               | column [ "not" ] "contains" value
               | column "is" [ "not" ] "null"
    list       = "[" [ value { "," value } ] "]"

What the words of a column mean, its ``Names`` say. A comparison with a missing value is false, so
``not loss < 0.5`` also finds runs without a loss.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol

from tunesmith.errors import QueryError
from tunesmith.flags.conditions.comparison import (
    Comparison,
    Literal,
    NameT,
    Operator,
    read_literal,
)
from tunesmith.flags.conditions.expression import AllOf, AnyOf, Expression, Not
from tunesmith.flags.conditions.tokens import Token, TokenKind, tokenize

MAX_DEPTH = 40
"""The deepest nesting of parentheses and ``not``."""

_SYNONYMS = {"==": "=", "<>": "!="}
_NULLS = ("null", "none", "missing", "undefined")


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

    def literal(self, column: NameT, literal: Literal) -> Literal:
        """Return a literal as what the values of a column are compared with.

        Raises:
            QueryError: The column's values cannot be compared with it.
        """
        ...


def parse(text: str, names: Names[NameT]) -> Expression[NameT]:
    """Parse a condition.

    Args:
        text: The condition.
        names: What its names mean.

    Raises:
        QueryError: The condition is invalid; the message names the position.
    """
    parser = _Parser(tokens=tokenize(text, kind=names.kind), names=names)
    expression = parser.either()
    if parser.next.kind is not TokenKind.END:
        raise parser.unexpected("'and', 'or' or the end")
    return expression


@dataclass(slots=True, kw_only=True)
class _Parser(Generic[NameT]):
    """Reads tokens from left to right, one method for each rule of the grammar."""

    tokens: list[Token]
    names: Names[NameT]
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
            f"unexpected {token.describe()} at position {token.position} of the "
            f"{self.names.kind}: expected {expected}"
        )

    def either(self) -> Expression[NameT]:
        parts = [self.both()]
        while self.next.is_word("or"):
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else AnyOf(parts=tuple(parts))

    def both(self) -> Expression[NameT]:
        parts = [self.negation()]
        while self.next.is_word("and"):
            self.take()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else AllOf(parts=tuple(parts))

    def negation(self) -> Expression[NameT]:
        if not (self.next.is_word("not") or self.next.is_mark("(")):
            return self.comparison()
        self._descend()
        if self.take().is_word("not"):
            inner: Expression[NameT] = Not(part=self.negation())
        else:
            inner = self.either()
            if not self.next.is_mark(")"):
                raise self.unexpected("')'")
            self.take()
        self.depth -= 1
        return inner

    def comparison(self) -> Expression[NameT]:
        start = self.next
        column = self.column()
        operator = self.operator()
        if operator in (Operator.IS_NULL, Operator.IS_NOT_NULL):
            return Comparison(column=column, operator=operator)
        literals = self.list() if operator in (Operator.IN, Operator.NOT_IN) else (self.value(),)
        literals = tuple(self._fitted(column, literal, start) for literal in literals)
        return Comparison(column=column, operator=operator, literals=literals)

    def column(self) -> NameT:
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
            raise self.unexpected(f"the name of {self.names.expected}")
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
                f"the {self.names.kind} is nested too deeply at position {self.next.position}: "
                f"at most {MAX_DEPTH} levels are allowed"
            )

    def _checked(self, start: Token, words: Iterable[str]) -> NameT:
        """Return what some words name; an error names their position."""
        try:
            return self.names.column(" ".join(words))
        except QueryError as error:
            raise self._placed(start, error) from error

    def _fitted(self, column: NameT, literal: Literal, start: Token) -> Literal:
        try:
            return self.names.literal(column, literal)
        except QueryError as error:
            raise self._placed(start, error) from error

    def _placed(self, start: Token, error: QueryError) -> QueryError:
        return QueryError(f"at position {start.position} of the {self.names.kind}: {error}")
