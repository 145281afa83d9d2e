"""Evaluates constant expressions of a script, as ``2**19`` or ``(0.9, 5 * 8)``, within limits."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from tunesmith.flags.number import MAX_DIGITS

MAX_ITEMS = 10_000
"""Characters or items of a string or list that is computed; a literal may be longer."""
_MAX_BITS = 1_000
"""Bits of a power or a shift that is computed: ``9**9**9`` would take for ever."""
_LARGEST = 10**MAX_DIGITS
"""Whole numbers beyond it are no flag, since no float represents them."""


def _power(base: int | float, exponent: int | float) -> Any:
    is_whole = isinstance(base, int) and isinstance(exponent, int)
    if is_whole and int(base).bit_length() * abs(exponent) > _MAX_BITS:
        raise ValueError(f"{base}**{exponent} is too large")
    return base**exponent


def _shifted(number: int, n_bits: int) -> int:
    if n_bits > _MAX_BITS:
        raise ValueError(f"{number} << {n_bits} is too large")
    return number << n_bits


_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: _shifted,
    ast.RShift: operator.rshift,
    ast.Pow: _power,
}
_CALLS: dict[str, Callable[[Any], Any]] = {
    "int": int, "float": float, "bool": bool, "str": str, "tuple": tuple, "list": list,
}  # fmt: skip
_MATHEMATICS = {
    f"{module}.{name}": getattr(math, name)
    for module in ("math", "np", "numpy", "torch")
    for name in ("pi", "e", "inf")
}


def constant(node: ast.expr) -> object:
    """Return a constant expression's value: a number, text, None, or lists and tuples of them.

    Nothing of the script is run, and nothing that would take long or get large is computed.

    Raises:
        ValueError: The value is computed when the script runs, or no flag can have it.
    """
    try:
        return _value(node)
    except (TypeError, LookupError, ArithmeticError, RecursionError, MemoryError) as error:
        raise ValueError(f"line {node.lineno} has no constant: {error}") from error


def _value(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=value):
            return _checked(value)
        case ast.List(elts=items):
            return [_value(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_value(item) for item in items)
        case ast.UnaryOp(op=sign, operand=operand):
            return _checked(_UNARY[type(sign)](_number(_value(operand))))
        case ast.BinOp(left=left, op=sign, right=right):
            return _combine(sign, _value(left), _value(right))
        case ast.JoinedStr(values=parts):
            return "".join(str(_value(part)) for part in parts)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _CALLS:
            return _checked(_CALLS[name](_value(argument)))
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return _named(f"{module}.{name}")
    raise ValueError(f"line {node.lineno} has no constant")


def _named(name: str) -> float:
    if name not in _MATHEMATICS:
        raise ValueError(f"{name} is computed when the script runs")
    return float(_MATHEMATICS[name])


def _combine(sign: ast.operator, left: object, right: object) -> object:
    if isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple):
        return _lengthen(sign, left, right)
    return _checked(_BINARY[type(sign)](_number(left), _number(right)))


def _lengthen(sign: ast.operator, left: Any, right: Any) -> object:
    """Return two strings or lists joined, or one repeated.

    Raises:
        ValueError: The result would be too large, or the operation is another (``"%d" % 1``).
    """
    held, times = (right, left) if isinstance(left, int) else (left, right)
    is_joined = isinstance(sign, ast.Add) and type(left) is type(right)
    if not is_joined and not (isinstance(sign, ast.Mult) and isinstance(times, int)):
        raise ValueError("texts and lists are only joined and repeated")
    if (_size(left) + _size(right) if is_joined else _size(held) * times) > MAX_ITEMS:
        raise ValueError(f"more than {MAX_ITEMS} characters or items")
    return left + right if is_joined else held * times


def _size(value: object) -> int:
    """Return the number of characters, or of items including nested ones, of a value."""
    if isinstance(value, list | tuple):
        return len(value) + sum(_size(item) for item in value)
    return len(value) if isinstance(value, str) else 1


def _number(value: object) -> int | float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return value


def _checked(value: object) -> object:
    """Return a value that a flag can have.

    Raises:
        ValueError: It has another type, is NaN, or is too large.
    """
    is_plain = value is None or isinstance(value, bool | int | float | str | list | tuple)
    is_huge = isinstance(value, int) and abs(value) > _LARGEST
    is_nan = isinstance(value, float) and math.isnan(value)
    if not is_plain or is_huge or is_nan:
        raise ValueError(f"{str(value)[:50]} is no value of a flag")
    return value
