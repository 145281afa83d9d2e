"""``tunesmith server``: the shared Prefect server that shows batches in the browser."""

import os
import webbrowser

import click

from tunesmith.cli import console
from tunesmith.cli.whole_number import WholeNumber
from tunesmith.errors import NotFoundError
from tunesmith.flows.server import (
    ServerDirectory,
    begin_start,
    configured_api_url,
    find_server,
    is_healthy,
    stop_server,
    wait_until_healthy,
)
from tunesmith.query.cells import one_line


@click.group()
def server() -> None:
    """See, start, stop or open the Prefect server that batches use; read its log."""


@server.command()
def status() -> int:
    """Print where the server is; exit 3 if none answers."""
    configured = configured_api_url(os.environ)
    if configured is not None:
        answers = is_healthy(configured)
        console.answer(f"{configured} (configured for Prefect){'' if answers else ': no answer'}")
        return 0 if answers else NotFoundError.exit_code
    found = find_server(_directory())
    console.answer("not running" if found is None else f"{found.ui_url} (process {found.pid})")
    return NotFoundError.exit_code if found is None else 0


@server.command()
def start() -> int:
    """Start the shared server, if it is not running, and print its address."""
    directory = _directory()
    console.answer(wait_until_healthy(directory, begin_start(directory)).ui_url)
    return 0


@server.command()
def stop() -> int:
    """Stop the shared server; the results stay, they are not kept in it."""
    console.answer("stopped" if stop_server(_directory()) else "not running")
    return 0


@server.command()
@click.option("-n", "--lines", type=WholeNumber(min=1), default=50, metavar="N", help="Lines.")
def logs(*, lines: int) -> int:
    """Print the last lines of the shared server's log."""
    path = _directory().log
    try:
        text = path.read_text(errors="replace")
    except OSError as error:
        raise NotFoundError(f"there is no log {path}: the server has not been started") from error
    for line in text.splitlines()[-lines:]:
        console.answer(one_line(line))
    return 0


@server.command(name="open")
def open_() -> int:
    """Open the server's pages in the browser, starting it first if need be."""
    directory = _directory()
    configured = configured_api_url(os.environ)
    url = (
        configured.removesuffix("/api")
        if configured is not None
        else wait_until_healthy(directory, begin_start(directory)).ui_url
    )
    console.answer(url)
    webbrowser.open(url)
    return 0


def _directory() -> ServerDirectory:
    return ServerDirectory.from_environment(os.environ)
