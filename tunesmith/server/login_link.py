"""Login links: requested with the secret, and handed to the browser in a private file.

Every user of the machine can read a browser's command line. So the browser gets the path of a page
that only its own user can read, which redirects to the link.
"""

import base64
import time
import urllib.request
from pathlib import Path

from tunesmith.atomic_file import write_atomically
from tunesmith.errors import ServerError
from tunesmith.loopback import open_url, redirect_page
from tunesmith.server.secret import read_own
from tunesmith.server.server_directory import ServerDirectory, ServerState

LIFE_S = 60.0
"""Lifetime of a link in seconds: a browser may have to start first."""
LOGIN_PATH = "/tunesmith/login"
NONCE_PATH = "/tunesmith/nonce"


def new_link(server: ServerState, directory: ServerDirectory, *, page: str) -> str:
    """Return a link that logs a browser in, once and within a minute.

    Args:
        server: The shared server, which answers.
        directory: Where it keeps its files.
        page: Where the browser goes then: a path of the server.

    Raises:
        ServerError: The server gives none.
    """
    request = urllib.request.Request(
        f"{server.ui_url}{NONCE_PATH}",
        data=page.encode(),
        headers=authorization(read_own(directory.secret) or ""),
    )
    try:
        with open_url(request, timeout_s=10) as answer:
            nonce = answer.read(200).decode()
    except OSError as error:
        raise ServerError(
            f"the Prefect server at {server.ui_url} gives no link to its pages ({error}): see "
            "tunesmith server status"
        ) from error
    return f"{server.ui_url}{LOGIN_PATH}#{nonce}"


def write_page(directory: ServerDirectory, link: str) -> Path:
    """Write a page, readable by its owner only, that redirects to a link; return its path."""
    for old in directory.path.glob("open-*.html"):
        if time.time() - old.stat().st_mtime > LIFE_S:
            old.unlink(missing_ok=True)
    page = directory.path / f"open-{time.time_ns()}.html"
    write_atomically(page, redirect_page(link).encode(), mode=0o600)
    return page


def authorization(secret: str) -> dict[str, str]:
    """Return the header that authenticates a request to the server."""
    return {"Authorization": f"Basic {basic(secret)}"}


def basic(secret: str) -> str:
    """Return a secret as HTTP's basic authentication and Prefect's pages write it."""
    return base64.b64encode(secret.encode()).decode()


def is_path(page: str) -> bool:
    """Return whether a browser that goes to a page stays on the server: ``//x`` names another."""
    return page.startswith("/") and page[1:2] not in ("/", "\\") and page.isprintable()
