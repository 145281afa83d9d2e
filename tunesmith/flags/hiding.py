"""Keeps the values of secrets off the list of processes."""

from collections.abc import Sequence

from tunesmith.flags.secret_names import is_secret_name
from tunesmith.processes import hide_argument


def hide_secrets(arguments: Sequence[str]) -> None:
    """Take the values of secrets off the list of processes, for as long as this one runs."""
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        if equals and is_secret_name(name):
            hide_argument(argument, n_shown=len(name) + 1)
