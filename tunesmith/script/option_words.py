"""The words that pass one flag: its option and its value, in the style of the program."""

import re
from decimal import Decimal

from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagStyle, ScriptFlags
from tunesmith.flags.display import format_value
from tunesmith.flags.spelling import BRACKETS, HYDRA, LITERAL, UNASKED, YAML
from tunesmith.flags.values import FlagValue, point_key
from tunesmith.script.value_texts import refused, value_text

_NEGATIVE = re.compile(r"-\d+|-\d*\.\d+", re.ASCII)
"""Arguments with a leading dash that argparse does not take for options."""
_JOINED = (FlagStyle.JOINED, FlagStyle.BARE)
_SHORTS_TAKE_ALL = (
    *(FlagSource.CLICK, FlagSource.COMMAND, FlagSource.DOCOPT),
    *(FlagSource.GETOPT, FlagSource.OPTPARSE),
)
"""The sources that read ``-n=5`` as the value ``=5``, and ``-n -5`` as a value."""
DASHLESS = (FlagStyle.BARE, FlagStyle.WORDS)
"""The styles of programs that take their settings behind their options."""
WITH_OPTIONS = (
    *(FlagSource.ARGPARSE, FlagSource.CLICK, FlagSource.GETOPT, FlagSource.OPTPARSE),
    *(FlagSource.ABSL, FlagSource.TYRO),
)
"""The sources of options that may stand before such settings."""
_BY_SOURCE = {
    FlagSource.HYDRA: HYDRA,
    FlagSource.OMEGACONF: YAML,
    FlagSource.SACRED: LITERAL,
    FlagSource.FIRE: LITERAL,
}
"""How values are written for an option of which only the name is known."""
_BY_STYLE = {FlagStyle.BARE: BRACKETS, FlagStyle.WORDS: LITERAL}
"""The same where the source does not tell."""


def build_words(script_flags: ScriptFlags, flag: FlagDefinition, value: FlagValue) -> list[str]:
    """Return the words that pass a flag, whether it is an option or a positional argument.

    ``--name=value`` carries a value that begins with a dash, since ``--name -1`` would be read as
    another option.

    Raises:
        FlagError: No argument makes the script see such a value.
    """
    if flag.is_computed and value == flag.default:
        return []
    if flag.is_switch:
        return _switch(flag, value)
    if flag.is_counted:
        return _counted(flag, value)
    if flag.is_repeated:
        items = _added(flag, value)
        return [word for item in items for word in _valued(script_flags, flag, item)]
    if flag.adds_to_default:
        value = _added(flag, value)
    return _valued(script_flags, flag, value)


def style_of(script_flags: ScriptFlags, flag: FlagDefinition) -> FlagStyle:
    """Return how a flag is passed: a known option with dashes keeps them in a style without."""
    has_dashes = script_flags.style in DASHLESS and flag.option.startswith("-")
    is_known = has_dashes and script_flags.get(flag.name) is not None
    return FlagStyle.SPACED if is_known else script_flags.style


def build_text(script_flags: ScriptFlags, flag: FlagDefinition, value: FlagValue) -> str:
    """Return the text of a flag's value alone, without its option.

    Raises:
        FlagError: No text makes the script see such a value.
    """
    known = _BY_SOURCE.get(script_flags.source) or _BY_STYLE.get(script_flags.style)
    spelling = flag.spelling if flag.spelling is not None else known or UNASKED
    return value_text(flag, value, spelling)


def is_setting(script_flags: ScriptFlags, flag: FlagDefinition) -> bool:
    """Return whether a flag is passed without dashes behind the options and arguments."""
    is_beside = script_flags.source in WITH_OPTIONS and script_flags.style in DASHLESS
    return is_beside and script_flags.get(flag.name) is None


def is_dashed(text: str) -> bool:
    """Return whether argparse and click take a word for an option."""
    return text.startswith("-") and not _NEGATIVE.fullmatch(text)


def _switch(flag: FlagDefinition, value: FlagValue) -> list[str]:
    """Return the bare option for a value; none if it is the script's default."""
    if value is None and flag.default is not None:
        raise refused(flag, value, "it is a switch: set it to yes or no")
    switch = flag.switch_on if value else flag.switch_off
    if not switch and bool(value) != bool(flag.default):
        raise refused(flag, value, "the script has no option for it")
    return [switch] if switch else []


def _counted(flag: FlagDefinition, value: FlagValue) -> list[str]:
    start = flag.default if isinstance(flag.default, int) else 0
    if not isinstance(value, int) or value < (start if flag.adds_to_default else 0):
        least = start if flag.adds_to_default else 0
        raise refused(flag, value, f"it counts how often its option is given, from {least}")
    n = value - start if flag.adds_to_default else value
    if n == 0 and value != start:
        raise refused(flag, value, f"without the option, the script has {start}")
    return [flag.option] * n


def _added(flag: FlagDefinition, value: FlagValue) -> tuple[FlagValue, ...]:
    """Return the items to pass: without the default's where the script appends to it."""
    if value is None and flag.default is None:
        return ()
    items = value if isinstance(value, tuple) else (value,)
    default = flag.default if isinstance(flag.default, tuple) else ()
    if flag.adds_to_default:
        if point_key(items[: len(default)]) != point_key(default):
            raise refused(
                flag, value, f"the script appends to its default {format_value(default)}"
            )
        return items[len(default) :]
    if not items and default:
        raise refused(flag, value, f"without the option, the script has {format_value(default)}")
    return items


def _valued(script_flags: ScriptFlags, flag: FlagDefinition, value: FlagValue) -> list[str]:
    """Return an option and its value, or its values."""
    if value is None and flag.default is None:
        return []
    style, option = style_of(script_flags, flag), _option(script_flags, flag)
    if isinstance(value, tuple) and flag.takes_many:
        if len(value) != 1:
            return [option, *_several(script_flags, flag, value)]
        value = value[0]
    text = build_text(script_flags, flag, value)
    is_taken = text.startswith("-") and style is not FlagStyle.WORDS
    is_short = len(flag.option) == 2 and option == flag.option
    is_apart = is_short and script_flags.source in _SHORTS_TAKE_ALL
    is_joined = (style in _JOINED or is_taken) and not is_apart
    if is_joined or option.endswith("="):
        return [f"{option.removesuffix('=')}={text}"]
    return [option, text]


def _several(
    script_flags: ScriptFlags, flag: FlagDefinition, value: tuple[FlagValue, ...]
) -> list[str]:
    """Return the texts of several values that follow one option."""
    texts = [_without_exponent(build_text(script_flags, flag, item)) for item in value]
    if any(map(is_dashed, texts)):
        raise refused(flag, value, "one of several values cannot begin with a dash")
    return texts


def _without_exponent(text: str) -> str:
    """Return a negative number as argparse reads it: it takes -1e-05 for an option."""
    if text.startswith("-") and "e" in text and text.lstrip("-")[:1].isdigit():
        return format(Decimal(text), "f")
    return text


def _option(script_flags: ScriptFlags, flag: FlagDefinition) -> str:
    """Return what stands before a flag's value."""
    match style_of(script_flags, flag):
        case FlagStyle.BARE:
            is_new = flag.spelling is None and script_flags.source is FlagSource.HYDRA
            return f"++{flag.name}" if is_new else flag.name
        case FlagStyle.WORDS | FlagStyle.ENVIRONMENT:
            return flag.name
        case FlagStyle.SINGLE_DASH:
            return f"-{flag.name}"
    return flag.option or f"--{flag.name}"
