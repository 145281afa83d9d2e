"""``tunesmith server``: the shared Prefect server that shows batches in the browser."""

import os
import shlex
import webbrowser

import click

from tunesmith.cli import console
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.errors import NotFoundError, UsageError
from tunesmith.query.cells import one_line
from tunesmith.server.client_environment import SECRET_VARIABLE, client_environment
from tunesmith.server.configured import configured_api_url
from tunesmith.server.login_link import is_path, new_link, write_page
from tunesmith.server.server_directory import ServerDirectory
from tunesmith.server.shared_server import (
    begin_start,
    find_server,
    find_unguarded,
    is_healthy,
    stop_server,
    wait_until_healthy,
)


@click.group()
def server() -> None:
    """See, start, stop or open the Prefect server that batches use; read its log; use it."""


@server.command()
def status() -> int:
    """Print where the server is; exit 3 if none answers."""
    configured = configured_api_url(os.environ)
    if configured is not None:
        answers = is_healthy(configured)
        console.answer(f"{configured} (configured for Prefect){'' if answers else ': no answer'}")
        return 0 if answers else NotFoundError.exit_code
    if (earlier := find_unguarded(_directory())) is not None:
        what = f"process {earlier.pid}, of an earlier version and without a password"
        console.answer(f"{earlier.ui_url} ({what})")
        return 0
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


@server.command()
def env() -> int:
    """Print what lets your own prefect command use the shared server, to be read by eval.

    The secret in it is good until the server ends.
    """
    directory = _directory()
    found = wait_until_healthy(directory, begin_start(directory))
    for name in ("PREFECT_API_URL", SECRET_VARIABLE):
        text = client_environment(found.api_url, directory, {})[name]
        console.answer(f"export {name}={shlex.quote(text)}")
    return 0


@server.command(name="open")
@click.argument("page", default="/")
def open_(*, page: str) -> int:
    """Open the server's pages in the browser, starting it first if need be.

    PAGE is a path, as /runs; without it the browser begins at the dashboard.
    """
    if not is_path(page):
        raise UsageError(f"{page!r} is no page of the server: write its path, as /runs")
    directory, configured = _directory(), configured_api_url(os.environ)
    if configured is not None:
        url = configured.removesuffix("/api").rstrip("/")
        console.answer(f"{url}{page}".removesuffix("/"))
        webbrowser.open(f"{url}{page}")
        return 0
    found = wait_until_healthy(directory, begin_start(directory))
    console.answer(f"{found.ui_url}{page}".removesuffix("/"))
    webbrowser.open(write_page(directory, new_link(found, directory, page=page)).as_uri())
    link = new_link(found, directory, page=page)
    console.say(f"If no page opens: this link works once, within a minute: {link}")
    return 0


def _directory() -> ServerDirectory:
    return ServerDirectory.from_environment(os.environ)
