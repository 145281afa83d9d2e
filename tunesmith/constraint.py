"""Constraints: what the scalars of a trial have to meet, as ``latency <= 50``."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from tunesmith.errors import QueryError, SpecificationError
from tunesmith.flags.conditions.comparison import Comparison, Operator
from tunesmith.flags.conditions.expression import AllOf, Expression
from tunesmith.flags.conditions.grammar import parse
from tunesmith.flags.conditions.terms import Literal, Term
from tunesmith.flags.conditions.violation import LEAST
from tunesmith.objective import Measured, Objective
from tunesmith.scalar import ScalarColumn

_SIGNS = {
    Operator.LESS: 1.0,
    Operator.LESS_OR_EQUAL: 1.0,
    Operator.GREATER: -1.0,
    Operator.GREATER_OR_EQUAL: -1.0,
}
_STRICT = (Operator.LESS, Operator.GREATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One comparison of numbers, of what a trial reported or used."""

    text: str
    """As it was typed; of several joined by ``and`` all of them."""
    comparison: Comparison[ScalarColumn]

    @property
    def columns(self) -> tuple[ScalarColumn, ...]:
        """The scalars that it compares, in the order of the text."""
        return self.comparison.columns

    def margin(self, trial: Measured) -> float | None:
        """Return how far the sides lie apart: at most 0 where it holds, in the scalars' unit.

        None where a scalar is missing, NaN or infinite.
        """
        return self.margin_of(partial(_read, trial))

    def margin_of(self, read: Callable[[ScalarColumn], float | None]) -> float | None:
        """Return the same of what is read scalar by scalar, None for one that is missing."""
        sides = [term.evaluate(read) for term in self._terms]
        left, right = (one if isinstance(one, int | float) else math.nan for one in sides)
        margin = _SIGNS[self.comparison.operator] * (left - right)
        if not math.isfinite(margin):
            return None
        is_missed = margin == 0.0 and self.comparison.operator in _STRICT
        return LEAST if is_missed else margin

    def violation(self, trial: Measured) -> float:
        """Return 0 where it holds, else the distance as a share of both sides, at most 1.

        A trial without one of its scalars is at 1.
        """
        margin = self.margin(trial)
        if margin is None:
            return 1.0
        sides = [term.evaluate(partial(_read, trial)) for term in self._terms]
        size = sum(abs(one) for one in sides if isinstance(one, int | float))
        return 0.0 if margin <= 0.0 else min(1.0, max(LEAST, margin / size if size else 0.0))

    @property
    def _terms(self) -> tuple[Term[ScalarColumn], ...]:
        return (self.comparison.left, *self.comparison.others)


@lru_cache(maxsize=64)
def read_constraints(texts: tuple[str, ...]) -> tuple[Constraint, ...]:
    """Return the constraints of some texts, each of which may join several by ``and``.

    Raises:
        SpecificationError: A text is no condition, or compares otherwise than by size.
    """
    return tuple(one for text in texts for one in _read_text(text))


def _read_text(text: str) -> list[Constraint]:
    try:
        found = list(_comparisons(parse(text, _ScalarNames())))
    except QueryError as error:
        raise SpecificationError(f"--subject-to {text!r}: {error}") from error
    if not all(one.operator in _SIGNS and one.columns for one in found):
        raise SpecificationError(
            f"--subject-to {text!r} compares no scalar by size: write it by <=, <, >= or >, as in "
            "'latency <= 50', several joined by and"
        )
    return [Constraint(text=text, comparison=one) for one in found]


def _comparisons(condition: Expression[ScalarColumn]) -> Iterator[Comparison[ScalarColumn]]:
    """Yield the comparisons that a condition joins by ``and``.

    Raises:
        QueryError: It joins them otherwise.
    """
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _comparisons(part)
    elif isinstance(condition, Comparison):
        yield condition
    else:
        raise QueryError("comparisons are joined by and alone, so that each can be learnt")


def _read(trial: Measured, column: ScalarColumn) -> float | None:
    return Objective(column=column).read(trial)


@dataclass(frozen=True, slots=True)
class _ScalarNames:
    """The names of a constraint: scalars, and what every trial is measured by."""

    kind: str = "constraint"
    expected: str = "a scalar"

    def column(self, text: str) -> ScalarColumn:
        return ScalarColumn.from_text(text.removeprefix("scalar:"))

    def may_be_column(self, word: str, beside: ScalarColumn | None, *, is_ordered: bool) -> bool:
        return word[0].isalpha() and is_ordered

    def literal(self, column: ScalarColumn, literal: Literal) -> Literal:
        return literal
