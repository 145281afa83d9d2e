"""Running a batch from the command line: the server, the flow, the progress, the summary."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.advice import Advice, advise
from tunesmith.cli.progress import progress_shown
from tunesmith.cli.run_options import RunOptions
from tunesmith.cli.summary import summarize, summary_to_json
from tunesmith.errors import StoreError
from tunesmith.executor.interrupts import Interrupts, received
from tunesmith.executor.stopping import StopToken
from tunesmith.executor.workplace import Session
from tunesmith.flows.server import (
    ServerDirectory,
    begin_start,
    check_configured,
    client_environment,
    configured_api_url,
    find_server,
    wait_until_healthy,
)
from tunesmith.search.recommendation import is_recommending
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, best_trial

if TYPE_CHECKING:
    from tunesmith.flows.outcome import BatchOutcome

LOOK_S = 0.2
"""Seconds between two looks at whether a server that starts answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartingServer:
    """The Prefect server that a batch will use: one that is configured, or the shared one."""

    configured: str | None
    directory: ServerDirectory
    supervisor: subprocess.Popen[bytes] | None
    environment: Mapping[str, str]
    """The command's own: what Prefect needs is added for this process, and no trial sees it."""

    def wait(self) -> str:
        """Return the API's address once the server answers.

        Raises:
            ServerError: It does not start.
        """
        if self.configured is not None:
            check_configured(self.configured)
            return self.configured
        if self.supervisor is not None and find_server(self.directory) is None:
            console.say("Starting the Prefect server; the first time takes some ten seconds")
        state = wait_until_healthy(self.directory, self.supervisor)
        if self.supervisor is not None and state.note:
            console.warn(state.note)
        return state.api_url

    @contextmanager
    def prefect_imported(self, *, is_wanted: bool) -> Iterator[None]:
        """Import what runs a batch, which takes a second, while the body waits for the user."""
        given_up = threading.Event()
        importing = threading.Thread(target=self._import, args=(given_up,), daemon=True)
        if is_wanted:
            importing.start()
        try:
            yield
        except BaseException:
            given_up.set()
            if is_wanted:
                importing.join()  # Python must not end in the middle of it
            raise

    def _import(self, given_up: threading.Event) -> None:
        """Import it once the server answers; what fails here fails again where it is used."""
        while not given_up.is_set():
            state = None if self.configured is not None else find_server(self.directory)
            api_url = self.configured or (state and state.api_url)
            if api_url:
                with suppress(Exception):
                    import_flow(api_url, self.directory)
                return
            given_up.wait(LOOK_S)


def import_flow(api_url: str, directory: ServerDirectory) -> "Callable[..., BatchOutcome]":
    """Return what runs a batch. Prefect reads the environment when it is imported."""
    os.environ.update(client_environment(api_url, directory))
    from tunesmith.flows.batch import run_batch

    return run_batch


@contextmanager
def server_starting() -> Iterator[StartingServer]:
    """Start the shared server, if it is needed and not there, while the body does other things."""
    directory = ServerDirectory.from_environment(os.environ)
    configured = configured_api_url(os.environ)
    supervisor = None if configured is not None else begin_start(directory)
    yield StartingServer(
        configured=configured,
        directory=directory,
        supervisor=supervisor,
        environment=dict(os.environ),
    )


def sweep(
    spec: BatchSpec,
    options: RunOptions,
    *,
    server: StartingServer,
    n_total: int,
    earlier: Sequence[TrialRecord],
) -> int:
    """Run a batch as a flow and show how it goes; return the exit code.

    Args:
        spec: The batch.
        options: The command's options, of which the quiet ones count.
        server: The Prefect server.
        n_total: How many trials this command runs.
        earlier: The records of earlier generations.
    """
    stop = StopToken()
    interrupts = Interrupts(stop, announce=console.say)
    is_quiet = options.quiet or options.json
    api_url = server.wait()  # Ctrl-C ends the command here, as long as nothing runs
    with received(interrupts):
        run_batch = import_flow(api_url, server.directory)
        best = best_trial(earlier, spec.objective)
        with progress_shown(spec, n_total=n_total, is_quiet=is_quiet, best=best) as observer:
            session = Session(
                stop=stop,
                observer=observer,
                environment=dict(server.environment),
                interrupts=interrupts,
            )
            outcome = run_batch(spec, session)
    if options.quiet and not options.json:
        console.answer(spec.id)
    else:
        advice, to_text = _advice(spec), summary_to_json if options.json else summarize
        console.answer(to_text(spec, outcome, advice))
    code = interrupts.exit_code or (1 if outcome.has_failures else 0)
    if outcome.is_server_lost:
        console.warn(
            "the Prefect server was lost meanwhile: its pages do not show the end of this batch, "
            "and every trial is in the store"
        )
        console.leave_at_once(code)
    return code


def _advice(spec: BatchSpec) -> Advice | None:
    """Return the recommended trial of a batch that ended; None where the store cannot be read."""
    if not is_recommending(spec):
        return None
    try:
        return advise(spec, Store.open(Path(spec.home)).records(spec.id).records)
    except StoreError as error:
        console.warn(str(error))
        return None
