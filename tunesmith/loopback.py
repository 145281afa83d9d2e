"""Who may speak to a server on loopback: programs of this machine, and the server's own pages.

Every page of the web can have a browser send requests to a port of this machine, in its own name
or, where a name of its own suddenly means 127.0.0.1, in the name of the server itself. What it
cannot do is to hide where it comes from.
"""

import re
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Where a server of this machine is found."""
_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def is_here(url: str) -> bool:
    """Return whether an address is on this machine."""
    return urlsplit(url).hostname in LOOPBACK


def open_url(request: str | urllib.request.Request, *, timeout_s: float) -> Any:
    """Ask a server; one of this machine past the proxy that the environment names.

    A proxy elsewhere does not reach this machine, and would be told the secrets of its servers.

    Returns:
        The response, as ``urllib.request.urlopen`` gives it.

    Raises:
        OSError: Nobody answers, or with an error.
        ValueError: It is no address.
    """
    url = request if isinstance(request, str) else request.full_url
    ask = _DIRECT.open if is_here(url) else urllib.request.urlopen
    return ask(request, timeout=timeout_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    """As HTTP says it."""
    reason: str


def gather(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their names in lower case; one that comes twice has both values."""
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def judge(headers: Mapping[str, str]) -> Refusal | None:
    """Return why a request is refused; None for one that may be answered.

    A browser says in ``Host`` which name it was asked for, in ``Origin`` which page asks, and in
    ``Sec-Fetch-Site`` how the two are related, where a page asks in ways that have no origin, as
    for an image. A program says the first only. The port of ``Host`` may be another one, that of
    a tunnel: a page cannot choose it.

    Args:
        headers: By their names in lower case.
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
    """Return whether a browser shows the answer as a page of its own, not within another one."""
    return all(headers.get(name) == value for name, value in _NAVIGATION.items())


def leading_page(address: str) -> str:
    """Return a page that leads a browser on to an address.

    Other users can read the command line of a browser: it is given a file that they cannot read.
    """
    return f'<!doctype html><meta http-equiv="refresh" content="0;url={escape(address)}">\n'
