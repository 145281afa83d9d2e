"""How flags reach a script: as arguments, and in the environment."""

import re

from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.values import Flags, FlagValue


def build_arguments(script_flags: ScriptFlags, flags: Flags) -> list[str]:
    """Return the arguments of an argparse or click script; none for a script with globals.

    Switches are bare, None is left out. ``--name=value`` carries a value that begins with a dash,
    since ``--name -1`` would be read as another option.

    Args:
        script_flags: The script's flags.
        flags: Their values; names that the script does not have become options as well.
    """
    if script_flags.source is FlagSource.GLOBALS:
        return []
    words: list[str] = []
    for name, value in flags.items():
        flag = script_flags.get(name) or FlagDefinition(name=name, option=f"--{name}")
        if value is not None:
            words += _words(flag, value)
    return words


def build_environment(flags: Flags) -> dict[str, str]:
    """Return ``FLAG_<NAME>`` for every flag: upper case, ``_`` for what no variable can have."""
    return {
        f"FLAG_{re.sub(r'[^A-Za-z0-9_]', '_', name).upper()}": _text(value)
        for name, value in flags.items()
        if value is not None
    }


def _words(flag: FlagDefinition, value: FlagValue) -> list[str]:
    if flag.is_switch:
        switch = flag.switch_on if value else flag.switch_off
        return [switch] if switch else []
    option = flag.option or f"--{flag.name}"
    if isinstance(value, tuple) and flag.is_repeated:
        return [word for item in value for word in _option(option, _text(item))]
    if isinstance(value, tuple) and flag.takes_many:
        return [option, *map(_text, value)] if value else []
    return _option(option, _text(value))


def _option(option: str, text: str) -> list[str]:
    return [f"{option}={text}"] if text.startswith("-") else [option, text]


def _text(value: FlagValue) -> str:
    """Return a value as a script reads it back: floats with all their digits."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, tuple):
        return " ".join(_text(item) for item in value)
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else str(value)
