"""What a command says and asks: stdout is the answer, stderr the talk.

Every command imports this module, ``--help`` too, so it imports nothing but click.
"""

import os
import re
import sys
from typing import NoReturn, TextIO

import click

from tunesmith.errors import UsageError

_HOME_KEY = "tunesmith.home"
_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")
_STYLES = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2", "bold": "1"}


def answer(text: str) -> None:
    """Print what was asked for."""
    _print(text, sys.stdout)


def say(text: str) -> None:
    """Print what is worth knowing beside the answer.

    Names and values of others may be in it: but for colours, nothing that controls a terminal
    reaches it.
    """
    _print(text if text.isprintable() else _harmless(text), sys.stderr)


def say_in_handler(text: str) -> None:
    """Print what a signal brings about, as ``say`` does.

    The signal may have come in the middle of a line that the same thread was printing: a stream
    refuses a second one then, and the text goes past it.
    """
    try:
        say(text)
    except RuntimeError:  # "reentrant call inside BufferedWriter"
        os.write(sys.stderr.fileno(), f"{text}\n".encode(errors="backslashreplace"))


def warn(text: str) -> None:
    """Print what may be wrong."""
    say(f"warning: {text}")


def is_interactive() -> bool:
    """Return whether a question can be asked: someone reads stderr and types on stdin."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def is_live() -> bool:
    """Return whether stderr is a terminal on which a view can be redrawn in place."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def has_screen() -> bool:
    """Return whether a view can take the whole terminal: it reads stdin and draws on stderr.

    With stdout elsewhere the answer is wanted there, so all three have to be terminals.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return is_live() and all(stream is not None and stream.isatty() for stream in streams)


def ask_yes_no(question: str, *, default: bool = True) -> bool:
    """Ask on stderr and return the answer; the end of the input, or anything unclear, is a no.

    Args:
        question: The question, without the choice of answers.
        default: What Enter alone means.

    Raises:
        UsageError: There is no terminal to ask on.
    """
    if not is_interactive():
        raise UsageError(
            "there is no terminal to ask for a confirmation: add --yes to go on without a question"
        )
    sys.stderr.write(f"{question} {'(Y/n)' if default else '(y/N)'} ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line.endswith("\n"):
        sys.stderr.write("\n")  # the end of the input leaves the cursor behind the question
    reply = line.strip().lower()
    return reply in ("y", "yes") or (default and reply == "" and line != "")


def leave_at_once(code: int) -> NoReturn:
    """End the process without waiting for its other threads.

    Prefect's would ask a server that is gone for minutes, once for every event.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def paint(text: str, style: str, *, stream: TextIO | None = None) -> str:
    """Return the text in a colour, or as it is where the stream (stdout) shows none."""
    if not text or not style or not has_colour(stream or sys.stdout):
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def has_colour(stream: TextIO) -> bool:
    """Return whether a stream is a terminal whose user did not switch colours off."""
    return wants_colour() and stream.isatty()


def wants_colour() -> bool:
    """Return whether the user did not switch colours off."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int | None:
    """Return the columns of the terminal on stdout; None where stdout is none."""
    if not sys.stdout.isatty():
        return None
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except OSError:  # a terminal that does not tell its size
        return None


def chosen_home(ctx: click.Context) -> str | None:
    """Return what ``--home`` named, before or after the command's name; None for nothing."""
    home: str | None = ctx.meta.get(_HOME_KEY)
    return home


def shared_options() -> list[click.Option]:
    """Return the options that stand before or after the name of every command."""
    home = click.Option(
        ["--home"],
        metavar="DIR",
        expose_value=False,
        callback=_keep_home,
        help="Folder of the store .tunesmith  [default: the nearest one upwards]",
    )
    debug = click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        help="Show the traceback of an error.",
    )
    return [home, debug]


def _keep_home(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.meta[_HOME_KEY] = value


def _harmless(text: str) -> str:
    """Return the text with control characters as escapes, but for colours and line ends."""
    pieces = _COLOUR.split(text)
    return "".join(
        piece if place % 2 else "".join(map(_visible, piece)) for place, piece in enumerate(pieces)
    )


def _visible(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    return character.encode("unicode_escape").decode()


def _print(text: str, stream: TextIO) -> None:
    """Print a line; what the stream's encoding lacks is shown as an escape, never an error."""
    try:
        stream.write(f"{text}\n")
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(f"{text.encode(encoding, 'backslashreplace').decode(encoding)}\n")
    stream.flush()
