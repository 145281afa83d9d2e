"""Prefect's pages of a batch, as a browser shows them."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Visit
from tests.conftest import request
from tunesmith.flows.login_link import new_link
from tunesmith.flows.server import ServerDirectory, ServerState

pytestmark = [pytest.mark.tools, pytest.mark.server, pytest.mark.xdist_group("server")]


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
    assert [text for text in visit.complaints if "Content Security Policy" in text] == []
