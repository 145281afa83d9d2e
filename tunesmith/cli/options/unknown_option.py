"""What an option may mean that a command lacks: a flag of the script, or a typing error."""

from collections.abc import Sequence
from pathlib import Path

import click

from tunesmith.errors import TunesmithError
from tunesmith.flags.secret_names import is_secret_name
from tunesmith.near_names import likeness, near_names


def explained(error: click.NoSuchOption, arguments: Sequence[str]) -> click.UsageError:
    """Return the error for an unknown option, with the words to type instead.

    Args:
        error: The error of click, which names options that are not near.
        arguments: The arguments of the command line.
    """
    ctx, typed = error.ctx, error.option_name
    if ctx is None:
        return error
    name = typed.lstrip("-")
    options = [one.removeprefix("--") for one in _options(ctx) if one.startswith("--")]
    takes_flags = any(param.name == "script" for param in ctx.command.params)
    script, flags = _flags(arguments) if takes_flags else ("", [])
    near = near_names(name, [*flags, *options])
    value = _value(typed, arguments)
    what = f"{ctx.command_path} has no option {typed!r}"
    if near and near[0] in flags:
        is_it = likeness(name, near[0]) == 1.0
        hint = f"{typed} is a flag of {script}" if is_it else f"{script} has a flag {near[0]!r}"
        text = f"{what}, but {hint}: write {near[0]}={value}"
    elif near:
        best = likeness(name, near[0])
        alike = [f"'--{one}'" for one in near if likeness(name, one) == best]
        text = f"{what}: did you mean {' or '.join(alike)}?"
    else:
        text = f"{what}: a flag of the script is written {name}={value}" if takes_flags else what
    return click.UsageError(text, ctx)


def _options(ctx: click.Context) -> list[str]:
    """Return the spellings of a command's options."""
    return [
        spelling
        for param in ctx.command.get_params(ctx)
        if isinstance(param, click.Option)
        for spelling in (*param.opts, *param.secondary_opts)
    ]


def _flags(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Return the name of the script among some arguments, and the flags that its text shows."""
    from tunesmith.script.static_flags import read_without_running  # reads Python, for this only

    script = next((Path(one) for one in arguments if one.endswith(".py")), None)
    try:
        found = None if script is None else read_without_running(script)
    except TunesmithError:
        found = None
    return (script.name if script else "", sorted(found.names) if found else [])


def _value(typed: str, arguments: Sequence[str]) -> str:
    """Return the value that was given to an option; a placeholder for none, and for a secret."""
    for place, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        if option == typed and not is_secret_name(typed.lstrip("-")):
            following = next(iter(arguments[place + 1 :]), "")
            return value if equals else _unless_option(following) or "VALUE"
    return "VALUE"


def _unless_option(word: str) -> str:
    is_option = word.startswith("-") and not word[1:2].isdigit()
    return "" if is_option or "=" in word or word.endswith(".py") else word
