"""Logging a browser in without typing the secret: a link that works once, for a minute.

The command authenticates with the secret, gets a *nonce*, and opens the login page with it behind
the ``#``, which browsers send to nobody. The page exchanges the nonce for the secret and stores
that where Prefect's pages look for it.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tunesmith.server.login_link import LIFE_S, LOGIN_PATH, NONCE_PATH, basic, is_path
from tunesmith.server.secret import N_BYTES, PROOF_PATH, prove

MAX_OPEN = 100
"""Maximum number of unused nonces; the oldest are dropped."""
MAX_BYTES = 4096
"""Maximum size of a request's body, in bytes."""

_SCRIPT = """
const nonce = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
fetch(location.pathname, {method: "POST", body: nonce})
  .then(answer => answer.ok ? answer.json() : Promise.reject())
  .then(told => {
    localStorage.setItem("prefect-password", told.password);
    location.replace(told.page);
  })
  .catch(() => {
    document.getElementById("said").textContent =
      "This link has been used, or is too old: run tunesmith server open again.";
  });
"""
_PAGE = f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Tunesmith</title>
<p id="said">One moment …</p><script>{_SCRIPT}</script></html>
"""
_SCRIPT_DIGEST = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_UNKEPT = {"Cache-Control": "no-store"}
PAGE_POLICY = "; ".join(
    [
        "default-src 'none'",
        f"script-src 'sha256-{_SCRIPT_DIGEST}'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
"""What the login page may do: run its one script and call its own server."""


@dataclass(slots=True)
class Nonces:
    """Nonces, each valid once and for a short time, with the page that follows."""

    clock: Callable[[], float] = time.monotonic
    """Tells the time in seconds."""
    _open: dict[bytes, tuple[float, str]] = field(default_factory=dict)

    def issue(self, page: str) -> str:
        """Return a new nonce.

        Args:
            page: Where the browser goes afterwards: a path of the server.
        """
        while len(self._open) >= MAX_OPEN:
            del self._open[next(iter(self._open))]
        nonce = secrets.token_urlsafe(N_BYTES)
        self._open[nonce.encode()] = (self.clock() + LIFE_S, page)
        return nonce

    def redeem(self, nonce: bytes) -> str | None:
        """Return the page of a valid nonce and use it up; None for any other text."""
        matching = [known for known in self._open if hmac.compare_digest(known, nonce)]
        for known in matching:
            deadline, page = self._open.pop(known)
            return page if self.clock() < deadline else None
        return None


def login_app(secret: str, nonces: Nonces) -> Starlette:
    """Return the application below ``/tunesmith/``: proof, nonce, login page and exchange."""
    expected = basic(secret)

    async def give_proof(request: Request) -> Response:
        return PlainTextResponse(prove(secret, request.query_params.get("challenge", "")))

    async def give_nonce(request: Request) -> Response:
        told = request.headers.get("authorization", "")
        if not hmac.compare_digest(told.encode(), f"Basic {expected}".encode()):
            return PlainTextResponse("Unauthorized", status_code=401)
        page = (await _body(request)).decode("utf-8", "replace") or "/"
        if not is_path(page):
            return PlainTextResponse("the page is no path of this server", status_code=400)
        return PlainTextResponse(nonces.issue(page))

    async def show(_request: Request) -> Response:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": PAGE_POLICY} | _UNKEPT)

    async def exchange(request: Request) -> Response:
        page = nonces.redeem(await _body(request))
        if page is None:
            return PlainTextResponse("used, or too old", status_code=403)
        return JSONResponse({"password": expected, "page": page}, headers=_UNKEPT)

    return Starlette(
        routes=[
            Route(PROOF_PATH, give_proof, methods=["GET"]),
            Route(NONCE_PATH, give_nonce, methods=["POST"]),
            Route(LOGIN_PATH, show, methods=["GET"]),
            Route(LOGIN_PATH, exchange, methods=["POST"]),
        ]
    )


async def _body(request: Request) -> bytes:
    """Return a request's body; empty if it exceeds ``MAX_BYTES``."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            return b""
    return body
