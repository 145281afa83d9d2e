"""By how much a condition is missed, so that a search can find where it holds."""

import math
from collections.abc import Callable

from tunesmith.flags.conditions.comparison import Comparison, Operator
from tunesmith.flags.conditions.expression import AllOf, AnyOf, Expression, Not
from tunesmith.flags.conditions.terms import NameT
from tunesmith.flags.values import FlagValue

LEAST = 1e-12
"""What a strict comparison of equal numbers is missed by."""
_OPPOSITES = {
    Operator.EQUAL: Operator.UNEQUAL,
    Operator.LESS: Operator.GREATER_OR_EQUAL,
    Operator.GREATER: Operator.LESS_OR_EQUAL,
}
_OPPOSITES |= {opposite: operator for operator, opposite in _OPPOSITES.items()}


def violation(
    condition: Expression[NameT],
    read: Callable[[NameT], FlagValue],
    *,
    is_negated: bool = False,
) -> float:
    """Return 0 where a condition holds, else a number that is the larger the more it is missed.

    A comparison of numbers is missed by their distance, from 0 to 1; any other by 1. One of a
    missing value holds, and so does its opposite: it asks nothing.

    Args:
        condition: The condition.
        read: Returns the value of each of its names; None for a missing one.
        is_negated: Whether the opposite is asked for.
    """
    if isinstance(condition, Not):
        return violation(condition.part, read, is_negated=not is_negated)
    if isinstance(condition, AllOf | AnyOf):
        parts = [violation(part, read, is_negated=is_negated) for part in condition.parts]
        return min(parts) if isinstance(condition, AnyOf) != is_negated else sum(parts)
    if isinstance(condition, Comparison):
        return _of_comparison(condition, read, is_negated=is_negated)
    return float(condition.holds(read) == is_negated)


def _of_comparison(
    condition: Comparison[NameT], read: Callable[[NameT], FlagValue], *, is_negated: bool
) -> float:
    values = [term.evaluate(read) for term in (condition.left, *condition.others)]
    is_null_test = condition.operator in (Operator.IS_NULL, Operator.IS_NOT_NULL)
    if None in values and not is_null_test:
        return 0.0
    if condition.holds(read) != is_negated:
        return 0.0
    operator = condition.operator
    if is_negated:
        operator = _OPPOSITES.get(operator, operator)
    if len(values) == 2 and operator in _OPPOSITES and operator is not Operator.UNEQUAL:
        left, right = values
        if isinstance(left, int | float) and isinstance(right, int | float):
            return _distance(left, right)
    return 1.0


def _distance(left: float, right: float) -> float:
    """Return how far two numbers lie apart, from ``LEAST`` to 1.

    Of numbers of one sign it is by their ratio, so that 0.1 is nearer to 1e-9 than 1 is; of others
    it is the more the larger they are, and more than of those.
    """
    try:
        if left * right > 0:
            decades = abs(math.log(left / right))
            share = 0.5 * decades / (1.0 + decades)
        else:
            apart = abs(left - right)
            share = 0.5 + 0.5 * apart / (1.0 + apart) if left * right < 0 else _from_zero(apart)
    except (ZeroDivisionError, OverflowError, ValueError):
        return 1.0
    return max(LEAST, min(1.0, share)) if share == share else 1.0


def _from_zero(apart: float) -> float:
    """Return how far a number lies from 0, by its size."""
    return apart / (1.0 + apart)
