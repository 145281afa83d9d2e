"""The door before Prefect's application: who is let in, who gets the secret, and how often."""

import http.client
import json
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tunesmith.server.guarded_app import GuardedApp
from tunesmith.server.login import MAX_BYTES, MAX_OPEN, Nonces, login_app
from tunesmith.server.login_link import (
    LIFE_S,
    LOGIN_PATH,
    NONCE_PATH,
    authorization,
    basic,
    is_path,
)
from tunesmith.server.secret import PROOF_PATH, is_proven, prove

SECRET = "s3cret"
LEAVE = authorization(SECRET)
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class Clock:
    """Tells the time that it was set to."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Client:
    """Asks a server whatever it likes, and says of itself whatever it likes."""

    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request(method, path, body, named)

    def request(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body.encode(), headers)
            got = connection.getresponse()
            text = "" if got.status == 101 else got.read().decode()
            named = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, text, named)
        finally:
            connection.close()


def _behind() -> Starlette:
    async def answer(_request: object) -> PlainTextResponse:
        return PlainTextResponse("Prefect")

    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    methods = ["GET", "POST", "OPTIONS"]
    return Starlette(
        routes=[
            WebSocketRoute("/api/events/in", talk),
            Route("/{rest:path}", answer, methods=methods),
        ]
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[Client]:
    app = GuardedApp(_behind(), login_app(SECRET, Nonces(clock=clock)))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="websockets-sansio"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started:
            select.select([], [], [], 0.01)
        try:
            yield Client(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def test_a_nonce_is_traded_for_the_secret_once(client: Client) -> None:
    nonce = client.ask("POST", NONCE_PATH, "/runs", **LEAVE).text

    first = client.ask("POST", LOGIN_PATH, nonce)
    again = client.ask("POST", LOGIN_PATH, nonce)

    assert json.loads(first.text) == {"password": basic(SECRET), "page": "/runs"}
    assert first.headers["cache-control"] == "no-store"
    assert (again.status, SECRET in again.text) == (403, False)


def test_a_nonce_is_good_for_a_minute(client: Client, clock: Clock) -> None:
    nonce = client.ask("POST", NONCE_PATH, **LEAVE).text
    clock.now_s += LIFE_S

    assert client.ask("POST", LOGIN_PATH, nonce).status == 403


@pytest.mark.parametrize("word", ["", "x", "é" * 9, "x" * (MAX_BYTES + 1)], ids=len)
def test_another_word_is_traded_for_nothing(client: Client, word: str) -> None:
    client.ask("POST", NONCE_PATH, **LEAVE)

    assert client.ask("POST", LOGIN_PATH, word).status == 403


@pytest.mark.parametrize("told", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Basic"}])
def test_a_nonce_is_given_to_who_has_the_secret(client: Client, told: dict[str, str]) -> None:
    assert client.ask("POST", NONCE_PATH, **told).status == 401


def test_nonces_that_nobody_trades_do_not_pile_up() -> None:
    nonces = Nonces()
    issued = [nonces.issue("/") for _ in range(MAX_OPEN + 1)]

    assert nonces.redeem(issued[0].encode()) is None
    assert nonces.redeem(issued[-1].encode()) == "/"


@pytest.mark.parametrize("page", ["//evil.example", "/\\evil.example", "http://evil.example", "x"])
def test_a_link_leads_to_no_other_server(client: Client, page: str) -> None:
    assert not is_path(page)
    assert client.ask("POST", NONCE_PATH, page, **LEAVE).status == 400


def test_the_server_proves_its_secret_and_does_not_tell_it(client: Client) -> None:
    proof = client.ask("GET", f"{PROOF_PATH}?challenge=c").text

    assert proof == prove(SECRET, "c")
    assert proof != prove("another", "c")
    assert SECRET not in proof
    assert is_proven(client.origin, SECRET)
    assert not is_proven(client.origin, "another")


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy"])
def test_no_proxy_hears_of_a_server_of_this_machine(
    client: Client, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0)
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        monkeypatch.setenv(variable, address)
        assert is_proven(client.origin, SECRET)
        with pytest.raises(BlockingIOError):
            proxy.accept()


@pytest.mark.parametrize("path", ["/", "/api/flow_runs/count", "/api/health", LOGIN_PATH])
@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"Host": "evil.example:4321"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ],
    ids=lambda one: "+".join(one) if isinstance(one, dict) else str(one),
)
def test_other_names_and_other_pages_get_nothing(
    client: Client, path: str, told: dict[str, str], status: int
) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = client.request(method, path, "", {**LEAVE, **told})
        assert (answer.status, "Prefect" in answer.text) == (status, False)
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("told", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_a_websocket_of_another_page_is_not_opened(client: Client, told: dict[str, str]) -> None:
    assert client.request("GET", "/api/events/in", "", {**UPGRADE, **told}).status == 403


def test_a_websocket_of_its_own_page_is_opened(client: Client) -> None:
    own = {**UPGRADE, "Origin": client.origin}
    assert client.request("GET", "/api/events/in", "", own).status == 101


@pytest.mark.parametrize("path", ["/", LOGIN_PATH])
def test_no_page_is_shown_within_another(client: Client, path: str) -> None:
    headers = client.ask("GET", path).headers
    policy = headers["content-security-policy"]

    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_a_browser_that_was_sent_to_localhost_is_led_to_where_the_secret_is_kept(
    client: Client,
) -> None:
    told = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

    answer = client.request("GET", "/runs?tab=x", "", {**told, "Host": f"localhost:{client.port}"})

    assert answer.headers["location"] == f"{client.origin}/runs?tab=x"
