"""The options that name the objective, of every command that starts a search."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

C = TypeVar("C", bound=Callable[..., Any])


def objective_options(command: C) -> C:
    """Give a command ``--minimize`` and ``--maximize``, each of which may be given once."""
    for option in (
        click.option("-X", "--maximize", **_SHARED, help="Scalar to maximize."),
        click.option("-N", "--minimize", **_SHARED, help="Scalar to minimize  [default: loss]"),
    ):
        command = option(command)
    return command


def _only(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Return the one value that was given, or None: click alone would take the last of several.

    Raises:
        click.UsageError: There are several.
    """
    if len(values) > 1:
        given = " and ".join(map(repr, values))
        raise click.UsageError(
            f"--{param.name} was given {len(values)} times, as {given}: a search has one "
            "objective, name one scalar",
            ctx,
        )
    return values[0] if values else None


_SHARED: dict[str, Any] = {"multiple": True, "metavar": "COL", "callback": _only}
