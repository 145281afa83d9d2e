"""Passes flags to a script: as arguments, and in the environment."""

import ast
import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from tunesmith.errors import FlagError
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags, unknown_option
from tunesmith.flags.display import format_value
from tunesmith.flags.secret_values import mask, secrets_of
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.spelling import UNASKED, Spelling, TextForm
from tunesmith.flags.values import Flags, FlagValue, point_key

_NEGATIVE = re.compile(r"-\d+|-\d*\.\d+", re.ASCII)
"""Arguments with a leading dash that argparse does not take for options."""


def build_arguments(script_flags: ScriptFlags, flags: Flags) -> list[str]:
    """Return the arguments that a script gets; globals are not passed as arguments.

    Switches are bare. None is left out where it is the default. ``--name=value`` carries a value
    that begins with a dash, since ``--name -1`` would be read as another option.

    Args:
        script_flags: The script's flags.
        flags: The values of the flags that were set; names that the script does not have become
            options, too.

    Raises:
        FlagError: No argument makes the script see such a value.
    """
    words: list[str] = []
    for name, value in flags.items():
        flag = script_flags.get(name)
        if flag is None or script_flags.source is not FlagSource.GLOBALS:
            words += _words(flag or unknown_option(name), value)
    return words


def check_arguments(
    script_flags: ScriptFlags,
    settings: Mapping[str, Setting],
    rows: Iterable[Flags] = (),
) -> None:
    """Check before anything runs that the settings of a script's flags can be passed.

    Raises:
        FlagError: No argument makes the script see one of the values.
    """
    for row in rows:
        build_arguments(script_flags, row)
    for name, setting in {**settings, **secrets_of(settings)}.items():
        if isinstance(setting, Distribution):
            continue
        flag = script_flags.get(name)
        values = setting.values if isinstance(setting, Choices) else (setting,)
        for value in values:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or (flag is not None and flag.is_counted):
                build_arguments(script_flags, {name: value})


def build_environment(script_flags: ScriptFlags, flags: Flags) -> dict[str, str]:
    """Return ``FLAG_<NAME>`` for every flag: in upper case, with ``_`` for invalid characters.

    Flags that are None, and defaults that the script computes, are left out.
    """
    computed = {flag.name: flag.default for flag in script_flags.definitions if flag.is_computed}
    return {
        f"FLAG_{re.sub(r'[^A-Za-z0-9_]', '_', name).upper()}": _plain_text(value)
        for name, value in flags.items()
        if value is not None and not (name in computed and computed[name] == value)
    }


def _words(flag: FlagDefinition, value: FlagValue) -> list[str]:
    if flag.is_computed and value == flag.default:
        return []
    if flag.is_switch:
        return _switch(flag, value)
    if flag.is_counted:
        return _counted(flag, value)
    option = flag.option or f"--{flag.name}"
    if flag.is_repeated:
        return [word for item in _added(flag, value) for word in _valued(flag, option, item)]
    if flag.adds_to_default:
        value = _added(flag, value)
    return _valued(flag, option, value)


def _switch(flag: FlagDefinition, value: FlagValue) -> list[str]:
    """Return the bare option for a value; none if it is the script's default."""
    if value is None and flag.default is not None:
        raise _refused(flag, value, "it is a switch: set it to yes or no")
    switch = flag.switch_on if value else flag.switch_off
    if not switch and bool(value) != bool(flag.default):
        raise _refused(flag, value, "the script has no option for it")
    return [switch] if switch else []


def _counted(flag: FlagDefinition, value: FlagValue) -> list[str]:
    start = flag.default if isinstance(flag.default, int) else 0
    if not isinstance(value, int) or value < (start if flag.adds_to_default else 0):
        least = start if flag.adds_to_default else 0
        raise _refused(flag, value, f"it counts how often its option is given, from {least}")
    n = value - start if flag.adds_to_default else value
    if n == 0 and value != start:
        raise _refused(flag, value, f"without the option, the script has {start}")
    return [flag.option] * n


def _added(flag: FlagDefinition, value: FlagValue) -> tuple[FlagValue, ...]:
    """Return the items to pass: without the default's where the script appends to it."""
    if value is None and flag.default is None:
        return ()
    items = value if isinstance(value, tuple) else (value,)
    default = flag.default if isinstance(flag.default, tuple) else ()
    if flag.adds_to_default:
        if point_key(items[: len(default)]) != point_key(default):
            raise _refused(
                flag, value, f"the script appends to its default {format_value(default)}"
            )
        return items[len(default) :]
    if not items and default:
        raise _refused(flag, value, f"without the option, the script has {format_value(default)}")
    return items


def _valued(flag: FlagDefinition, option: str, value: FlagValue) -> list[str]:
    """Return an option and its value, or its values."""
    spelling = UNASKED if flag.spelling is None else flag.spelling
    if value is None and flag.default is None:
        return []
    if isinstance(value, tuple) and flag.takes_many and len(value) != 1:
        texts = [_text(flag, item, spelling) for item in value]
        numbers = [_without_exponent(text) for text in texts]
        if any(text.startswith("-") and not _NEGATIVE.fullmatch(text) for text in numbers):
            raise _refused(flag, value, "one of several values cannot begin with a dash")
        return [option, *numbers]
    single = value[0] if isinstance(value, tuple) and flag.takes_many else value
    text = _text(flag, single, spelling)
    return [f"{option}={text}"] if text.startswith("-") else [option, text]


def _without_exponent(text: str) -> str:
    """Return a negative number as argparse reads it: it takes -1e-05 for an option."""
    if text.startswith("-") and "e" in text and text.lstrip("-")[:1].isdigit():
        return format(Decimal(text), "f")
    return text


def _text(flag: FlagDefinition, value: FlagValue, spelling: Spelling) -> str:
    """Return the text that the option's converter turns into the value."""
    if isinstance(value, bool) or value is None:
        known = {True: spelling.true, False: spelling.false, None: spelling.none}[value]
        if known is None:
            raise _refused(flag, value, "its option accepts no such value")
        return known
    if isinstance(value, float) and flag.prefers_integers and value.is_integer():
        return str(int(value))
    if spelling.form in _QUOTING and isinstance(value, str | tuple):
        read, write = _QUOTING[spelling.form]
        return _quoted(value, read, write)
    if isinstance(value, tuple) and spelling.form is TextForm.COMMAS:
        return ",".join(_text(flag, item, spelling) for item in value)
    return _plain_text(value)


def _quoted(value: FlagValue, read: Callable[[str], object], write: Callable[[Any], str]) -> str:
    """Return a list or a string as JSON or Python; a string that is valid already stays."""
    if isinstance(value, str):
        try:
            read(value)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return write(value)
        return value
    return write(_listed(value))


def _listed(value: FlagValue) -> object:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


_QUOTING: dict[TextForm, tuple[Callable[[str], object], Callable[[Any], str]]] = {
    TextForm.JSON: (json.loads, json.dumps),
    TextForm.PYTHON: (ast.literal_eval, repr),
}


def _plain_text(value: FlagValue) -> str:
    """Return a value as text for an unknown converter, floats with all their digits."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, tuple):
        return " ".join(_plain_text(item) for item in value)
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else str(value)


def _refused(flag: FlagDefinition, value: FlagValue, why: str) -> FlagError:
    shown = format_value(mask(flag.name, value))
    return FlagError(f"{flag.name} cannot be set to {shown}: {why}")
