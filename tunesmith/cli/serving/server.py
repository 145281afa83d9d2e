"""``tunesmith server``: the shared Prefect server that shows batches in the browser."""

import os
import shlex

import click

from tunesmith.cli import console
from tunesmith.cli.desktop import show_in_browser
from tunesmith.cli.groups import LazyGroup
from tunesmith.cli.options.chosen_runs import select_one
from tunesmith.cli.options.selection import Choice
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import NotFoundError, ServerError, UsageError
from tunesmith.query.cells import count, one_line
from tunesmith.query.filters import RunFilter
from tunesmith.server.client_environment import SECRET_VARIABLE, client_environment
from tunesmith.server.configured import check_configured, configured_api_url, user_settings
from tunesmith.server.database import Contents, read_contents
from tunesmith.server.flow_run_page import find_page, ui_url
from tunesmith.server.login_link import is_path, new_link, write_page
from tunesmith.server.retention import days_kept
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
@console.json_option("the address")
def status() -> int:
    """Print the address of the server, and what it keeps; exit with 3 if none answers."""
    configured = configured_api_url(os.environ)
    if configured is not None:
        plain = _to_plain(configured)
        if not console.wants_json():
            console.answer(f"{configured} (configured for Prefect)")
        try:
            check_configured(configured, os.environ)
        except ServerError as error:
            raise NotFoundError(str(error)) from error
        if console.wants_json():
            console.answer_json(plain)
        return 0
    if (earlier := find_unguarded(_directory())) is not None:
        what = f"process {earlier.pid}, of an earlier version, without a password"
        console.answer(f"{earlier.ui_url} ({what})", _to_plain(earlier.ui_url, earlier.pid))
        return 0
    found = find_server(_directory())
    if found is None:
        console.answer("not running", _to_plain(None))
    else:
        text = f"{found.ui_url} (process {found.pid})"
        held = read_contents(_directory().database)
        plain = {"database_bytes": held.n_bytes, "oldest": held.oldest or None}
        console.answer(
            f"{text}\n{_contents_text(held)}", {**_to_plain(found.ui_url, found.pid), **plain}
        )
    return NotFoundError.exit_code if found is None else 0


def _contents_text(held: Contents) -> str:
    """Return what the database of the server holds, in a line."""
    since = f", flow runs since {held.oldest[:10]}" if held.oldest else ", no flow run"
    days = days_kept(os.environ)
    until = "for ever" if days is None else f"for {count(days, 'day')}"
    return f"database: {held.n_bytes / 1e6:.1f} MB{since} (kept {until})"


def _to_plain(url: str | None, pid: int | None = None) -> dict[str, object]:
    """Return a server as JSON values; None for one that does not run or is not ours."""
    return {"running": url is not None, "url": url, "process": pid}


@click.command(cls=SectionedCommand)
@console.json_option("the address")
def start() -> int:
    """Start the server if it is not running, and print its address."""
    directory = _directory()
    found = wait_until_healthy(directory, begin_start(directory))
    console.answer(found.ui_url, _to_plain(found.ui_url, found.pid))
    return 0


@click.command(cls=SectionedCommand)
@console.json_option("whether it ran")
def stop() -> int:
    """Stop the server. Results are kept: they are in the store, not in the server."""
    is_stopped = stop_server(_directory())
    console.answer("stopped" if is_stopped else "not running", {"stopped": is_stopped})
    return 0


@click.command(cls=SectionedCommand)
@console.json_option("the lines")
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
    last = text.splitlines()[-lines:]
    console.answer("\n".join(map(one_line, last)), {"path": str(path), "lines": last})
    return 0


@click.command(cls=SectionedCommand)
@console.json_option("the variables")
def env() -> int:
    """Print shell commands that let your own prefect use the server.

    Use it as: eval "$(tunesmith server env)". The secret in it is valid until the server stops.
    Where you have configured a server for Prefect, your prefect uses that one already.
    """
    directory, configured = _directory(), configured_api_url(os.environ)
    if configured is not None:
        line = f"export PREFECT_API_URL={shlex.quote(configured)}"
        console.answer(line, {"PREFECT_API_URL": configured})
        return 0
    found = wait_until_healthy(directory, begin_start(directory))
    every = client_environment(found.api_url, directory, {})
    variables = {name: every[name] for name in ("PREFECT_API_URL", SECRET_VARIABLE)}
    lines = [f"export {name}={shlex.quote(text)}" for name, text in variables.items()]
    console.answer("\n".join(lines), variables)
    return 0


@click.command(cls=SectionedCommand, name="open")
@console.json_option("the address")
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
        console.answer(url, {"url": url})
        show_in_browser(url)
        return 0
    found = wait_until_healthy(directory, begin_start(directory))
    if batch is not None:
        page = find_page(found.api_url, {SECRET_VARIABLE: read_own(directory.secret) or ""}, batch)
    url = f"{found.ui_url}{page}".removesuffix("/")
    console.answer(url, {"url": url})
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
