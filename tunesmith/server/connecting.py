"""Connecting a Python program to a Prefect server: the configured one, else the shared one."""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tunesmith.server.client_environment import SECRET_VARIABLE, client_environment
from tunesmith.server.configured import check_configured, configured_api_url
from tunesmith.server.server_directory import ServerDirectory
from tunesmith.server.shared_server import begin_start, wait_until_healthy


@contextmanager
def connected() -> Iterator[None]:
    """Let Prefect use a server while the body runs; the caller's environment stays as it was.

    Raises:
        ServerError: The configured server does not answer, or the shared one does not start.
    """
    configured = configured_api_url(os.environ)
    if configured is not None:
        check_configured(configured, os.environ)
    if configured is not None or _is_in_flow():
        yield
        return
    directory = ServerDirectory.from_environment(os.environ)
    api_url = wait_until_healthy(directory, begin_start(directory)).api_url
    settings = client_environment(api_url, directory, os.environ)
    if "prefect" not in sys.modules:
        _import_prefect(settings)
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    with temporary_settings(
        {PREFECT_API_URL: api_url, PREFECT_API_AUTH_STRING: settings.get(SECRET_VARIABLE)}
    ):
        yield


def _import_prefect(settings: dict[str, str]) -> None:
    """Import Prefect, which reads its settings from the environment once, at import.

    Variables that are set already win, except the secret, which would be another server's.
    """
    before = dict(os.environ)
    os.environ.update(settings | {n: t for n, t in before.items() if n != SECRET_VARIABLE})
    try:
        importlib.import_module("prefect.context")
    finally:
        for name in settings:
            os.environ.pop(name)
            os.environ.update({name: before[name]} if name in before else {})


def _is_in_flow() -> bool:
    """Return whether the caller is a flow, whose server is in use already."""
    if "prefect" not in sys.modules:
        return False
    from prefect.context import FlowRunContext

    return FlowRunContext.get() is not None
