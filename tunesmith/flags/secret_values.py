"""Secrets among a script's flags: kept in memory alone, and ``***`` wherever a value is written.

A ``Secret`` is the text ``***`` to all who store, show or compare values. Only what passes values
to the script asks for what it hides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

from tunesmith.errors import FlagError
from tunesmith.flags.definition import FlagDefinition, ScriptFlags
from tunesmith.flags.secret_names import is_secret_name
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import Flags, FlagValue

MASK = "***"
"""What stands for a secret."""


class Secret(str):
    """A value that is ``***`` to everybody but the script."""

    __slots__ = ("value",)

    value: FlagValue
    """What the script is given."""

    def __new__(cls, value: FlagValue) -> "Secret":
        """Hide a value."""
        secret = super().__new__(cls, MASK)
        secret.value = value
        return secret

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Leave the value out of what is pickled or copied."""
        return str, (MASK,)


def hide(name: str, setting: Setting) -> Setting:
    """Return what a flag is set to, hidden where the flag holds a secret.

    None, an empty text, yes and no tell nothing, and stay.

    Raises:
        FlagError: A secret is searched, or is the mask of one that was not kept.
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
def untold(flag: FlagDefinition) -> Iterator[None]:
    """Read a flag's value; where it is a secret that cannot be read, the message is without it.

    Messages end up in logs, of a terminal or of whatever runs the command.

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
    """Check that a row of a batch file, whose values are kept, holds no secret.

    Raises:
        FlagError: It does.
    """
    for name, value in row.items():
        if is_secret_name(name) and _tells(value):
            raise FlagError(
                f"{place}: {name} is a secret by its name, but batch files are stored: set it "
                f"for all trials, as {name}=VALUE"
            )


def check_extra(words: Sequence[str]) -> None:
    """Check that the script's own arguments, which are kept and shown, hold no secret.

    Raises:
        FlagError: They do.
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
    """Return a flag's value as it may be shown and kept."""
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
    return replace(script_flags, definitions=listed, unlisted=unlisted)


def is_masked(name: str, value: Setting) -> bool:
    """Return whether a value is the mask of a secret, hidden or lost."""
    return value == MASK and is_secret_name(name)


def lost_secrets(settings: Mapping[str, Setting], names: Iterable[str]) -> list[str]:
    """Return those of some flags that were set to a secret which was not kept."""
    return [
        name
        for name in names
        if is_masked(name, settings.get(name)) and not isinstance(settings[name], Secret)
    ]


def secrets_of(settings: Mapping[str, Setting]) -> dict[str, FlagValue]:
    """Return what the secrets among settings hide, by the names of their flags."""
    return {name: one.value for name, one in settings.items() if isinstance(one, Secret)}


def reveal(flags: Flags, secrets: Flags) -> dict[str, FlagValue]:
    """Return flags as the script is given them.

    Args:
        flags: With masks.
        secrets: As ``secrets_of`` says.
    """
    return {n: secrets.get(n, v) if is_masked(n, v) else v for n, v in flags.items()}


def _tells(value: FlagValue) -> bool:
    return value is not None and not isinstance(value, bool) and value != ""
