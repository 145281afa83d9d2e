"""``tunesmith server``: the shared Prefect server that shows batches in the browser."""

import os
import shlex

import click

from tunesmith.cli import console
from tunesmith.cli.desktop import show_in_browser
from tunesmith.cli.groups import LazyGroup
from tunesmith.cli.options.selection import Choice, select_one
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import NotFoundError, ServerError, UsageError
from tunesmith.query.cells import one_line
from tunesmith.query.filters import RunFilter
from tunesmith.server.client_environment import SECRET_VARIABLE, client_environment
from tunesmith.server.configured import check_configured, configured_api_url, user_settings
from tunesmith.server.flow_run_page import find_page, ui_url
from tunesmith.server.login_link import is_path, new_link, write_page
from tunesmith.server.secret import read_own
from tunesmith.server.server_directory import ServerDirectory
from tunesmith.server.shared_server import (
    begin_start,
    find_server,
    find_unguarded,
    stop_server,
    wait_until_healthy,
)
from tunesmith.trial import short_id

COMMANDS = {
    "status": (".serving.server:status", "Print the address of the server."),
    "start": (".serving.server:start", "Start the server, and print its address."),
    "stop": (".serving.server:stop", "Stop the server."),
    "open": (".serving.server:open_", "Open the server, or a run's page, in the browser."),
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
@click.argument("page", default="/", metavar="[RUN|PAGE]")
@click.pass_context
def open_(ctx: click.Context, /, *, page: str) -> int:
    """Open the server in the browser; start it first if it is not running.

    RUN is an index in the list of runs, the start of an id, or an operation: the page of its batch
    is opened. PAGE is a path such as /runs. By default the dashboard is opened.
    """
    batch = None if page.startswith("/") or "://" in page else _find_batch(ctx, page)
    if batch is None and not is_path(page):
        raise UsageError(f"{page!r} is not a page of the server: write a path, such as /runs")
    directory, configured = _directory(), configured_api_url(os.environ)
    if configured is not None:
        settings = user_settings(os.environ)
        page = page if batch is None else find_page(configured, settings, batch)
        url = f"{ui_url(configured, settings)}{page}".removesuffix("/")
        console.answer(url)
        show_in_browser(url)
        return 0
    found = wait_until_healthy(directory, begin_start(directory))
    if batch is not None:
        page = find_page(found.api_url, {SECRET_VARIABLE: read_own(directory.secret) or ""}, batch)
    console.answer(f"{found.ui_url}{page}".removesuffix("/"))
    show_in_browser(write_page(directory, new_link(found, directory, page=page)).as_uri())
    link = new_link(found, directory, page=page)
    console.say(f"If no page opens, use this link, once and within a minute: {link}")
    return 0


def _find_batch(ctx: click.Context, text: str) -> str:
    """Return the id of the batch that a text names, by itself or by one of its trials.

    Raises:
        NotFoundError: It names no run, or one that was run without Prefect.
    """
    choice = Choice(texts=(text,), filter=RunFilter(), home=console.chosen_home(ctx))
    run = select_one(read_runs(open_store(choice.home)), choice)
    if not run.is_batch and not run.is_trial:
        raise NotFoundError(f"{short_id(run.id)} is a single run, which Prefect does not know")
    return run.batch


def _directory() -> ServerDirectory:
    return ServerDirectory.from_environment(os.environ)
