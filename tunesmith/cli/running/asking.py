"""Asking before anything runs."""

from tunesmith.cli import console
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.errors import DeclinedError


def ask(text: str, options: RunOptions) -> None:
    """Show the preview and ask, unless that is not wanted.

    Raises:
        DeclinedError: The answer was no.
        UsageError: There is no terminal to ask on.
    """
    if not options.quiet and not options.json:
        console.say(text)
    if not options.yes and not console.ask_yes_no("Continue?"):
        raise DeclinedError("nothing was run")
