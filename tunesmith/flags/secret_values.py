"""Secrets among a script's flags: kept in memory only, and ``***`` wherever values are written.

A ``Secret`` is the string ``***`` for all code that stores, shows or compares values. Only the
code that passes values to the script reads the hidden value.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

from tunesmith.errors import FlagError, SpecificationError
from tunesmith.flags.definition import FlagDefinition, ScriptFlags
from tunesmith.flags.secret_names import is_secret_name
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import Flags, FlagValue

MASK = "***"
"""Stands for a secret."""


class Secret(str):
    """A string that is ``***``, with the value that the script gets."""

    __slots__ = ("value",)

    value: FlagValue
    """The value that the script gets."""

    def __new__(cls, value: FlagValue) -> "Secret":
        """Hide a value."""
        secret = super().__new__(cls, MASK)
        secret.value = value
        return secret

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Pickle and copy the mask only."""
        return str, (MASK,)


def hide(name: str, setting: Setting) -> Setting:
    """Return the setting of a flag, with its value hidden if the flag is a secret.

    None, an empty string and booleans reveal nothing, and stay.

    Raises:
        FlagError: A secret has several values, or is the mask of one that was not stored.
    """
    if not is_secret_name(name):
        return setting
    if isinstance(setting, Choices | Distribution):
        values = setting.values if isinstance(setting, Choices) else (setting.low,)
        if any(map(_tells, values)):
            raise FlagError(
                f"{name} is a secret by its name and has several values: give one, or rename "
                "the flag"
            )
        return setting
    if setting == MASK:
        raise FlagError(
            f"{name}={MASK} stands for a secret, which is never stored: give the secret itself"
        )
    return Secret(setting) if _tells(setting) else setting


@contextmanager
def masked_errors(flag: FlagDefinition) -> Iterator[None]:
    """Raise errors of the body without the flag's value if the flag is a secret.

    Messages end up in logs, of a terminal or of the program that runs the command.

    Raises:
        FlagError: The value cannot be read.
    """
    try:
        yield
    except FlagError:
        if not is_secret_name(flag.name):
            raise
        listed = ", ".join(map(str, flag.choices))
        fits = f"one of {listed}" if flag.choices else f"a value of type {flag.type}"
        raise FlagError(
            f"invalid value {MASK} for {flag.name}, a secret by its name, which is not shown: "
            f"expected {fits}; --literal {flag.name} takes the text as it is"
        ) from None


def check_row(row: Flags, *, place: str) -> None:
    """Check that a row of a batch file, which is stored, contains no secret.

    Raises:
        FlagError: It contains one.
    """
    for name, value in row.items():
        if is_secret_name(name) and _tells(value):
            raise FlagError(
                f"{place}: {name} is a secret by its name, but batch files are stored: set it "
                f"for all trials, as {name}=VALUE"
            )


def check_extra(words: Sequence[str]) -> None:
    """Check that the script's own arguments, which are stored and shown, contain no secret.

    Raises:
        FlagError: They contain one.
    """
    for word, following in pairwise([*words, "-"]):
        name, equals, _ = word.lstrip("-").partition("=")
        has_value = equals or not following.startswith("-")
        if word.startswith("-") and has_value and is_secret_name(name):
            raise FlagError(
                f"{word.partition('=')[0]} is a secret by its name, but arguments after -- are "
                f"stored and shown: set it before them, as {name}=VALUE, or let the script read "
                "it from its environment"
            )


def mask(name: str, value: FlagValue) -> FlagValue:
    """Return a flag's value as it may be shown and stored."""
    return MASK if is_secret_name(name) and _tells(value) else value


def mask_defaults(script_flags: ScriptFlags) -> ScriptFlags:
    """Return a script's flags with the defaults of secrets masked."""
    listed, unlisted = (
        tuple(
            flag if flag.is_computed else replace(flag, default=mask(flag.name, flag.default))
            for flag in flags
        )
        for flags in (script_flags.definitions, script_flags.unlisted)
    )
    inner = {name: mask_defaults(one) for name, one in script_flags.subcommands.items()}
    return replace(script_flags, definitions=listed, unlisted=unlisted, subcommands=inner)


def is_masked(name: str, value: Setting) -> bool:
    """Return whether a value is the mask of a secret, hidden or lost."""
    return value == MASK and is_secret_name(name)


def lost_secrets(settings: Mapping[str, Setting], names: Iterable[str]) -> list[str]:
    """Return the names of the flags that were set to a secret which was not stored."""
    return [
        name
        for name in names
        if is_masked(name, settings.get(name)) and not isinstance(settings[name], Secret)
    ]


def secrets_of(settings: Mapping[str, Setting]) -> dict[str, FlagValue]:
    """Return the hidden values of the secrets among settings, by flag."""
    return {name: one.value for name, one in settings.items() if isinstance(one, Secret)}


def reveal(flags: Flags, secrets: Flags) -> dict[str, FlagValue]:
    """Return flags with the values that the script gets.

    Args:
        flags: The flags, with masks.
        secrets: The hidden values, as ``secrets_of`` returns them.
    """
    return {n: secrets.get(n, v) if is_masked(n, v) else v for n, v in flags.items()}


def _tells(value: FlagValue) -> bool:
    return value is not None and not isinstance(value, bool) and value != ""


def check_passing(secrets: Flags, *, is_remote: bool, is_shown: bool) -> None:
    """Check that secrets reach the script unseen.

    Args:
        secrets: The values of the flags that are secrets.
        is_remote: Whether workers elsewhere run the script.
        is_shown: Whether they are arguments of a program.

    Raises:
        SpecificationError: Others could read them.
    """
    if secrets and is_remote:
        raise SpecificationError(
            f"{min(secrets)} is a secret, which remote workers would have to read from "
            "a file: let the script read it from their environment instead"
        )
    if secrets and is_shown:
        raise SpecificationError(
            f"{min(secrets)} is a secret, and every user of the machine can read the "
            "arguments of a program: pass it by --flag-style env, or let the program read it "
            "from its environment"
        )
