"""Which flags are set by words that are typed for a program: after ``--``, or in a command."""

from collections.abc import Collection, Sequence

from tunesmith.errors import FlagError
from tunesmith.flags.definition import FlagDefinition, ScriptFlags


def typed_flags(script_flags: ScriptFlags, words: Sequence[str]) -> dict[str, str]:
    """Return the names of the flags whose options stand among words, each with its option.

    Args:
        script_flags: The script's flags.
        words: What is passed to the script besides them.
    """
    parts = [word.partition("=") for word in words]
    heads = {head.lstrip("+") for head, equals, _ in parts if head.startswith("-") or equals}
    found = {}
    for flag in script_flags.settable:
        typed = [one for one in _options(flag) if one in heads]
        if typed:
            found[flag.name] = typed[0]
    return found


def check_set_once(typed: dict[str, str], given: Collection[str]) -> None:
    """Check that no flag is set both as ``NAME=VALUE`` and after ``--``.

    Raises:
        FlagError: One is, and the script would not receive the value that is recorded.
    """
    for name in given:
        if name in typed:
            raise FlagError(
                f"{name} is set twice: as {name}=… and by {typed[name]!r} after --; leave out one"
            )


def _options(flag: FlagDefinition) -> list[str]:
    """Return the words by which a flag is set on a command line."""
    named = [f"{'-' if len(one) == 1 else '--'}{one}" for one in flag.aliases]
    own = [flag.option.removesuffix("="), flag.switch_on, flag.switch_off]
    return [one for one in (*own, *(named if flag.option.startswith("-") else ())) if one]
