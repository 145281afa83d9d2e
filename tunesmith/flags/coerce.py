"""The reading of one VALUE for a flag whose type is known."""

from dataclasses import replace

from tunesmith.errors import FlagError
from tunesmith.flags.definition import FlagDefinition, FlagType
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.number import read_word
from tunesmith.flags.safe_yaml import shorten
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue, point_key

_BOOLS = {
    "yes": True, "true": True, "on": True, "1": True,
    "no": False, "false": False, "off": False, "0": False,
}  # fmt: skip
_EXPECTED = {
    FlagType.INT: "a whole number",
    FlagType.NUMBER: "a number",
    FlagType.FLOAT: "a number",
    FlagType.BOOL: "yes or no",
    FlagType.TEXT: "text",
}
_NUMERIC = (FlagType.INT, FlagType.NUMBER, FlagType.FLOAT)
_OPENINGS = ("[", "'", '"', "{")


def read_typed(flag: FlagDefinition, text: str, *, is_literal: bool = False) -> Setting:
    """Return what a VALUE means for a flag.

    Args:
        flag: The flag, with its type and choices.
        text: What stands behind ``=``.
        is_literal: Whether the text is one value, whatever it looks like.

    Raises:
        FlagError: The value does not fit the flag's type or choices.
    """
    if is_literal:
        return _check(flag, text if flag.type in (FlagType.TEXT, FlagType.ANY) else _word(text))
    setting = _read(flag, text)
    if isinstance(setting, Distribution):
        return _fit_distribution(flag, setting)
    if isinstance(setting, Choices):
        if flag.takes_many and flag.is_repeated:
            return setting
        return replace(setting, values=tuple(_check(flag, value) for value in setting.values))
    return _check(flag, setting)


def _read(flag: FlagDefinition, text: str) -> Setting:
    if flag.type is FlagType.TEXT:
        return _read_text(text)
    if flag.type in _NUMERIC and (word := read_word(text)) is not None:
        return word
    return read_setting(text)


def _read_text(text: str) -> Setting:
    """Return a text flag's value: the text, unless it opens as a list, a function or a quote."""
    try:
        setting = read_setting(text)
    except FlagError:
        if text.lstrip().startswith("["):
            raise
        return text
    if isinstance(setting, Choices | Distribution) and "[" in text:
        return setting
    is_quoted = text.lstrip().startswith(_OPENINGS) and isinstance(setting, str)
    return setting if is_quoted else text


def _word(text: str) -> FlagValue:
    number = read_word(text)
    return text if number is None else number


def _check(flag: FlagDefinition, value: FlagValue) -> FlagValue:
    """Return a value in the flag's type.

    Raises:
        FlagError: It does not fit.
    """
    if value is None:
        return None
    if isinstance(value, tuple) and (flag.takes_many or flag.is_repeated):
        return tuple(_check(flag, item) for item in value)
    fitted = _fit(flag, value)
    if flag.choices and point_key(fitted) not in {point_key(choice) for choice in flag.choices}:
        listed = ", ".join(str(choice) for choice in flag.choices)
        raise FlagError(f"invalid value {value!r} for {flag.name}: choose one of {listed}")
    return fitted


def _fit(flag: FlagDefinition, value: FlagValue) -> FlagValue:
    """Return a value turned into the flag's type, without a look at its choices."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if flag.type is FlagType.ANY:
        return value
    if flag.type is FlagType.TEXT:
        return value if isinstance(value, str) else _text_of(value)
    if flag.type is FlagType.BOOL and str(value).lower() in _BOOLS:
        return _BOOLS[str(value).lower()]
    if flag.type is FlagType.FLOAT and is_number:
        return float(value)  # type: ignore[arg-type]  # is_number says it is one
    if flag.type is FlagType.NUMBER and is_number:
        return value
    if flag.type is FlagType.INT and is_number and isinstance(value, int):
        return value
    raise FlagError(
        f"invalid value {_shown(value)} for {flag.name}: expected {_EXPECTED[flag.type]}"
    )


def _fit_distribution(flag: FlagDefinition, found: Distribution) -> Distribution:
    """Return a distribution over the flag's type.

    Raises:
        FlagError: The flag has no numbers, or whole ones and the bounds are not whole.
    """
    if flag.type in (FlagType.TEXT, FlagType.BOOL) or flag.choices:
        raise FlagError(
            f"{flag.name} cannot be searched over {found.text}: it takes "
            f"{'one of its choices' if flag.choices else _EXPECTED[flag.type]}; give a list"
        )
    if flag.type is FlagType.FLOAT:
        return replace(found, is_integer=False)
    bounds = (found.low, found.high, found.initial)
    has_fractions = any(bound is not None and bound != int(bound) for bound in bounds)
    if flag.type is FlagType.INT and has_fractions:
        raise FlagError(
            f"invalid value {found.text!r} for {flag.name}: expected whole numbers, as [1:10]"
        )
    if flag.type is FlagType.INT or (found.is_log and flag.prefers_integers and not has_fractions):
        return _over_integers(found)
    return found


def _over_integers(found: Distribution) -> Distribution:
    initial = None if found.initial is None else int(found.initial)
    return replace(
        found, low=int(found.low), high=int(found.high), initial=initial, is_integer=True
    )


def _text_of(value: FlagValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _shown(value: FlagValue) -> str:
    return shorten(value) if isinstance(value, str) else str(value)
