import json
import select
import time
import urllib.request
from typing import Any

import pytest

from tests.conftest import request
from tests.flows.conftest import ask, flow_run
from tunesmith.server.server_directory import ServerState

pytestmark = pytest.mark.server


def logs_of_flow(server: ServerState, flow: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the log of a flow run itself tells, by the first lines of its entries."""
    logs = ask(server, "/logs/filter", logs={"flow_run_id": {"any_": [flow["id"]]}})
    own = [entry for entry in logs if entry["task_run_id"] is None]
    return {entry["message"].split("\n")[0]: entry for entry in own}


def test_a_batch_shows_its_progress_and_its_best_trials_while_it_runs(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write(
        "slow.py", "import select\nx = 1\nselect.select([], [], [], 1.5)\nprint('loss:', x)\n"
    )
    batch = served_project.succeed("run", "slow.py", "x=[3,1,2]", "-yq").strip()
    keys = {"any_": [f"progress-{batch[:8]}", f"leaderboard-{batch[:8]}"]}

    artifacts = ask(prefect_server, "/artifacts/filter", artifacts={"key": keys})

    progress = [one for one in artifacts if one["type"] == "progress"]
    boards = [json.loads(one["data"]) for one in artifacts if one["type"] == "table"]
    last = max(boards, key=len)
    assert [one["data"] for one in progress] == [100.0]
    assert [row["trial"] for row in last] == [2, 3, 1]
    assert last[0]["command"] == "`tunesmith run slow.py x=1`"


def test_the_log_of_a_flow_run_tells_of_each_trial(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("picky.py", "x = 1\nassert x > 0, 'too low'\nprint('loss: 1')\n")
    done = served_project.run("run", "picky.py", "x=[-1,1]", "-yq", "--prefect-logs")
    flow = flow_run(prefect_server, done.stdout.strip())

    told = logs_of_flow(prefect_server, flow)
    assert set(told) == {"trial 0001 x=-1: exit 1", "trial 0002 x=1: loss 1.0"}
    assert told["trial 0001 x=-1: exit 1"]["message"].endswith("AssertionError: too low")
    assert told["trial 0001 x=-1: exit 1"]["level"] == 40


def test_what_a_trial_printed_reaches_prefect_only_if_it_is_wanted(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("picky.py", "x = 1\nassert x > 0, 'my' + 'key'\nprint('loss: 1')\n")
    batch = served_project.run("run", "picky.py", "x=[-1,1]", "-yq").stdout.strip()
    flow = flow_run(prefect_server, batch)
    of_flow = {"flow_run_id": {"any_": [flow["id"]]}}
    runs = ask(prefect_server, "/task_runs/filter", flow_runs={"id": {"any_": [flow["id"]]}})

    kept = [
        ask(prefect_server, "/logs/filter", logs=of_flow),
        ask(prefect_server, "/artifacts/filter", artifacts=of_flow),
        runs,
        flow,
    ]

    assert "exit 1" in str(kept)
    assert "mykey" not in str(kept)
    report = served_project.home / "trials" / batch / "report.html"
    assert "mykey" in report.read_text()


def test_a_trials_output_is_its_task_runs_log_on_demand(
    served_project: Any, prefect_server: ServerState
) -> None:
    batch = served_project.succeed("run", "quick.py", "x=[1,2]", "-yq", "--prefect-logs").strip()
    flow = flow_run(prefect_server, batch)

    logs = ask(prefect_server, "/logs/filter", logs={"flow_run_id": {"any_": [flow["id"]]}})

    output = [entry for entry in logs if entry["task_run_id"] is not None]
    assert sorted(entry["message"] for entry in output) == [
        "loss: 0.59",
        "loss: 2.9899999999999998",
    ]


@pytest.mark.parametrize("is_on", [True, False])
def test_automations_are_told_of_trials_and_incumbents(
    served_project: Any, prefect_server: ServerState, is_on: bool
) -> None:
    switch = {} if is_on else {"TUNESMITH_EVENTS": "0"}
    batch = served_project.succeed("run", "quick.py", "x=[-1,0.3,1]", "-yq", **switch).strip()
    query = {
        "event": {"prefix": ["tunesmith."]},
        "resource": {"id": [f"tunesmith.batch.{batch}"]},
    }

    events: list[dict[str, Any]] = []
    deadline = time.monotonic() + (30 if is_on else 5)
    while len(events) < 6 and time.monotonic() < deadline:
        asked = request(prefect_server, "/events/filter", {"filter": query})
        with urllib.request.urlopen(asked) as answer:
            events = json.load(answer)["events"]
        select.select([], [], [], 0.1)

    names = sorted(event["event"].removeprefix("tunesmith.") for event in events)
    expected = ["batch.completed", *["batch.incumbent"] * 2, *["trial.completed"] * 3]
    assert names == (expected if is_on else [])
