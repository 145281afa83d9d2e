"""Formats flags: short for the screen, exact for commands that are run again."""

import re
import shlex
import zlib
from collections.abc import Iterable, Mapping

from tunesmith.errors import FlagError
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.number import is_none_word
from tunesmith.flags.priors import Normal, Prior
from tunesmith.flags.settings import ORDERED, UNORDERED, Choices, Distribution, Setting
from tunesmith.flags.values import Flags, FlagValue

SIGNIFICANT_DIGITS = 5
"""Digits of a float that is shown, where the exact value is not needed."""
_FRACTIONAL = re.compile(r"\d\.|\.\d|\d[eE][+-]?\d")
"""In the text of a range: a number that is written as a float."""
MAX_SHOWN = 20
"""Values of a sequence that are shown; of a longer one, the first and the last."""
MAX_CHARACTERS = 120
"""Characters of a string that are shown; of a longer one, the start and the end."""

_PLAIN = re.compile(r"[^\s'\"\\]+")
_PLAIN_ITEM = re.compile(r"[^\s'\"\[\],{}#&*!|>%@`=:?\\-][^\s'\"\[\],{}#&*!|>%@`=:?\\]*")
"""Within a list, where YAML gives more characters a meaning."""


def format_value(value: FlagValue, *, is_exact: bool = False) -> str:
    """Return a value for display; a long text or list is abbreviated.

    Args:
        value: The value.
        is_exact: Whether ``read_setting`` must read the result as the same value; by default not.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format_float(value, is_exact=is_exact)
    if isinstance(value, tuple):
        return _format_list(value, is_exact=is_exact)
    if not is_exact and len(value) > MAX_CHARACTERS:
        return shortened(value if value.isprintable() else _quote(value))
    if is_exact and is_none_word(value):
        return _quote(value)
    return value if _PLAIN.fullmatch(value) and _reads_as_itself(value) else _quote(value)


def shortened(text: str, *, most: int = MAX_CHARACTERS) -> str:
    """Return a string for the screen; a long one as its start, its end, its length, a checksum.

    Different texts look different. Control characters stay as they are.

    Args:
        text: The text.
        most: Characters of the longest text that is shown whole, 120 by default.
    """
    if len(text) <= most:
        return text
    start, end = text[: most // 2], text[-most // 5 :]
    checksum = zlib.crc32(text.encode(errors="surrogatepass"))
    return f"{start}…{end} ({len(text)} characters, {checksum:08x})"


def format_float(value: float, *, is_exact: bool = False) -> str:
    """Return a number as ``format_value`` does."""
    if is_exact:
        return repr(value)
    text = f"{value:.{SIGNIFICANT_DIGITS}g}"
    is_as_python_writes_it = "." in text and "e" not in text
    return text if is_as_python_writes_it else repr(float(text))


def format_floats(values: Iterable[float]) -> list[str]:
    """Return each number as ``format_float`` does; a table may have 100,000 of them."""
    texts = [f"{value:.{SIGNIFICANT_DIGITS}g}" for value in values]
    return [text if "." in text and "e" not in text else repr(float(text)) for text in texts]


def format_flags(flags: Flags) -> str:
    """Return flags as ``noise=0.1 x=1``: sorted by name, None left out."""
    return format_point({name: value for name, value in flags.items() if value is not None})


def format_point(flags: Flags) -> str:
    """Return the flags that vary between trials, sorted by name, None included: ``drop=null``."""
    return " ".join(f"{name}={format_value(flags[name])}" for name in sorted(flags))


def format_assignments(flags: Flags) -> str:
    """Return the arguments of a command that set the flags to exactly these values.

    A list as one value is written as a sweep over that list alone, ``x=[[1, 2]]``, since
    ``x=[1, 2]`` would be two trials.
    """
    texts = {name: format_value(flags[name], is_exact=True) for name in sorted(flags)}
    words = [
        f"{name}=[{text}]" if isinstance(flags[name], tuple) else f"{name}={text}"
        for name, text in texts.items()
    ]
    return " ".join(shlex.quote(word) for word in words)


def format_setting(setting: Setting) -> str:
    """Return a setting as the preview shows it: sequences expanded, ranges as written."""
    return f"{_values_of(setting)}{_condition(setting)}"


def _values_of(setting: Setting) -> str:
    if isinstance(setting, Distribution):
        return setting.text
    if not isinstance(setting, Choices):
        return format_value(setting)
    return f"{format_value(setting.values)}{_likely(setting)}{_order(setting)}{_belief(setting)}"


def exact_setting(setting: Setting) -> str:
    """Return a setting in full: ranges as written, the values of a sequence in full precision."""
    if isinstance(setting, Distribution):
        return f"{setting.text}{_condition(setting)}"
    if not isinstance(setting, Choices):
        return format_value(setting, is_exact=True)
    n = setting.n_repeats
    listed = format_value(setting.values[: len(setting.values) // n], is_exact=True)
    several = listed + _likely(setting) + _order(setting) if n == 1 else f"{listed}*{n}"
    return f"{several}{_belief(setting)}{_condition(setting)}"


def typed_setting(setting: Choices | Distribution) -> str:
    """Return several values and their condition as they were typed."""
    return f"{setting.text}{_condition(setting)}"


def _condition(setting: Setting) -> str:
    """Return when the flag is active, as words that follow its values; empty for always."""
    if not isinstance(setting, Choices | Distribution) or setting.condition is None:
        return ""
    return f" if {setting.condition.text}"


def _belief(choices: Choices) -> str:
    """Return what is believed of a list, as it is typed behind it; empty for nothing."""
    belief = choices.belief
    if belief is None:
        return ""
    width = "" if belief.has_usual_width else f":{format_value(belief.width)}"
    return f"~{format_value(belief.value, is_exact=True)}{width}"


def _likely(choices: Choices) -> str:
    """Return the probabilities of the values, as words that follow them; empty for none."""
    if choices.probabilities is None:
        return ""
    return f" with probabilities {', '.join(map(repr, choices.probabilities))}"


def _order(choices: Choices) -> str:
    """Return the word that says whether the values have an order; empty where they tell it."""
    if choices.is_ordered is None:
        return ""
    return f" {ORDERED}" if choices.is_ordered else f" {UNORDERED}"


def preview_lines(settings: Mapping[str, Setting]) -> list[str]:
    """Return one line ``name: value`` for each flag that is not None, sorted by name."""
    return [
        f"{name}: {_values_of(one)}{_reading(one)}{_condition(one)}"
        for name in sorted(settings)
        if (one := settings[name]) is not None
    ]


def _reading(setting: Setting) -> str:
    """Return how a range was read, where its text is ambiguous."""
    if not isinstance(setting, Distribution):
        return ""
    is_special = setting.step is not None or setting.prior is not None
    is_plain = _FRACTIONAL.search(setting.text) is not None and not setting.is_integer
    if is_plain and not is_special and setting.initial is None:
        return ""
    words = "whole numbers" if setting.is_integer else "real numbers"
    if not setting.is_integer or setting.initial is not None or is_special:
        words += f" from {format_value(setting.low)} to {format_value(setting.high)}"
    if setting.step is not None:
        words += f" in steps of {format_value(setting.step)}"
    if setting.prior is not None:
        words += f", {_prior_words(setting.prior, is_log=setting.is_log)}"
    elif setting.is_log:
        words += " on a log scale"
    if setting.initial is not None:
        words += f", first {format_value(setting.initial)}"
    return f" ({words})"


def _prior_words(prior: Prior, *, is_log: bool) -> str:
    if isinstance(prior, Normal):
        mean, sd = format_value(prior.mean), format_value(prior.sd)
        of = " of the logarithm" if is_log else ""
        return f"normal with mean {mean} and standard deviation {sd}{of}"
    return f"beta with a {format_value(prior.a)} and b {format_value(prior.b)}"


def _format_list(values: tuple[FlagValue, ...], *, is_exact: bool) -> str:
    n, is_long = len(values), len(values) > MAX_SHOWN and not is_exact
    shown = (*values[: MAX_SHOWN // 2], *values[-MAX_SHOWN // 2 :]) if is_long else values
    texts = [_format_item(item, is_exact=is_exact) for item in shown]
    if is_long:
        texts.insert(MAX_SHOWN // 2, "…")
    return f"[{', '.join(texts)}]{f' ({n} values)' if is_long else ''}"


def _format_item(value: FlagValue, *, is_exact: bool) -> str:
    is_short = isinstance(value, str) and (is_exact or len(value) <= MAX_CHARACTERS)
    if isinstance(value, str) and is_short and not _PLAIN_ITEM.fullmatch(value):
        return _quote(value)
    return format_value(value, is_exact=is_exact)


def _reads_as_itself(text: str) -> bool:
    try:
        return text.isprintable() and read_setting(text) == text
    except FlagError:
        return False


def _quote(text: str) -> str:
    """Return a string quoted so that YAML reads it back."""
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escaped = "".join(_escape(character) for character in text)
    return f'"{escaped}"'


def _escape(character: str) -> str:
    if character in ('"', "\\"):
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\U{ord(character):08x}"
