"""The options for the objective, shared by the commands that start a search."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

C = TypeVar("C", bound=Callable[..., Any])


def objective_options(command: C) -> C:
    """Add ``--minimize`` and ``--maximize`` to a command; each may be given once."""
    for option in (
        click.option("-X", "--maximize", **_SHARED, help="Scalar to maximize."),
        click.option("-N", "--minimize", **_SHARED, help="Scalar to minimize  [default: loss]"),
    ):
        command = option(command)
    return command


def _only(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Return the value that was given, or None; click would silently keep the last of several.

    Raises:
        click.UsageError: The option was given more than once.
    """
    if len(values) > 1:
        given = " and ".join(map(repr, values))
        raise click.UsageError(
            f"--{param.name} was given {len(values)} times, as {given}: a search has one "
            "objective, so name one scalar",
            ctx,
        )
    return values[0] if values else None


_SHARED: dict[str, Any] = {"multiple": True, "metavar": "COL", "callback": _only}
