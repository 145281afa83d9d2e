"""What a command prints and asks: results on stdout, messages and questions on stderr.

Every command imports this module, and so does ``--help``: it imports nothing but click.
"""

import os
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TextIO, TypeVar

import click

from tunesmith.cli.sections import GLOBAL, SectionedOption
from tunesmith.errors import UsageError

C = TypeVar("C", bound=Callable[..., Any])
_HOME_KEY = "tunesmith.home"
_JSON_KEY = "tunesmith.json"
_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")
_STYLES = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2", "bold": "1"}


def answer(text: str, plain: Any = None) -> None:
    """Print a result on stdout.

    Args:
        text: The result for a reader.
        plain: The result as JSON values, which ``--json`` prints instead; None where the command
            has no such option.
    """
    if wants_json() and plain is not None:
        answer_json(plain)
    else:
        _print(text, sys.stdout)


def answer_json(plain: Any) -> None:
    """Print a result on stdout as JSON."""
    import json  # needed with --json only

    _print(json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False), sys.stdout)


def say(text: str) -> None:
    """Print a message on stderr.

    It may contain names and values from elsewhere: control characters are escaped, colours kept.
    """
    _print(text if text.isprintable() else _harmless(text), sys.stderr)


def say_in_handler(text: str) -> None:
    """Print a message from a signal handler.

    The signal may have interrupted this thread while it was printing. The stream then refuses
    a second line, and the text is written to the descriptor instead.
    """
    try:
        say(text)
    except RuntimeError:  # "reentrant call inside BufferedWriter"
        os.write(sys.stderr.fileno(), f"{text}\n".encode(errors="backslashreplace"))


def end_line() -> None:
    """End the line on which a terminal shows ``^C``, so that the prompt has one of its own."""
    if sys.stderr.isatty():
        _print("", sys.stderr)


def warn(text: str) -> None:
    """Print a warning on stderr."""
    say(f"warning: {text}")


def is_interactive() -> bool:
    """Return whether a question can be asked: stdin and stderr are terminals."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def is_live() -> bool:
    """Return whether stderr is a terminal on which a view can be redrawn in place."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def has_screen() -> bool:
    """Return whether a view can take over the terminal.

    The view reads stdin and draws on stderr. Where stdout is redirected the results are wanted
    there, so all three have to be terminals.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return is_live() and all(stream is not None and stream.isatty() for stream in streams)


def ask_yes_no(question: str, *, default: bool = True) -> bool:
    """Ask on stderr and return the reply. The end of the input, or an unclear reply, means no.

    Args:
        question: The question, without the choice of replies.
        default: What Enter alone means.

    Raises:
        UsageError: stdin or stderr is not a terminal.
    """
    if not is_interactive():
        raise UsageError(
            "cannot ask for confirmation without a terminal: add --yes to skip the question"
        )
    sys.stderr.write(f"{question} {'(Y/n)' if default else '(y/N)'} ")
    sys.stderr.flush()
    from tunesmith.engine.letting_go import asking  # a question is rare

    with asking():
        line = sys.stdin.readline()
    if not line.endswith("\n"):
        sys.stderr.write("\n")  # the end of the input leaves the cursor after the question
    reply = line.strip().lower()
    return reply in ("y", "yes") or (default and reply == "" and line != "")


def leave_at_once(code: int) -> NoReturn:
    """End the process without waiting for its other threads.

    Prefect's threads would retry for minutes, for every event, on a server that is gone.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def paint(text: str, style: str, *, stream: TextIO | None = None) -> str:
    """Return the text in a style, or unchanged where the stream shows no colours.

    Args:
        text: The text.
        style: ``red``, ``green``, ``yellow``, ``cyan``, ``dim`` or ``bold``; empty for none.
        stream: Where the text will be printed; None for stdout.
    """
    if not text or not style or not has_colour(stream or sys.stdout):
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def has_colour(stream: TextIO) -> bool:
    """Return whether a stream is a terminal and colours are not switched off."""
    return wants_colour() and stream.isatty()


def wants_colour() -> bool:
    """Return whether colours are not switched off by ``NO_COLOR`` or ``TERM``."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int | None:
    """Return the width of the terminal in columns; None where stdout is not a terminal."""
    if not sys.stdout.isatty():
        return None
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except OSError:  # a terminal of unknown size
        return None


def chosen_home(ctx: click.Context) -> str | None:
    """Return the value of ``--home``, given before or after the command; None if not given."""
    home: str | None = ctx.meta.get(_HOME_KEY)
    return home


def shared_options() -> list[click.Option]:
    """Return the options that every command takes, before or after its name."""
    home = SectionedOption(
        ["--home"],
        section=GLOBAL,
        metavar="DIR",
        expose_value=False,
        callback=_keep_home,
        help="Store to use.  [default: nearest .tunesmith upwards]",
    )
    debug = SectionedOption(
        ["--debug"],
        section=GLOBAL,
        is_flag=True,
        expose_value=False,
        help="Show the traceback of an error.",
    )
    return [home, debug]


def wants_json() -> bool:
    """Return whether the command that runs was given ``--json``."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(_JSON_KEY))


def json_option(what: str) -> Callable[[C], C]:
    """Return a decorator that gives a command ``--json``, by which ``answer`` prints JSON.

    Args:
        what: What is printed then, as in ``the address``.
    """
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_keep_json,
        help=f"Print {what} as JSON.",
    )


def _keep_json(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    ctx.meta[_JSON_KEY] = value


def _keep_home(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.meta[_HOME_KEY] = value


def _harmless(text: str) -> str:
    """Return the text with control characters escaped, except for colours, tabs and newlines."""
    pieces = _COLOUR.split(text)
    return "".join(
        piece if place % 2 else "".join(map(_visible, piece)) for place, piece in enumerate(pieces)
    )


def _visible(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    return character.encode("unicode_escape").decode()


def _print(text: str, stream: TextIO) -> None:
    """Print a line. A character that the stream's encoding lacks is escaped."""
    try:
        stream.write(f"{text}\n")
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(f"{text.encode(encoding, 'backslashreplace').decode(encoding)}\n")
    stream.flush()
