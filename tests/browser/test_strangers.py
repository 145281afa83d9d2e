"""What a page of somebody else's gets from the servers of this machine: nothing."""

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, TIMEOUT_MS, tensorboard
from tests.conftest import variables
from tunesmith.server.login_link import basic, new_link, write_page
from tunesmith.server.server_directory import ServerDirectory, ServerState
from tunesmith.storage.store import Store

pytestmark = [pytest.mark.tools, pytest.mark.server]

TRIES = """
async (base) => {
  const told = {};
  const json = {"content-type": "application/json"};
  const post = (path, headers) =>
    fetch(base + path, {method: "POST", headers, body: JSON.stringify({limit: 3})});
  const tries = {
    "read": () => post("/api/flow_runs/filter", json),
    "read without a preflight": () => post("/api/flow_runs/filter", {}),
    "write": () => post("/api/variables/", json),
    "ask whether it lives": () => fetch(base + "/api/health"),
    "trade a word": () => post("/tunesmith/login", {}),
    "ask for a proof": () => fetch(base + "/tunesmith/proof?challenge=x"),
  };
  for (const [name, attempt] of Object.entries(tries))
    try { told[name] = (await attempt()).status } catch (error) { told[name] = "nothing" }
  told["open a socket"] = await new Promise(done => {
    const socket = new WebSocket(base.replace("http", "ws") + "/api/events/in", "prefect");
    socket.onopen = () => done("open");
    socket.onerror = () => done("nothing");
  });
  told["load a script"] = await new Promise(done => {
    const script = document.createElement("script");
    script.src = base + "/ui-settings";
    script.onload = () => done("loaded");
    script.onerror = () => done("nothing");
    document.body.append(script);
  });
  return told;
}
"""


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>a stranger</h1>")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def strangers() -> Iterator[int]:
    """The port of a server with a page of somebody else's."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def rebound() -> Iterator[Browser]:
    """A Chromium to which a name of somebody else's means this machine."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    mapped = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", mapped]
        )
        yield running
        running.close()


@pytest.fixture
def page(rebound: Browser) -> Iterator[Page]:
    """A fresh page."""
    page = rebound.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    yield page
    page.close()


@pytest.fixture
def directory(server_data: Path) -> ServerDirectory:
    return ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "evil.example"])
def test_a_page_of_another_origin_gets_nothing(
    page: Page, prefect_server: ServerState, strangers: int, host: str
) -> None:
    page.goto(f"http://{host}:{strangers}/")
    told = page.evaluate(TRIES, prefect_server.ui_url)
    assert set(told.values()) == {"nothing"}, told


def test_a_name_that_suddenly_means_this_machine_gets_nothing(
    page: Page, prefect_server: ServerState
) -> None:
    answer = page.goto(f"http://evil.example:{prefect_server.port}/api/health")
    assert answer is not None
    assert answer.status == 421
    told = page.evaluate(TRIES, f"http://evil.example:{prefect_server.port}")
    assert {value for value in told.values() if value != "nothing"} == {421}, told


def test_no_page_shows_ours_within_itself(
    page: Page, prefect_server: ServerState, strangers: int
) -> None:
    page.goto(f"http://127.0.0.1:{strangers}/")
    with page.expect_event("framenavigated", lambda frame: frame.parent_frame is not None):
        page.evaluate(
            "url => { const f = document.createElement('iframe'); f.src = url;"
            " document.body.append(f) }",
            f"{prefect_server.ui_url}/dashboard",
        )
    (frame,) = page.main_frame.child_frames
    assert "Prefect" not in frame.content()


def test_a_link_lets_a_browser_in_once_and_nobody_types(
    served_project: Any, rebound: Browser, prefect_server: ServerState, directory: ServerDirectory
) -> None:
    batch = served_project.succeed("run", "quick.py", "x=[1,2]", "-yq").strip()
    link = new_link(prefect_server, directory, page="/runs")
    stranger, own = rebound.new_context(), rebound.new_context()
    try:
        first = own.new_page()
        first.goto(write_page(directory, link).as_uri())
        first.get_by_text(batch[:8]).first.wait_for(timeout=TIMEOUT_MS)
        kept = first.evaluate("localStorage.getItem('prefect-password')")
        second = stranger.new_page()
        second.goto(link)
        second.get_by_text("This link has been used").wait_for(timeout=TIMEOUT_MS)
        nothing = second.evaluate("localStorage.getItem('prefect-password')")
    finally:
        stranger.close()
        own.close()

    secret = variables(prefect_server)["PREFECT_API_AUTH_STRING"]
    assert first.url == f"{prefect_server.ui_url}/runs"
    assert (kept, nothing) == (basic(secret), None)


def test_tensorboard_gives_another_page_and_another_name_nothing(
    make_store: Callable[..., Store], tmp_path: Path, page: Page, strangers: int
) -> None:
    make_store(3)
    attempt = (
        "async url => { try { return (await fetch(url)).status } catch { return 'nothing' } }"
    )
    with tensorboard(tmp_path) as url:
        runs = f"{url.partition('#')[0]}data/runs"
        page.goto(f"http://127.0.0.1:{strangers}/")
        told = page.evaluate(attempt, runs)
        own = page.goto(runs)
        rebound = page.goto(runs.replace("127.0.0.1", "evil.example"))

    assert told == "nothing"
    assert own is not None
    assert rebound is not None
    assert (own.status, rebound.status) == (200, 421)
