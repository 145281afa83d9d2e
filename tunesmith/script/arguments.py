"""Passes flags to a script: as arguments, and in the environment."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tunesmith.errors import FlagError
from tunesmith.flags.definition import (
    FlagDefinition,
    FlagSource,
    FlagStyle,
    ScriptFlags,
    unknown_option,
)
from tunesmith.flags.secret_values import secrets_of
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import Flags, FlagValue
from tunesmith.script.option_words import build_text, build_words, is_dashed, is_setting
from tunesmith.script.value_texts import plain_text

_REWRITTEN = (FlagSource.GLOBALS, FlagSource.NOTEBOOK, FlagSource.ADDRESSES)
"""The sources whose flags are written into the trial's copy, not passed."""
_DASHES_END_OPTIONS = (
    *(FlagSource.ARGPARSE, FlagSource.CLICK, FlagSource.GETOPT, FlagSource.OPTPARSE),
    FlagSource.TYRO,
)
"""The sources for which ``--`` ends the options."""

_Passed = Sequence[tuple[FlagDefinition, FlagValue]]


def build_arguments(script_flags: ScriptFlags, flags: Flags) -> list[str]:
    """Return the arguments that a script gets: not globals, addresses and variables.

    The options of each level are followed by its positional arguments, and by the next word of
    the subcommand. Switches are bare. None is left out where it is the default.

    Args:
        script_flags: The script's flags.
        flags: The values of the flags that were set; names that the script does not have become
            options, too.

    Raises:
        FlagError: No argument makes the script see such a value.
    """
    words: list[str] = []
    passed = _passed(script_flags, flags)
    for level, word in enumerate((*script_flags.subcommand, "")):
        at_level = [(flag, value) for flag, value in passed if flag.level == level]
        last = [one for one in at_level if is_setting(script_flags, one[0])]
        words += _options(script_flags, [one for one in at_level if one not in last])
        words += _positionals(script_flags, at_level, level)
        words += _options(script_flags, last)
        words += [word] if word else []
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
    given = set(settings)
    for row in rows:
        given |= row.keys()
        for name, value in row.items():
            _check_value(script_flags, name, value)
    for name, setting in {**settings, **secrets_of(settings)}.items():
        if isinstance(setting, Distribution):
            continue
        flag = script_flags.get(name)
        values = setting.values if isinstance(setting, Choices) else (setting,)
        for value in values:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or (flag is not None and flag.is_counted):
                _check_value(script_flags, name, value)
    _positions_before(script_flags, [flag for name in given if (flag := script_flags.get(name))])


def build_environment(script_flags: ScriptFlags, flags: Flags) -> dict[str, str]:
    """Return ``FLAG_<NAME>`` for every flag: in upper case, with ``_`` for invalid characters.

    Flags that are None, and defaults that the script computes, are left out.
    """
    computed = {flag.name: flag.default for flag in script_flags.definitions if flag.is_computed}
    return {
        variable_of(name): plain_text(value)
        for name, value in flags.items()
        if value is not None and not (name in computed and computed[name] == value)
    }


def variable_of(name: str) -> str:
    """Return the name of the variable that tells every script a flag's value."""
    return f"FLAG_{re.sub(r'[^A-Za-z0-9_]', '_', name).upper()}"


def build_variables(script_flags: ScriptFlags, flags: Flags) -> dict[str, str]:
    """Return the variables that pass the flags of a program that reads its environment.

    Args:
        script_flags: The script's flags.
        flags: The values of the flags that were set; None leaves a variable unset.
    """
    is_style = script_flags.style is FlagStyle.ENVIRONMENT
    found = {name: script_flags.get(name) or unknown_option(name) for name in flags}
    return {
        flag.variable or flag.name: build_text(script_flags, flag, flags[name])
        for name, flag in found.items()
        if (flag.variable or (is_style and not _is_written(script_flags, flag)))
        and flags[name] is not None
    }


def as_typed(script_flags: ScriptFlags, flags: Flags, words: Sequence[str]) -> str:
    """Return the command that a shell takes: the variables of flags, then the words.

    Args:
        script_flags: The script's flags.
        flags: The values of the flags that were set.
        words: The program and its arguments.
    """
    variables = build_variables(script_flags, flags)
    before = [f"{name}={shlex.quote(text)}" for name, text in variables.items()]
    return " ".join([*before, shlex.join(words)])


def _passed(script_flags: ScriptFlags, flags: Flags) -> _Passed:
    """Return the flags that are arguments; a name that is not known belongs to the last word."""
    if script_flags.style is FlagStyle.ENVIRONMENT:
        return []
    deepest = len(script_flags.subcommand)
    found = [(script_flags.get(name), name, value) for name, value in flags.items()]
    return [
        (flag or replace(unknown_option(name), level=deepest), value)
        for flag, name, value in found
        if flag is None or not (flag.variable or _is_written(script_flags, flag))
    ]


def _is_written(script_flags: ScriptFlags, flag: FlagDefinition) -> bool:
    """Return whether a flag's value is written into the trial's copy instead of passed."""
    is_assigned = script_flags.source in _REWRITTEN and not flag.is_passed
    return bool(flag.address) or is_assigned


def _check_value(script_flags: ScriptFlags, name: str, value: FlagValue) -> None:
    flag = script_flags.get(name)
    if flag is None or not _is_written(script_flags, flag):
        build_words(script_flags, flag or unknown_option(name), value)


def _options(script_flags: ScriptFlags, passed: _Passed) -> list[str]:
    words = [
        word
        for flag, value in passed
        if flag.position is None
        for word in build_words(script_flags, flag, value)
    ]
    return ["with", *words] if words and script_flags.source is FlagSource.SACRED else words


def _positionals(script_flags: ScriptFlags, passed: _Passed, level: int) -> list[str]:
    """Return the positional arguments up to the last that is set, with the defaults of others.

    ``--`` stands before them where one looks like an option, or would be taken for another value
    of the option before it.
    """
    placed = {flag.position: (flag, value) for flag, value in passed if flag.position}
    for flag in _positions_before(script_flags, [flag for flag, _ in placed.values()]):
        placed[flag.position or 0] = (flag, flag.default)
    words = [
        build_text(script_flags, flag, item)
        for _, (flag, value) in sorted(placed.items(), key=lambda one: one[0] or 0)
        for item in (value if isinstance(value, tuple) and flag.takes_many else (value,))
        if item is not None or flag.default is not None
    ]
    is_open = any(flag.takes_many and flag.position is None for flag, _ in passed)
    has_end = script_flags.source in _DASHES_END_OPTIONS
    if words and has_end and (is_open or any(map(is_dashed, words))):
        return ["--", *words]
    return words


def _positions_before(
    script_flags: ScriptFlags, placed: Iterable[FlagDefinition]
) -> list[FlagDefinition]:
    """Return the positional flags that are not set, and stand before one that is.

    Raises:
        FlagError: One of them has no default that could be passed.
    """
    placed = [flag for flag in placed if flag.position]
    names = {flag.name for flag in placed}
    last = {flag.level: flag for flag in sorted(placed, key=lambda one: one.position or 0)}
    before = [
        flag
        for flag in script_flags.settable
        if flag.position
        and flag.name not in names
        and flag.level in last
        and flag.position < (last[flag.level].position or 0)
    ]
    for flag in before:
        if (flag.default is None or flag.is_computed) and not flag.is_required:
            raise FlagError(
                f"{last[flag.level].name} stands behind {flag.name} on the command line, which "
                f"has no default that could be passed: add {flag.name}=VALUE"
            )
    return before
