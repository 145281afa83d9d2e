"""``tunesmith server``: the shared Prefect server that shows batches in the browser."""

import os
import shlex
import webbrowser

import click

from tunesmith.cli import console
from tunesmith.cli.groups import LazyGroup
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import NotFoundError, ServerError, UsageError
from tunesmith.query.cells import one_line
from tunesmith.server.client_environment import SECRET_VARIABLE, client_environment
from tunesmith.server.configured import check_configured, configured_api_url
from tunesmith.server.login_link import is_path, new_link, write_page
from tunesmith.server.server_directory import ServerDirectory
from tunesmith.server.shared_server import (
    begin_start,
    find_server,
    find_unguarded,
    stop_server,
    wait_until_healthy,
)

COMMANDS = {
    "status": (".serving.server:status", "Print the address of the server."),
    "start": (".serving.server:start", "Start the server, and print its address."),
    "stop": (".serving.server:stop", "Stop the server."),
    "open": (".serving.server:open_", "Open the server in the browser."),
    "logs": (".serving.server:logs", "Print the end of the server's log."),
    "env": (".serving.server:env", "Print shell commands that let prefect use the server."),
}


@click.group(cls=LazyGroup, sections={"Commands": COMMANDS})
def server() -> None:
    """Start, stop or open the Prefect server that shows batches."""


@click.command(cls=SectionedCommand)
def status() -> int:
    """Print the address of the server; exit with 3 if none answers."""
    configured = configured_api_url(os.environ)
    if configured is not None:
        console.answer(f"{configured} (configured for Prefect)")
        try:
            check_configured(configured, os.environ)
        except ServerError as error:
            raise NotFoundError(str(error)) from error
        return 0
    if (earlier := find_unguarded(_directory())) is not None:
        what = f"process {earlier.pid}, of an earlier version, without a password"
        console.answer(f"{earlier.ui_url} ({what})")
        return 0
    found = find_server(_directory())
    console.answer("not running" if found is None else f"{found.ui_url} (process {found.pid})")
    return NotFoundError.exit_code if found is None else 0


@click.command(cls=SectionedCommand)
def start() -> int:
    """Start the server if it is not running, and print its address."""
    directory = _directory()
    console.answer(wait_until_healthy(directory, begin_start(directory)).ui_url)
    return 0


@click.command(cls=SectionedCommand)
def stop() -> int:
    """Stop the server. Results are kept: they are in the store, not in the server."""
    console.answer("stopped" if stop_server(_directory()) else "not running")
    return 0


@click.command(cls=SectionedCommand)
@click.option(
    "-n",
    "--lines",
    type=WholeNumber(min=1),
    default=50,
    metavar="N",
    help="Number of lines to print.  [default: 50]",
)
def logs(*, lines: int) -> int:
    """Print the end of the server's log."""
    path = _directory().log
    try:
        text = path.read_text(errors="replace")
    except OSError as error:
        raise NotFoundError(
            f"there is no log at {path}: start the server with tunesmith server start"
        ) from error
    for line in text.splitlines()[-lines:]:
        console.answer(one_line(line))
    return 0


@click.command(cls=SectionedCommand)
def env() -> int:
    """Print shell commands that let your own prefect use the server.

    Use it as: eval "$(tunesmith server env)". The secret in it is valid until the server stops.
    """
    directory = _directory()
    found = wait_until_healthy(directory, begin_start(directory))
    for name in ("PREFECT_API_URL", SECRET_VARIABLE):
        text = client_environment(found.api_url, directory, {})[name]
        console.answer(f"export {name}={shlex.quote(text)}")
    return 0


@click.command(cls=SectionedCommand, name="open")
@click.argument("page", default="/")
def open_(*, page: str) -> int:
    """Open the server in the browser; start it first if it is not running.

    PAGE is a path such as /runs; by default the dashboard is opened.
    """
    if not is_path(page):
        raise UsageError(f"{page!r} is not a page of the server: write a path, such as /runs")
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
    console.say(f"If no page opens, use this link, once and within a minute: {link}")
    return 0


def _directory() -> ServerDirectory:
    return ServerDirectory.from_environment(os.environ)
