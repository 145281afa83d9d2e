"""The Prefect server that a command uses, started while the command does other things."""

import gc
import importlib
import logging
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tunesmith.cli import console
from tunesmith.cli.garbage import collection_off
from tunesmith.errors import UsageError
from tunesmith.server.client_environment import client_environment
from tunesmith.server.configured import check_configured, configured_api_url, user_settings
from tunesmith.server.server_directory import ServerDirectory
from tunesmith.server.shared_server import begin_start, find_server, wait_until_healthy

LOOK_S = 0.2
"""Seconds between two checks of whether a starting server answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartingServer:
    """The Prefect server that a batch will use: the configured one, or the shared one."""

    configured: str | None
    directory: ServerDirectory
    supervisor: subprocess.Popen[bytes] | None
    environment: Mapping[str, str]
    """The command's environment, without the variables for Prefect, which trials must not see."""

    def wait(self) -> str:
        """Return the address of the API once the server answers.

        Raises:
            ServerError: The server does not start.
        """
        if self.configured is not None:
            check_configured(self.configured, os.environ)
            return self.configured
        if self.supervisor is not None and find_server(self.directory) is None:
            console.say("Starting the Prefect server; the first start takes about ten seconds")
        state = wait_until_healthy(self.directory, self.supervisor)
        if self.supervisor is not None and state.note:
            console.warn(state.note)
        return state.api_url

    def use(self) -> str:
        """Wait for the server as ``wait`` does, and set the environment for Prefect.

        Prefect reads the environment when it is imported.
        """
        api_url = self.wait()
        os.environ.update(client_environment(api_url, self.directory, os.environ))
        import_settings()
        return api_url

    @contextmanager
    def prefect_imported(self, *, is_wanted: bool) -> Iterator[None]:
        """Import Prefect, which takes a second, while the body waits for the user."""
        given_up = threading.Event()
        importing = threading.Thread(target=self._import, args=(given_up,), daemon=True)
        if is_wanted:
            importing.start()
        try:
            yield
        except BaseException:
            given_up.set()
            if is_wanted:
                importing.join()  # Python must not exit in the middle of an import
            raise

    def _import(self, given_up: threading.Event) -> None:
        """Import Prefect once the server answers; an error here is raised again on use."""
        while not given_up.is_set():
            state = None if self.configured is not None else find_server(self.directory)
            api_url = self.configured or (state and state.api_url)
            if api_url:
                with suppress(Exception):
                    import_flow(api_url, self.directory)
                return
            given_up.wait(LOOK_S)


def import_settings() -> None:
    """Import what of Prefect reads its settings.

    Raises:
        UsageError: A setting has a value that it cannot have.
    """
    try:
        importlib.import_module("prefect.context")
    except ValueError as error:  # pydantic's errors are among them
        found: list[dict[str, Any]] = getattr(error, "errors", list)()[:1]
        what = "".join(f"{one['loc'][-1]} is {one['input']!r}: {one['msg']}" for one in found)
        raise UsageError(
            f"a setting of Prefect cannot be read: {what or error}; correct it where it is set: "
            "in the environment, .env, prefect.toml, pyproject.toml or the profile"
        ) from error


def import_flow(api_url: str, directory: ServerDirectory) -> ModuleType:
    """Set the environment, which Prefect reads when it is imported; return what calls the flow."""
    os.environ.update(client_environment(api_url, directory, os.environ))
    with collection_off():
        import_settings()
        from tunesmith.flows import batch_call

        batch_call.preload_engine()
        gc.freeze()  # modules live until the end: scanning them takes a sixth of the import
    return batch_call


@contextmanager
def server_starting() -> Iterator[StartingServer]:
    """Start the shared server, if one is needed and not running, while the body goes on.

    From here to the end of the command, no log record reaches the terminal, unless the user has
    set Prefect's level: Prefect installs a handler for all libraries, and Dask several of its own.
    Our own messages say what matters.
    """
    if "PREFECT_LOGGING_LEVEL" not in user_settings(os.environ):
        logging.disable(logging.CRITICAL)
    directory = ServerDirectory.from_environment(os.environ)
    configured = configured_api_url(os.environ)
    supervisor = None if configured is not None else begin_start(directory)
    yield StartingServer(
        configured=configured,
        directory=directory,
        supervisor=supervisor,
        environment=dict(os.environ),
    )
