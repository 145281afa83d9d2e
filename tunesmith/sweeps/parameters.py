"""A parameter of a sweep file: its keys, its distribution, and the setting that it means."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tunesmith.errors import FlagError, SpecificationError
from tunesmith.flags.display import format_value
from tunesmith.flags.distributions import interval
from tunesmith.flags.grammar import to_flag_value
from tunesmith.flags.number import without_float_noise
from tunesmith.flags.settings import Choices, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.sweeps.keys import unknown_key

_KEYS: Mapping[str, tuple[str, ...]] = {
    "constant": ("value",),
    "categorical": ("values",),
    "int_uniform": ("min", "max"),
    "uniform": ("min", "max"),
    "log_uniform": ("min", "max"),
    "log_uniform_values": ("min", "max"),
    "inv_log_uniform": ("min", "max"),
    "inv_log_uniform_values": ("min", "max"),
}
"""The distributions, and the keys that each needs."""


def read_parameters(
    given: object, *, place: str, above: str = ""
) -> Iterator[tuple[str, Setting]]:
    """Yield the name and the setting of each parameter; those within others have dotted names.

    Args:
        given: The value of a key ``parameters``.
        place: The file's name, for messages.
        above: The name of the parameter that holds these; empty, the default, for none.

    Raises:
        SpecificationError: A parameter cannot be read; the message names it.
    """
    if not isinstance(given, Mapping):
        raise SpecificationError(
            f"{place}: parameters{f' of {above}' if above else ''} is {given!r}: expected names "
            "with what each takes, as lr: {min: 0.001, max: 0.1}"
        )
    for key, parameter in given.items():
        name = f"{above}.{key}" if above else str(key)
        if not isinstance(key, str) or not key:
            raise SpecificationError(f"{place} has a parameter {key!r}: write its name in quotes")
        if not isinstance(parameter, Mapping):
            raise SpecificationError(
                f"{place}: {name} is {parameter!r}: expected {name}: {{value: {parameter!r}}}, or "
                "values, or min and max"
            )
        if "parameters" in parameter:
            _only(parameter, ("parameters",), name, place)
            yield from read_parameters(parameter["parameters"], place=place, above=name)
        else:
            yield name, _setting(parameter, name, place)


def _setting(parameter: Mapping[str, Any], name: str, place: str) -> Setting:
    """Return the setting of one parameter.

    Raises:
        SpecificationError: It cannot be read.
    """
    kind = _distribution(parameter, name, place)
    _only(parameter, (*_KEYS[kind], "distribution"), name, place)
    for key in _KEYS[kind]:
        if key not in parameter:
            raise SpecificationError(f"{place}: {name} has no {key}, which {kind} needs")
    try:
        if kind == "constant":
            return _value(parameter["value"], name)
        if kind == "categorical":
            return _choices(parameter["values"], name)
        return _interval(kind, parameter, name)
    except FlagError as error:
        raise SpecificationError(f"{place}: {name}: {error}") from error


def _distribution(parameter: Mapping[str, Any], name: str, place: str) -> str:
    """Return the distribution that a parameter names, or that its keys imply."""
    given = parameter.get("distribution")
    if given in _KEYS:
        return str(given)
    if given is not None:
        raise unknown_key(str(given), _KEYS, place=f"{place}: {name}.distribution")
    if "value" in parameter:
        return "constant"
    if "values" in parameter:
        return "categorical"
    if "min" in parameter or "max" in parameter:
        ends = (parameter.get("min"), parameter.get("max"))
        are_whole = all(isinstance(end, int) and not isinstance(end, bool) for end in ends)
        return "int_uniform" if are_whole else "uniform"
    raise SpecificationError(
        f"{place}: {name} says nothing to try: give value, values, min and max, or distribution"
    )


def _only(parameter: Mapping[Any, Any], known: tuple[str, ...], name: str, place: str) -> None:
    for key in parameter:
        if key not in known:
            raise unknown_key(str(key), known, place=f"{place}: {name}")


def _value(given: object, name: str) -> FlagValue:
    return to_flag_value(given, shown=f"the value of {name}")


def _choices(given: object, name: str) -> Choices:
    if not isinstance(given, list) or not given:
        raise FlagError(f"values is {given!r}: expected a list of values, as [0.1, 0.2]")
    values = tuple(_value(one, name) for one in given)
    return Choices(values=values, text=format_value(values, is_exact=True))


def _interval(kind: str, parameter: Mapping[str, Any], name: str) -> Setting:
    low, high = (_number(parameter[key], key) for key in ("min", "max"))
    if kind == "int_uniform":
        if not (isinstance(low, int) and isinstance(high, int)):
            raise FlagError("int_uniform takes whole numbers as min and max")
        return interval(low, high, is_integer=True) if low != high else low
    if kind in ("log_uniform", "inv_log_uniform"):  # the ends are exponents of e
        low, high = (low, high) if kind == "log_uniform" else (-high, -low)
        low, high = _exponential(low), _exponential(high)
    if low == high:
        return float(low)
    return interval(float(low), float(high), is_log=kind != "uniform")


def _exponential(exponent: float) -> float:
    try:
        return without_float_noise(math.exp(exponent))
    except OverflowError:
        raise FlagError(f"the exponential of {exponent} is too large") from None


def _number(given: object, key: str) -> int | float:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return given
    raise FlagError(f"{key} is {given!r}: expected a number")
