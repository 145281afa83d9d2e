"""Prefect's ASGI application behind a guard, which checks each request before Prefect sees it.

Prefect asks for the secret once one is set. It checks neither the Host nor the Origin of a
request, and lets any page show its own within a frame.
"""

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tunesmith.loopback import Refusal, gather, is_navigation, judge

OWN_PREFIX = "/tunesmith/"
POLICY = "; ".join(
    [
        "default-src 'self'",
        # links of "javascript:" run nothing either; Pixi, which draws a run, compiles shaders
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
"""What Prefect's pages may load and run: nothing from other origins."""
HEADERS = {
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

API_PREFIX = "/api/"
MAX_AT_ONCE = 6
"""Requests to the API that Prefect answers at the same time. On SQLite it has 15 connections,
which no setting changes; a request takes one or two, and one that gets none within 30 seconds
ends with error 500. Writing is one at a time in any case."""


class GuardedApp:
    """Answers programs of this machine and its own pages; refuses everybody else."""

    def __init__(self, app: ASGIApp, own: ASGIApp) -> None:
        """Guard two applications.

        Args:
            app: Prefect's.
            own: What answers below ``/tunesmith/``.
        """
        self._app, self._own = app, own
        self._places = asyncio.Semaphore(MAX_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or one WebSocket; start and end the application behind it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = gather(scope["headers"])
        refusal, better = judge(headers), _better_address(scope, headers)
        answer: ASGIApp = self._own if scope["path"].startswith(OWN_PREFIX) else self._in_turn
        if refusal is not None:
            answer = _refuse(refusal)
        elif better:
            answer = RedirectResponse(better)
        await answer(scope, receive, _with_headers(send))

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to Prefect; one to its API as soon as few enough others are in it."""
        if scope["type"] == "http" and scope["path"].startswith(API_PREFIX):
            async with self._places:
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _better_address(scope: Scope, headers: dict[str, str]) -> str:
    """Return the address to redirect a browser to that asked for ``localhost``; empty for none.

    Prefect's pages call 127.0.0.1, which is another origin to them, and keep the secret there.
    """
    _, port = scope["server"]
    here = f"127.0.0.1:{port}"
    is_misnamed = headers.get("host", "").endswith(f":{port}") and headers["host"] != here
    if scope["type"] != "http" or not is_misnamed or not is_navigation(headers):
        return ""
    query = scope["query_string"].decode("latin-1")
    return f"http://{here}{scope['path']}{'?' if query else ''}{query}"


def _refuse(refusal: Refusal) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.reason})
            return
        response = PlainTextResponse(refusal.reason, status_code=refusal.status)
        await response(scope, receive, send)

    return answer


def _with_headers(send: Send) -> Send:
    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers.setdefault("Content-Security-Policy", POLICY)
        await send(message)

    return send_with
