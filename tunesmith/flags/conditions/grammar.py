"""Conditions: ``loss < 0.5 and x in [1,2] or layers * width <= 4096``.

    either     = both { "or" both }
    both       = negation { "and" negation }
    negation   = "not" negation | "(" either ")" | comparison
    comparison = sum ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) ( value | sum )
               | sum [ "not" ] "in" list
               | sum [ "not" ] "contains" value
               | sum "is" [ "not" ] "null"
    list       = "[" [ value { "," value } ] "]"

``sums`` has the rules of a sum. What the words of a column mean, its ``Names`` say. A comparison
with a missing value is false, so ``not loss < 0.5`` also finds runs without a loss.
"""

from dataclasses import dataclass
from typing import Generic

from tunesmith.flags.conditions.comparison import Comparison, Operator
from tunesmith.flags.conditions.cursor import Cursor
from tunesmith.flags.conditions.expression import AllOf, AnyOf, Expression, Not
from tunesmith.flags.conditions.names import Names
from tunesmith.flags.conditions.sums import TermReader
from tunesmith.flags.conditions.terms import Literal, NameT, Term
from tunesmith.flags.conditions.tokens import Token, TokenKind, tokenize

_SYNONYMS = {"==": "=", "<>": "!="}
_NULLS = ("null", "none", "missing", "undefined")
_ORDERED = (
    Operator.LESS,
    Operator.LESS_OR_EQUAL,
    Operator.GREATER,
    Operator.GREATER_OR_EQUAL,
)


def parse(text: str, names: Names[NameT]) -> Expression[NameT]:
    """Parse a condition.

    Args:
        text: The condition.
        names: What its names mean.

    Raises:
        QueryError: The condition is invalid; the message names the position.
    """
    cursor = Cursor(tokens=tokenize(text, kind=names.kind), kind=names.kind)
    parser = _Parser(cursor=cursor, terms=TermReader(cursor=cursor, names=names))
    expression = parser.either()
    if cursor.next.kind is not TokenKind.END:
        raise cursor.unexpected("'and', 'or' or the end")
    return expression


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parser(Generic[NameT]):
    """Reads conditions, one method for each rule of the grammar."""

    cursor: Cursor
    terms: TermReader[NameT]

    def either(self) -> Expression[NameT]:
        parts = [self.both()]
        while self.cursor.next.is_word("or"):
            self.cursor.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else AnyOf(parts=tuple(parts))

    def both(self) -> Expression[NameT]:
        parts = [self.negation()]
        while self.cursor.next.is_word("and"):
            self.cursor.take()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else AllOf(parts=tuple(parts))

    def negation(self) -> Expression[NameT]:
        if self.cursor.next.is_word("not"):
            self.cursor.descend()
            self.cursor.take()
            inner: Expression[NameT] = Not(part=self.negation())
            self.cursor.depth -= 1
            return inner
        if not self.cursor.next.is_mark("(") or _continues_term(self.cursor.behind_group()):
            return self.comparison()
        self.cursor.descend()
        self.cursor.take()
        inner = self.either()
        self.cursor.ascend(")")
        return inner

    def comparison(self) -> Expression[NameT]:
        start = self.cursor.next
        left = self.terms.sum()
        operator = self.operator()
        others: tuple[Term[NameT], ...]
        if operator in (Operator.IS_NULL, Operator.IS_NOT_NULL):
            others = ()
        elif operator in (Operator.IN, Operator.NOT_IN):
            others = self._fitted(left, self.terms.list(), start)
        elif operator in (Operator.CONTAINS, Operator.NOT_CONTAINS):
            others = self._fitted(left, (self.terms.value(),), start)
        else:
            other = self.terms.other(left, is_ordered=operator in _ORDERED)
            others = self._fitted(left, (other,), start)
        return Comparison(left=left, operator=operator, others=others)

    def _fitted(
        self, left: Term[NameT], others: tuple[Term[NameT], ...], start: Token
    ) -> tuple[Term[NameT], ...]:
        """Return what a term is compared with, literals as its values are."""
        return tuple(
            self.terms.fitted(left, one, start) if isinstance(one, Literal) else one
            for one in others
        )

    def operator(self) -> Operator:
        token = self.cursor.next
        if token.kind is TokenKind.OPERATOR:
            self.cursor.take()
            return Operator(_SYNONYMS.get(token.text, token.text))
        if token.is_word("is"):
            self.cursor.take()
            return self._null_test()
        is_negated = token.is_word("not")
        if is_negated:
            self.cursor.take()
        if not self.cursor.next.is_word("in", "contains"):
            raise self.cursor.unexpected(
                "'in' or 'contains'" if is_negated else "a comparison, as in 'loss < 0.5'"
            )
        return Operator(("not " if is_negated else "") + self.cursor.take().text.lower())

    def _null_test(self) -> Operator:
        is_negated = self.cursor.next.is_word("not")
        if is_negated:
            self.cursor.take()
        if not self.cursor.next.is_word(*_NULLS):
            raise self.cursor.unexpected("'null'" if is_negated else "'null' or 'not null'")
        self.cursor.take()
        return Operator.IS_NOT_NULL if is_negated else Operator.IS_NULL


def _continues_term(token: Token) -> bool:
    """Return whether what stands before a token is a term, and no condition."""
    is_sign = token.kind in (TokenKind.SIGN, TokenKind.OPERATOR)
    return is_sign or token.is_word("in", "not", "contains", "is")
