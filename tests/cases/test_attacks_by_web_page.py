"""What a web page, or another program without the secret, may ask of a machine that serves sweeps.

A deployment waits there, and ``tunesmith serve`` would start a run of it. Whatever asks for one is
refused before Prefect hears of it, and nothing runs.

Elsewhere, with a real browser: pages of another origin, another name of this machine, frames and
WebSockets (``tests/browser/test_strangers.py``); with the secret: what a run of a deployment may
not bring along (``tests/flows/test_firing.py``).
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Project
from tests.flows.conftest import Interface, ended
from tunesmith.server.server_directory import ServerState

pytestmark = pytest.mark.server
JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}
"""What a page may send without asking first."""
EVIL = "https://evil.example"
ASKING: dict[str, tuple[dict[str, str], int]] = {
    "no secret": (JSON, 401),
    "no secret, no preflight": (TEXT, 401),
    "another secret": ({**JSON, "Authorization": "Basic eDp5"}, 401),
    "another origin": ({**JSON, "Origin": EVIL}, 403),
    "another origin, no preflight": ({**TEXT, "Origin": EVIL}, 403),
    "a page without an origin": ({**JSON, "Origin": "null"}, 403),
    "across sites": ({**JSON, "Sec-Fetch-Site": "cross-site"}, 403),
    "another name": ({**JSON, "Host": "evil.example"}, 421),
    "a name that means another machine now": (
        {**JSON, "Host": "evil.example", "Origin": "http://evil.example"},
        421,
    ),
}
"""Headers, and the status of the answer."""
BODIES: list[dict[str, Any]] = [
    {},
    {"parameters": {"script": "evil.py", "folder": "/tmp", "flags": []}},
    {"parameters": {"python": "/tmp/evil"}},
    {"job_variables": {"command": "/bin/sh -c id"}},
]
"""The run that a deployment is for, and what would run something else."""


@pytest.fixture
def deployment(served_project: Project, interface: Interface) -> Iterator[str]:
    """The id of a deployment whose runs would be started at once."""
    served_project.succeed("deploy", "quick.py", "x=[1,2]", "--pool", "test", "--name", "waiting")
    found = interface.ask("/deployments/name/sweep/waiting", method="GET")
    with ended(served_project.start("serve", "--pool", "test")):
        yield str(found["id"])
    interface.ask(f"/deployments/{found['id']}", method="DELETE")


@pytest.fixture
def interface(prefect_server: ServerState) -> Interface:
    """Prefect's API for whoever has the secret."""
    return Interface(prefect_server)


def test_nobody_without_the_secret_starts_a_run(
    deployment: str,
    prefect_server: ServerState,
    served_project: Project,
    interface: Interface,
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        *((f"/deployments/{deployment}/create_flow_run", body) for body in BODIES),
        ("/deployments/filter", {}),
        ("/flow_runs/filter", {}),
        ("/variables/", {"name": "by_a_page", "value": "x"}),
    ]
    answered = {
        name: {_status(f"{prefect_server.api_url}{path}", body, headers) for path, body in asked}
        for name, (headers, _) in ASKING.items()
    }

    assert answered == {name: {status} for name, (_, status) in ASKING.items()}
    wanted = {"deployments": {"id": {"any_": [deployment]}}}
    assert interface.ask("/flow_runs/filter", wanted) == []
    assert (
        interface.ask("/variables/filter", {"variables": {"name": {"any_": ["by_a_page"]}}}) == []
    )
    assert json.loads(served_project.succeed("runs", "--json", "--all")) == []


def _status(url: str, body: dict[str, Any], headers: dict[str, str]) -> int:
    """Return the status with which the server answers, past every proxy."""
    asked = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
