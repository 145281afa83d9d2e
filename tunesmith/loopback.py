"""Access to servers on loopback: for programs of this machine, and for the server's own pages.

Any page of the web can make a browser send requests to a port of this machine: as itself, or, if
its host name suddenly resolves to 127.0.0.1 (DNS rebinding), as the server. But it cannot forge
the headers that say where it comes from.
"""

import re
import ssl
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The host names of this machine's servers."""
_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def is_here(url: str) -> bool:
    """Return whether a URL leads to this machine."""
    return urlsplit(url).hostname in LOOPBACK


def open_url(
    request: str | urllib.request.Request, *, timeout_s: float, tls: ssl.SSLContext | None = None
) -> Any:
    """Open a URL; for this machine, ignore the proxy that the environment names.

    Another machine's proxy does not reach this one, and would see the secrets of its servers.

    Args:
        request: The URL, or a request.
        timeout_s: How long to wait for the server.
        tls: How the server's certificate is checked; None for the usual way.

    Returns:
        The response, as ``urllib.request.urlopen`` returns it.

    Raises:
        OSError: The server does not answer, or with an error.
        ValueError: It is not a URL.
    """
    url = request if isinstance(request, str) else request.full_url
    proxies = (urllib.request.ProxyHandler({}),) if is_here(url) else ()
    checked = () if tls is None else (urllib.request.HTTPSHandler(context=tls),)
    return urllib.request.build_opener(*proxies, *checked).open(request, timeout=timeout_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    """The HTTP status."""
    reason: str


def gather(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name; one that is repeated has all its values."""
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def judge(headers: Mapping[str, str]) -> Refusal | None:
    """Return why a request is refused; None if it may be answered.

    A browser sends the requested host name in ``Host``, the requesting page in ``Origin``, and,
    for requests without an origin, as for an image, how the two are related in
    ``Sec-Fetch-Site``. A program sends the first only. The port of ``Host`` may differ, for a
    tunnel: a page cannot choose it.

    Args:
        headers: The request's headers, by lower-case name.
    """
    host, origin = headers.get("host", ""), headers.get("origin")
    if not _HOST.fullmatch(host):
        return Refusal(
            status=421,
            reason="this server answers requests to 127.0.0.1 only, not to another host name",
        )
    if origin is not None and origin != f"http://{host}":
        return Refusal(status=403, reason="this server answers requests from its own pages only")
    is_related = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    if not is_related and not is_navigation(headers):
        return Refusal(status=403, reason="this server answers requests from its own pages only")
    return None


def is_navigation(headers: Mapping[str, str]) -> bool:
    """Return whether a browser shows the response as a page, not within another page."""
    return all(headers.get(name) == value for name, value in _NAVIGATION.items())


def redirect_page(address: str) -> str:
    """Return a page that redirects a browser to an address.

    Other users can read a browser's command line, so it gets a file that they cannot read instead
    of the address.
    """
    return f'<!doctype html><meta http-equiv="refresh" content="0;url={escape(address)}">\n'
