"""Reads a VALUE for a flag whose type is known, and converts values to the flag's type."""

from dataclasses import replace

from tunesmith.errors import FlagError
from tunesmith.flags.belief import Belief, split_belief
from tunesmith.flags.definition import NUMERIC, FlagDefinition, FlagType
from tunesmith.flags.display import format_value
from tunesmith.flags.grammar import FUNCTIONS, read_numeric, read_setting, read_texts, read_tuples
from tunesmith.flags.number import as_whole, is_none_word, read_number, read_word
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
_OPENINGS = ("'", '"', *(f"{name}[" for name in FUNCTIONS))
"""Beginnings of text, besides lists, that is not taken literally."""


def read_typed(flag: FlagDefinition, text: str, *, is_literal: bool = False) -> Setting:
    """Return the setting that a VALUE means for a flag.

    Args:
        flag: The flag, with its type and choices.
        text: The text after ``=``.
        is_literal: Whether the text is taken as one value, whatever it looks like; by default not.

    Raises:
        FlagError: The value does not fit the flag's type or choices.
    """
    if is_literal:
        is_text = flag.type in (FlagType.TEXT, FlagType.ANY)
        return check_value(flag, text if is_text else _word(text))
    if flag.is_computed and text == flag.default:
        return text
    try:
        several, believed, width = split_belief(text)
        setting = _read(flag, several if believed else text)
        if believed and not isinstance(setting, Choices | Distribution):  # a text that has a ~
            return fit_setting(flag, _read(flag, text))
    except FlagError as error:
        raise FlagError(f"invalid value for {flag.name}: {error}") from error
    fitted = fit_setting(flag, setting)
    if not believed or not isinstance(fitted, Choices | Distribution):
        return fitted
    belief = Belief(value=_believed(flag, believed), width=width)
    try:
        return replace(fitted, text=text.strip(), belief=belief)
    except FlagError as error:
        raise FlagError(f"invalid value for {flag.name}: {error}") from error


def _believed(flag: FlagDefinition, text: str) -> FlagValue:
    """Return the value that a belief names, in the flag's type."""
    if (number := read_number(text)) is not None and flag.type is not FlagType.TEXT:
        return number
    value = read_typed(flag, text)
    if isinstance(value, Choices | Distribution):
        raise FlagError(f"invalid value for {flag.name}: ~{text} names several: believe in one")
    return value


def fit_setting(flag: FlagDefinition, setting: Setting) -> Setting:
    """Return what a flag is set to, in the flag's type: a value stays the value that it is.

    Args:
        flag: The flag, with its type and choices.
        setting: A value, several values or a distribution, as read or as a program gives it.

    Raises:
        FlagError: It does not fit the flag's type or choices.
    """
    if isinstance(setting, Distribution):
        if flag.n_values:
            raise FlagError(f"{flag.name} cannot be searched in a range: {_several(flag)}")
        return _fit_distribution(flag, setting)
    if isinstance(setting, Choices):
        values = tuple(check_value(flag, v) for v in setting.values)
        return replace(setting, values=_whole_where_meant(flag, values))
    return _whole_where_meant(flag, (check_value(flag, setting),))[0]


def check_value(flag: FlagDefinition, value: FlagValue) -> FlagValue:
    """Return a value in the flag's type.

    Raises:
        FlagError: It does not fit the flag's type or choices.
    """
    if value is None:
        return None
    if flag.is_computed and value == flag.default:
        return value
    if flag.n_values and not (isinstance(value, tuple) and len(value) == flag.n_values):
        raise FlagError(f"invalid value {_shown(value)} for {flag.name}: {_several(flag)}")
    if isinstance(flag.default, tuple) and flag.default and flag.adds_to_default:
        return _added_to(flag.default, check_value(replace(flag, default=()), value))
    if isinstance(value, tuple) and (flag.takes_many or flag.is_repeated):
        one = replace(flag, n_values=0)
        return tuple(check_value(one, item) for item in value)
    fitted = _fit(flag, value)
    if flag.choices and point_key(fitted) not in {point_key(choice) for choice in flag.choices}:
        listed = ", ".join(str(choice) for choice in flag.choices)
        raise FlagError(f"invalid value {_shown(value)} for {flag.name}: choose one of {listed}")
    return fitted


def _several(flag: FlagDefinition) -> str:
    """Return how the values of a flag are written that takes several at once."""
    is_like_it = isinstance(flag.default, tuple) and len(flag.default) == flag.n_values
    like = flag.default if is_like_it else tuple(range(1, flag.n_values + 1))
    shown = format_value(like).replace(", ", ",")
    return f"it takes {flag.n_values} values at once, as in {flag.name}=[{shown}]"


def _added_to(default: tuple[FlagValue, ...], value: FlagValue) -> FlagValue:
    """Return the list that the script will get, which begins with the default's items."""
    items = value if isinstance(value, tuple) else (value,)
    is_whole = point_key(items[: len(default)]) == point_key(default)
    return items if is_whole else (*default, *items)


