"""From the arguments of a command to the settings of a script's flags."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tunesmith.errors import FlagError
from tunesmith.flags.coerce import fit_setting, read_typed
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.conditions.typed import split_condition
from tunesmith.flags.definition import (
    FlagDefinition,
    FlagSource,
    ScriptFlags,
    place_of_group,
    unknown_option,
)
from tunesmith.flags.secret_values import hide, masked_errors
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.near_names import near_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One argument ``NAME=VALUE``."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueAssignment:
    """A flag that a program sets: there is nothing to read."""

    name: str
    setting: Setting


def split_argument(argument: str) -> Assignment:
    """Return the two sides of an argument's first ``=``.

    Raises:
        FlagError: There is no ``=``, or no name before it.
    """
    before, equals, text = argument.partition("=")
    name = before.strip().removeprefix("--")
    if not equals or not name:
        raise FlagError(
            f"{argument!r} is not a flag: expected NAME=VALUE, as in x=0.1, x=[-1,0,1] or "
            "x=[-2.0:2.0]"
        )
    return Assignment(name=name, text=text)


def find_flag(script_flags: ScriptFlags, name: str) -> FlagDefinition | None:
    """Return the flag of a name; ``learning-rate`` and ``learning_rate`` are the same.

    A number is the place of a positional argument.
    """
    exact = script_flags.get(name)
    if exact is not None:
        return exact
    plain = name.replace("-", "_")
    found = next((flag for flag in script_flags.settable if plain in _plain_names(flag)), None)
    if found is None and name.isdigit():
        placed = [flag for flag in script_flags.settable if flag.position == int(name)]
        found = max(placed, key=lambda flag: flag.level, default=None)  # of the subcommand
    return found


def _plain_names(flag: FlagDefinition) -> list[str]:
    return [name.replace("-", "_") for name in (flag.name, *flag.aliases)]


def unknown_flag(script_flags: ScriptFlags, name: str, *, script: str) -> FlagError:
    """Return the error for a flag that a script does not have."""
    if name in script_flags.refused:
        return FlagError(
            f"{script} has no flag {name!r} that can be set: it {script_flags.refused[name]}, so "
            "a value from outside would have no effect"
        )
    names = sorted(script_flags.names)
    near = near_names(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listed = (
        f"Its flags: {', '.join(names)}"
        if names
        else "It has none (--help-flags lists what can be set)"
    )
    mend = "; --force-flags passes it anyway" if script_flags.takes_others else ""
    if script_flags.subcommands:
        named = ", ".join(script_flags.subcommands)
        mend = f"; its subcommands ({named}) have others: name one of them before the flags"
    if script_flags.doubt:
        mend = f"; there may be others, since {script_flags.doubt}"
    return FlagError(f"{script} has no flag {name!r}.{hint} {listed}{mend}")


def known_flag(
    script_flags: ScriptFlags, name: str, *, script: str, is_forced: bool
) -> FlagDefinition:
    """Return the flag of a name, or, if forced, an option of that name.

    Raises:
        FlagError: The script has no such flag, or would not receive it.
    """
    flag = find_flag(script_flags, name)
    if flag is not None:
        return flag
    is_refused = name in script_flags.refused
    if script_flags.takes_any and not is_refused:
        return unknown_option(name)
    if not is_forced or not script_flags.takes_others or is_refused:
        raise unknown_flag(script_flags, name, script=script)
    return unknown_option(name)


def assign(
    script_flags: ScriptFlags,
    assignments: Sequence[Assignment | ValueAssignment],
    *,
    script: str,
    literal: Collection[str] = (),
    is_forced: bool = False,
) -> dict[str, Setting]:
    """Return the settings of the given flags; all others are left to the script.

    Args:
        script_flags: The script's flags.
        assignments: What was given, as text or as values; of several for one name the last counts.
        script: The script's name, for messages.
        literal: Names of flags whose text is taken as it is, by default none.
        is_forced: Whether flags that the script does not have are passed as options; by
            default not.

    Raises:
        FlagError: A flag is unknown, or a value does not fit.
    """
    settings: dict[str, Setting] = {}
    for name in literal:
        known_flag(script_flags, name, script=script, is_forced=is_forced)
    as_typed = {name.replace("-", "_") for name in literal}
    for one in assignments:
        flag = known_flag(script_flags, one.name, script=script, is_forced=is_forced)
        is_literal = flag.name.replace("-", "_") in as_typed
        with masked_errors(flag):
            setting = (
                fit_setting(flag, one.setting)
                if isinstance(one, ValueAssignment)
                else _read(flag, one.text, is_literal=is_literal)
            )
        settings[flag.name] = hide(flag.name, setting)
    for name in () if is_forced else _without_group(script_flags, settings):
        raise unknown_flag(script_flags, name, script=script)
    return settings


def _read(flag: FlagDefinition, text: str, *, is_literal: bool) -> Setting:
    """Return what a typed VALUE means, with the condition that follows several values."""
    several, condition = (text, None) if is_literal else split_condition(text)
    try:
        setting = read_typed(flag, several, is_literal=is_literal)
    except FlagError as error:
        value, word, rest = text.partition(" if ")
        if condition is not None or not word:
            raise
        raise FlagError(
            f"{error}; a condition follows a list or a range in brackets, as "
            f"{flag.name}=[{value.strip()}] if {rest}"
        ) from error
    if condition is None:
        return setting
    if not isinstance(setting, Choices | Distribution):  # data[0] is no list, but a text
        return read_typed(flag, text)
    return replace(setting, condition=Condition(text=condition))


def _without_group(script_flags: ScriptFlags, given: Collection[str]) -> list[str]:
    """Return the names that only another choice of a group of Hydra has, where none is set."""
    if script_flags.source is not FlagSource.HYDRA:
        return []
    others = {flag.name for flag in script_flags.unlisted}
    places = tuple(map(place_of_group, given))
    return [name for name in given if name in others and not name.startswith(places)]


def check_required(
    script_flags: ScriptFlags, given: Collection[str], *, script: str, has_others: bool = False
) -> None:
    """Check that all required flags of a script are given.

    Args:
        script_flags: The script's flags.
        given: The names of the flags that are set.
        script: The script's name, for messages.
        has_others: Whether the script gets arguments of the user's own, which may be its
            positional ones; by default not.

    Raises:
        FlagError: One is missing.
    """
    missing = [
        flag.name
        for flag in script_flags.definitions
        if flag.is_required
        and flag.name not in given
        and not (has_others and flag.position is not None)
    ]
    if missing:
        raise FlagError(f"{script} needs a value for {', '.join(missing)}: add {missing[0]}=VALUE")
