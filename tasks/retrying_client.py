"""Clients of Prefect that repeat a request which the server refuses while its database is locked.

A server on SQLite answers 503 to a request that reads and then writes, such as starting a flow
run, if another request writes at the same time: half of such requests while two batches run on two
cores. Prefect's own client waits for two seconds before it retries, and in a command it retries
once.
"""

import ssl
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
"""Seconds before the first retry; each further one waits longer by as much."""
MAX_LOCKED = 20
"""Maximum number of retries while the database is locked: four seconds in all."""


@contextmanager
def retrying_requests() -> Iterator[None]:
    """Retry the requests that Prefect itself makes in the body, to start and end a flow run."""
    context = SyncClientContext(httpx_settings=_settings())
    context._httpx_settings = None  # else each task and artifact would make a client of its own
    with context:
        yield


@contextmanager
def retrying_client() -> Iterator[SyncPrefectClient]:
    """Yield a client that retries; within ``retrying_requests`` the client of that context."""
    if (context := SyncClientContext.get()) is not None:
        yield context.client
        return
    with get_client(httpx_settings=_settings(), sync_client=True) as client:
        yield client


def _settings() -> dict[str, Any] | None:
    if not _is_direct(PREFECT_API_URL.value() or ""):
        return None
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # else certificates are read for nothing
    return {"transport": _RetryingTransport(verify=no_tls), "verify": no_tls}


def _is_direct(url: str) -> bool:
    """Return whether a server is reached without TLS or a proxy, both of which are left to httpx.

    A server of this machine is reached past any proxy: with a custom transport httpx uses none.
    """
    parts = urlsplit(url)
    is_proxied = not is_here(url) and not {"http", "all"}.isdisjoint(getproxies())
    return parts.scheme == "http" and (not is_proxied or bool(proxy_bypass(parts.hostname or "")))


class _RetryingTransport(httpx.HTTPTransport):
    """Retries, soon, a request that the server refuses because its database is locked."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response, which is 503 only if the database stays locked."""
        for number in range(MAX_LOCKED):
            response = super().handle_request(request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return response
            response.read()
            time.sleep(LOCKED_S * (1 + number))
        return response
