"""A parameter of a sweep file: its keys, its distribution, and the setting that it means."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tunesmith.errors import FlagError, SpecificationError
from tunesmith.flags.belief import WIDTH, Belief
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.grammar import to_flag_value
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.sweeps.distributions import KEYS, listed, read_distribution, to_number
from tunesmith.sweeps.keys import unknown_key

IF = "if"
"""The key of the condition under which a parameter is active, which is ours."""
BELIEF = ("belief", "belief_width")
"""The keys that say where the best value is expected; W&B has none."""


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
    """Return the setting of one parameter, with its condition.

    Raises:
        SpecificationError: It cannot be read.
    """
    condition = parameter.get(IF)
    setting = _without_condition({k: v for k, v in parameter.items() if k != IF}, name, place)
    if condition is None:
        return setting
    if not isinstance(condition, str) or not condition.strip():
        raise SpecificationError(
            f"{place}: {name}.{IF} is {condition!r}: expected a condition on other parameters, as "
            "kernel == 'poly'"
        )
    if not isinstance(setting, Choices | Distribution):
        setting = listed([setting])
    return replace(setting, condition=Condition(text=condition.strip()))


def _without_condition(parameter: Mapping[str, Any], name: str, place: str) -> Setting:
    believed = {key: parameter[key] for key in BELIEF if key in parameter}
    parameter = {key: one for key, one in parameter.items() if key not in BELIEF}
    kind = _distribution(parameter, name, place)
    needed, possible = KEYS[kind]
    _only(parameter, (*needed, *possible, "distribution"), name, place)
    for key in needed:
        if key not in parameter:
            raise SpecificationError(f"{place}: {name} has no {key}, which {kind} needs")
    try:
        if kind == "constant" and not believed:
            return _value(parameter["value"], name)
        several = (
            _choices(parameter, name)
            if kind.startswith("categorical")
            else read_distribution(kind, parameter)
        )
        return _with_belief(several, believed, name) if believed else several
    except FlagError as error:
        raise SpecificationError(f"{place}: {name}: {error}") from error


def _with_belief(several: Setting, believed: Mapping[str, Any], name: str) -> Setting:
    """Return several values with the keys ``belief`` and ``belief_width``.

    Raises:
        FlagError: There is one value, the width has no belief, or one of them does not fit.
    """
    if not isinstance(several, Choices | Distribution) or "belief" not in believed:
        raise FlagError("belief_width and belief go together, with values or a distribution")
    width = float(to_number(believed.get("belief_width", WIDTH), "belief_width"))
    belief = Belief(value=_value(believed["belief"], name), width=width)
    return replace(several, belief=belief)


def _distribution(parameter: Mapping[str, Any], name: str, place: str) -> str:
    """Return the distribution that a parameter names, or that its keys imply."""
    given = parameter.get("distribution")
    if given in KEYS:
        return str(given)
    if given is not None:
        raise unknown_key(str(given), KEYS, place=f"{place}: {name}.distribution")
    if "value" in parameter:
        return "constant"
    if "values" in parameter:
        return "categorical" + ("_w_probabilities" if "probabilities" in parameter else "")
    if "min" in parameter or "max" in parameter:
        ends = (parameter.get("min"), parameter.get("max"))
        are_whole = all(isinstance(end, int) and not isinstance(end, bool) for end in ends)
        return f"{'q_' if 'q' in parameter else 'int_' if are_whole else ''}uniform"
    raise SpecificationError(
        f"{place}: {name} says nothing to try: give value, values, min and max, or distribution"
    )


def _only(parameter: Mapping[Any, Any], known: tuple[str, ...], name: str, place: str) -> None:
    for key in parameter:
        if key not in known:
            raise unknown_key(str(key), known, place=f"{place}: {name}")


def _value(given: object, name: str) -> FlagValue:
    return to_flag_value(given, shown=f"the value of {name}")


def _choices(parameter: Mapping[str, Any], name: str) -> Setting:
    """Return the values of a parameter; those of the probability 0 are left out."""
    is_ordered = parameter.get("ordered")
    if not isinstance(is_ordered, bool | None):
        raise FlagError(f"ordered is {is_ordered!r}: expected true or false")
    return replace(_values(parameter, name), is_ordered=is_ordered)


def _values(parameter: Mapping[str, Any], name: str) -> Choices:
    given, likely = parameter["values"], parameter.get("probabilities")
    if not isinstance(given, list) or not given:
        raise FlagError(f"values is {given!r}: expected a list of values, as [0.1, 0.2]")
    values = [_value(one, name) for one in given]
    if likely is None:
        n_repeats = parameter.get("repeats", 1)
        if not isinstance(n_repeats, int) or isinstance(n_repeats, bool):
            raise FlagError(f"repeats is {n_repeats!r}: expected a whole number")
        return listed(values, n_repeats=n_repeats)
    if not isinstance(likely, list) or len(likely) != len(values):
        raise FlagError(f"probabilities is {likely!r}: expected a number for each of the values")
    shares = [float(to_number(one, "probabilities")) for one in likely]
    kept = [place for place, share in enumerate(shares) if share != 0]
    return listed([values[k] for k in kept], probabilities=tuple(shares[k] for k in kept))