def _read(flag: FlagDefinition, text: str) -> Setting:
    if flag.type is FlagType.TEXT:
        return _read_text(flag, text)
    if isinstance(flag.default, tuple) and text.lstrip().startswith(("(", "[(")):
        return read_tuples(text)
    read = read_numeric if flag.type in NUMERIC else read_setting
    is_choice = any(choice == text for choice in flag.choices)
    setting = read(text, is_real=flag.is_real, reads_none=flag.reads_none and not is_choice)
    if flag.type is not FlagType.ANY or isinstance(setting, Distribution):
        return setting
    if not isinstance(setting, Choices):
        return text if _is_only_typed(flag, setting) else setting
    is_listed = text.lstrip().startswith("[")
    has_typed = any(_is_only_typed(flag, value) for value in setting.values)
    return read_texts(text) if is_listed and has_typed else setting


def _is_only_typed(flag: FlagDefinition, value: FlagValue) -> bool:
    """Return whether no text makes the option's converter return a value: it stays a word."""
    spelling = flag.spelling
    if not flag.option:
        return False
    if isinstance(value, bool):
        return spelling is None or (spelling.true if value else spelling.false) is None
    has_text = spelling is not None and spelling.none is not None
    return value is None and flag.default is not None and not has_text


def _read_text(flag: FlagDefinition, text: str) -> Setting:
    """Return a text flag's value: the text, unless it begins as a list, a function or a quote.

    For a flag that is None by default, ``None`` and ``null`` mean None.
    """
    opened = text.lstrip().lower()
    if opened.startswith(_OPENINGS):
        return read_setting(text)
    reads_none = flag.reads_none and not any(is_none_word(str(one)) for one in flag.choices)
    if not opened.startswith("["):
        return None if reads_none and is_none_word(text) else text
    setting = read_texts(text, reads_none=reads_none)
    if isinstance(setting, Choices) and flag.default is not None:
        return replace(setting, values=tuple("null" if v is None else v for v in setting.values))
    return setting


def _word(text: str) -> FlagValue:
    number = read_word(text)
    return text if number is None else number


def _fit(flag: FlagDefinition, value: FlagValue) -> FlagValue:
    """Return a value converted to the flag's type; its choices are not checked."""
    if flag.type is FlagType.ANY:
        return value
    if flag.type is FlagType.TEXT and not isinstance(value, tuple):
        return value if isinstance(value, str) else _text_of(value)
    if flag.type is FlagType.BOOL and str(value).lower() in _BOOLS:
        return _BOOLS[str(value).lower()]
    if isinstance(value, int | float) and not isinstance(value, bool):
        if flag.type is FlagType.FLOAT:
            return float(value)
        if flag.type is FlagType.NUMBER:
            return value
        whole = as_whole(value)
        if whole is not None:
            return whole
    raise FlagError(
        f"invalid value {_shown(value)} for {flag.name}: expected {_EXPECTED[flag.type]}"
    )


def _whole_where_meant(
    flag: FlagDefinition, values: tuple[FlagValue, ...]
) -> tuple[FlagValue, ...]:
    """Return the values of a flag whose default is an int: as ints where all are whole."""
    if not flag.prefers_whole:
        return values
    whole = [as_whole(value) if isinstance(value, float) else value for value in values]
    has_fractions = any(
        new is None and old is not None for new, old in zip(whole, values, strict=True)
    )
    return values if has_fractions else tuple(whole)


def _fit_distribution(flag: FlagDefinition, found: Distribution) -> Distribution:
    """Return a distribution converted to the flag's type.

    Raises:
        FlagError: The flag takes no numbers, or only whole ones and a bound is not whole.
    """
    if flag.type in (FlagType.TEXT, FlagType.BOOL) or flag.choices:
        raise FlagError(
            f"{flag.name} cannot be searched over {found.text}: it takes "
            f"{'one of its choices' if flag.choices else _EXPECTED[flag.type]}; give a list"
        )
    if flag.is_real:
        return found if found.is_integer else _over(float, found)
    bounds = (found.low, found.high, found.initial, found.step)
    if flag.type is FlagType.INT and found.prior is not None and found.step is None:
        raise FlagError(
            f"{flag.name} takes whole numbers, and {found.text} has others: give a step of 1"
        )
    has_fractions = any(bound is not None and bound != int(bound) for bound in bounds)
    if flag.type is FlagType.INT and has_fractions:
        raise FlagError(
            f"invalid value {found.text!r} for {flag.name}: expected whole numbers, as in [1:10]"
        )
    if flag.type is FlagType.INT or (found.is_log and flag.prefers_integers and not has_fractions):
        return _over(int, found)
    return found


def _over(kind: type[int] | type[float], found: Distribution) -> Distribution:
    return replace(
        found,
        low=kind(found.low),
        high=kind(found.high),
        initial=None if found.initial is None else kind(found.initial),
        is_integer=kind is int,
        step=None if found.step is None else kind(found.step),
    )


def _text_of(value: FlagValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _shown(value: FlagValue) -> str:
    return shorten(value) if isinstance(value, str) else format_value(value, is_exact=True)
