"""Clients of Prefect that outlast a database which is in use for a moment.

A server on SQLite refuses with 503 what reads first and then writes, as starting a flow run does,
whenever another request writes meanwhile: half of such requests while two batches run on two
cores. Prefect's client waits for two seconds before it asks again, and a command's asks once more
only.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.context import SyncClientContext
from prefect.settings import PREFECT_API_URL

from tunesmith.loopback import is_here

LOCKED_S = 0.02
MAX_LOCKED = 20
"""How often a server whose database is in use is asked again: for four seconds in all."""


@contextmanager
def patience() -> Iterator[None]:
    """Let what Prefect asks by itself in the body, to start and end a flow run, be asked again."""
    context = SyncClientContext(httpx_settings=_settings())
    context._httpx_settings = None  # else each task and artifact would make a client of its own
    with context:
        yield


@contextmanager
def patient_client() -> Iterator[SyncPrefectClient]:
    """Give a client whose requests are made again; within ``patience`` the one that is there."""
    if (context := SyncClientContext.get()) is not None:
        yield context.client
        return
    with get_client(httpx_settings=_settings(), sync_client=True) as client:
        yield client


def _settings() -> dict[str, Any] | None:
    return (
        {"transport": _PatientTransport()} if _is_direct(PREFECT_API_URL.value() or "") else None
    )


def _is_direct(url: str) -> bool:
    """Return whether a server is reached without TLS and proxy, which are left to httpx.

    One of this machine is asked past any proxy: with a transport of its own httpx uses none.
    """
    parts = urlsplit(url)
    is_proxied = not is_here(url) and not {"http", "all"}.isdisjoint(getproxies())
    return parts.scheme == "http" and (not is_proxied or bool(proxy_bypass(parts.hostname or "")))


class _PatientTransport(httpx.HTTPTransport):
    """Asks again, soon, what a server refuses whose database is in use."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, which says that the database is in use only if it stays so."""
        for number in range(MAX_LOCKED):
            response = super().handle_request(request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return response
            response.read()
            time.sleep(LOCKED_S * (1 + number))
        return response
