"""Prefect's pages of a batch, as a browser shows them."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Visit
from tests.conftest import request
from tunesmith.server.login_link import new_link
from tunesmith.server.server_directory import ServerDirectory, ServerState

pytestmark = [pytest.mark.tools, pytest.mark.server]


def _only(server: ServerState, kind: str, wish: dict[str, Any]) -> str:
    """Return the id of the one object of a kind, as "flow_runs", that a filter finds."""
    asked = request(server, f"/{kind}/filter", {kind: wish})
    with urllib.request.urlopen(asked) as answer:
        (found,) = json.load(answer)
    return str(found["id"])


def test_a_batch_is_found_with_its_trials_and_nobody_else_is_asked(
    served_project: Any, prefect_server: ServerState, server_data: Path, visit: Visit
) -> None:
    batch = served_project.succeed("run", "quick.py", "x=[-1,0,1]", "-yq").strip()
    page = visit.page

    run = _only(prefect_server, "flow_runs", {"name": {"like_": batch[:8]}})
    report = _only(prefect_server, "artifacts", {"key": {"any_": [f"report-{batch[:8]}"]}})
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    page.goto(new_link(prefect_server, directory, page=f"/runs/flow-run/{run}"))
    page.get_by_text("trial 0002 x=0: loss").first.wait_for()
    page.get_by_text("Task Runs", exact=True).first.click()
    page.get_by_text("trial 0003 x=1").first.wait_for()
    page.get_by_text("Artifacts", exact=True).first.click()
    page.get_by_text(f"leaderboard-{batch[:8]}").first.wait_for()
    page.goto(f"{prefect_server.ui_url}/artifacts/artifact/{report}")
    page.get_by_text("The batch").first.wait_for()

    own = ("data:", "blob:", prefect_server.ui_url, "ws://127.0.0.1")
    assert [url for url in visit.requests if not url.startswith(own)] == []
    refused = ("Content Security Policy", "unsafe-eval")  # the second is what Pixi says of it
    assert [text for text in visit.complaints if any(one in text for one in refused)] == []


EVIL = (
    "[c](javascript:window.PWNED=1) <img src=x onerror=window.PWNED=1> ![i](x) http://evil.example"
)
SCRIPT = "[s](javascript:window.PWNED=1).py"


def test_what_others_wrote_is_text_on_every_page(
    served_project: Any, prefect_server: ServerState, server_data: Path, visit: Visit
) -> None:
    served_project.write(SCRIPT, f"name = 'a'\nx = 1\nprint({EVIL!r})\nprint('loss:', x)\n")
    batch = served_project.succeed(
        "run", SCRIPT, f"name=[b, '{EVIL}']", "x=[1,2]", "-l", EVIL, "-yq"
    ).strip()
    page = visit.page
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    page.goto(new_link(prefect_server, directory, page="/"))
    page.get_by_text("Dashboard", exact=True).first.wait_for()  # where the link leads on to

    for name in ("report", "leaderboard"):
        found = _only(prefect_server, "artifacts", {"key": {"any_": [f"{name}-{batch[:8]}"]}})
        page.goto(f"{prefect_server.ui_url}/artifacts/artifact/{found}")
        page.get_by_text("[c](javascript:window.PWNED=1)").first.wait_for()

        links = page.evaluate("[...document.links].map(link => link.href)")
        assert [one for one in links if not one.startswith(prefect_server.ui_url)] == [], name
        assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
        assert page.evaluate("window.PWNED") is None
