"""The options of a request on the command line, made from the table of options."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

import click

from tunesmith.cli.options.completers import complete_optimizers, complete_scalars
from tunesmith.cli.sections import SectionedOption, typed_options
from tunesmith.objective import Direction
from tunesmith.request.option import Door, Kind, Option
from tunesmith.request.options import options_of

DIRECTIONS = tuple(map(str, Direction))
"""The options that name an objective each."""
OBJECTIVES = "objectives"
"""The option that several of them stand for."""

C = TypeVar("C", bound=Callable[..., Any])


class RequestOption(SectionedOption):
    """An option of the table."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option as the help lists it.

        A switch stands without its ``--no-`` spelling, a value that may be left out in brackets.
        """
        record = super().get_help_record(ctx)
        if record is None:
            return None
        typed = record[0].partition(" / ")[0]
        if self.bare:
            typed = f"{self.opts[-1]}[={self.metavar}]"
        return typed, record[1]


def request_options(*doors: Door, names: Collection[str] | None = None) -> Callable[[C], C]:
    """Return a decorator that gives a command the options that some doors have.

    Args:
        doors: An option is given if it has one of them.
        names: Of these options; None for all.
    """
    chosen = [one for one in options_of(*doors) if names is None or one.name in names]

    def decorate(command: C) -> C:
        for option in reversed(chosen):
            command = click.option(*_names(option), **_attributes(option))(command)
        return command

    return decorate


def _names(option: Option) -> tuple[str, ...]:
    """Return an option's spellings, and the name of its value last."""
    if option.kind is Kind.SWITCH and option.can_change:
        flag = option.flag.removeprefix("--")
        return (f"--{flag}/--no-{flag}", option.name)  # so that a restart can turn it off
    return (*option.spelling, option.name)


def _attributes(option: Option) -> dict[str, Any]:
    """Return the arguments of ``click.option``; the value is None where nothing was said."""
    return {
        "cls": RequestOption,
        "section": str(option.group),
        "default": None,
        "help": _help(option),
        "metavar": option.metavar or None,
        "bare": option.bare,
        "shell_complete": complete_optimizers if option.name == "optimizer" else None,
        **_by_kind(option),
    }


def _help(option: Option) -> str:
    if not option.has_several:
        return option.description
    return option.description.replace(".", "; repeatable.", 1)


def _by_kind(option: Option) -> dict[str, Any]:
    match option.kind:
        case Kind.COUNT:
            return {"type": int}
        case Kind.SWITCH:
            return {} if option.can_change else {"is_flag": True}
        case Kind.CHOICE:
            return {"type": click.Choice(option.choices)}
        case Kind.COLUMN:
            is_objective = option.name in DIRECTIONS
            callback = _objectives if is_objective else _only
            return {"multiple": True, "callback": callback, "shell_complete": complete_scalars}
        case Kind.OBJECTIVES:
            return {"multiple": True, "callback": _objectives}
        case Kind.TEXTS | Kind.PATTERNS | Kind.CONDITIONS | Kind.FLAGS | Kind.POINTS:
            return {"multiple": True}
        case _:
            return {}


def _objectives(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> str | tuple[str, ...] | None:
    """Return the one scalar of the option; None if several are improved.

    Those become the value of ``objectives``, in the order in which they were typed: the first one
    is what counts where one has to.
    """
    typed = typed_options(ctx, (*DIRECTIONS, OBJECTIVES))
    if len(typed) < 2:
        return values[0] if values and param.name != OBJECTIVES else values or None
    if param.name != OBJECTIVES:
        return None
    return tuple(text if name == OBJECTIVES else f"{name} {text}" for name, text in typed)


def _only(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Return the value that was given, or None; click would silently keep the last of several.

    Raises:
        click.UsageError: The option was given more than once.
    """
    if len(values) > 1:
        given = " and ".join(map(repr, values))
        raise click.UsageError(
            f"{param.opts[-1]} was given {len(values)} times, as {given}: name one scalar",
            ctx,
        )
    return values[0] if values else None
