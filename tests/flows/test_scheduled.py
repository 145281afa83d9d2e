"""Deployments of sweeps, fired by a schedule or by hand, and run by a worker of this machine."""

import subprocess
import sys

import pytest

from tests.conftest import Project, variables
from tests.flows.conftest import Interface, batches, runs, wait_until
from tunesmith.flows.scheduled import deployment_tag
from tunesmith.request.option import Door
from tunesmith.request.options import options_of
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.server.server_directory import ServerState

pytestmark = pytest.mark.server

PAUSING = """\
import pathlib, signal
x = 1
print("loss:", x, flush=True)
if not pathlib.Path("{path}/go").exists():
    signal.pause()
"""


def test_a_schedule_fires_batches_into_the_store_and_pausing_ends_it(
    served: Project, interface: Interface
) -> None:
    name = served.succeed(
        "deploy",
        "quick.py",
        "x=[-2.0:2.0]",
        "-m",
        "2",
        "--interval",
        "2s",
        "--pool",
        "test",
        "--name",
        "often",
    ).strip()

    wait_until(
        lambda: sum(batch["status"] == "completed" for batch in batches(served)) >= 2,
        lambda: f"the store has {batches(served)}",
    )
    deployment = interface.ask("/deployments/name/sweep/often", method="GET")
    interface.ask(f"/deployments/{deployment['id']}", method="DELETE")

    assert name == "sweep/often"
    first, second = batches(served)[:2]
    assert first["id"] != second["id"]
    assert first["tags"] == ["deployment:often"]
    assert first["progress"]["total"] == 2


def test_what_a_form_gets_wrong_is_told_as_on_the_command_line(
    served: Project, interface: Interface
) -> None:
    served.succeed("deploy", "quick.py", "x=[-1,0,1]", "--pool", "test", "--name", "form")

    run = interface.run_now("form", flags=["xx=[1,2]"])

    message = interface.wait_for(run, "FAILED", "CRASHED")["state"]["message"]
    assert (
        message == served.run("run", "quick.py", "xx=[1,2]").stderr.removeprefix("error: ").strip()
    )


def test_each_firing_may_go_on_with_the_last_one(served: Project, interface: Interface) -> None:
    served.succeed(
        "deploy",
        "quick.py",
        "x=[-2.0:2.0]",
        "-m",
        "2",
        "--continue",
        "--pool",
        "test",
        "--name",
        "nightly",
    )

    ended = [
        interface.wait_for(interface.run_now("nightly"), "COMPLETED", "FAILED", "CRASHED")
        for _ in range(2)
    ]

    (batch,) = batches(served)
    assert batch["progress"]["counts"] == {"completed": 4}
    assert {run["name"] for run in ended} == {f"{batch['id'][:8]} quick.py+random x=[-2.0:2.0]"}


def test_a_run_that_goes_on_changes_what_can_change_and_refuses_the_rest_by_name(
    served: Project, interface: Interface
) -> None:
    options = ("-m", "2", "--random-seed", "1", "--max-failures", "9", "--tag", "wide")
    place = ("--continue", "--pool", "test", "--name", "further")
    served.succeed("deploy", "quick.py", "x=[-2.0:2.0]", "-o", "gp", *options, *place)

    for changed in ({}, {"label": "later", "retries": 1, "flags": ["x=[-1.0:1.0]"]}):
        run = interface.run_now("further", **changed)
        told = interface.wait_for(run, "COMPLETED", "FAILED", "CRASHED")
        assert told["state_type"] == "COMPLETED", told["state"]["message"]
    refused = [
        interface.wait_for(interface.run_now("further", **one), "FAILED", "CRASHED", "COMPLETED")
        for one in ({"seed": 5}, {"script": "other.py"}, {"prefect_logs": True})
    ]

    (batch,) = batches(served)
    assert batch["progress"]["counts"] == {"completed": 4}
    assert (batch["label"], batch["tags"]) == ("later", ["deployment:further", "wide"])
    messages = [one["state"]["message"] for one in refused]
    assert messages[0].startswith("--random-seed cannot change at a restart: ")
    assert messages[1].startswith("script is 'other.py', and the last batch")
    assert messages[2].startswith("prefect_logs is True, and the deployment was made for")


def test_the_server_has_a_form_of_every_option_with_words_and_choices(
    served_project: Project, interface: Interface
) -> None:
    served_project.succeed("deploy", "quick.py", "x=[1,2]", "--grace", "5s", "--name", "shown")

    found = interface.ask("/deployments/name/sweep/shown", method="GET")

    shown = found["parameter_openapi_schema"]["properties"]
    assert [name for name in shown if not shown[name].get("description")] == []
    assert {option.name for option in options_of(Door.FORM)} < set(shown)
    assert shown["warm"]["anyOf"][0]["enum"] == ["auto", "on", "off"]
    assert found["parameters"]["grace"] == "5s"


def test_a_cancelled_run_leaves_no_process_and_a_retry_goes_on_with_its_batch(
    served: Project, interface: Interface
) -> None:
    served.write("wait.py", PAUSING.format(path=served.path))
    served.succeed("deploy", "wait.py", "x=[1,2]", "--pool", "test", "--name", "waiting")
    run = interface.run_now("waiting")
    wait_until(
        lambda: any(path.read_bytes() for path in served.home.glob("trials/*/*/.run/output")),
        lambda: "no trial started",
    )

    interface.set_state(run, {"type": "CANCELLING", "name": "Cancelling"})
    wait_until(  # the worker sets the state too, before the flow tells what came of it
        lambda: interface.wait_for(run, "CANCELLED")["state"]["message"] == "1 terminated",
        lambda: "the flow did not tell how it ended",
    )
    wait_until(
        lambda: all(one["status"] != "running" for one in runs(served)),
        lambda: f"these run: {runs(served)}",
    )
    (batch,) = batches(served)
    (served.path / "go").touch()
    interface.set_state(
        run,
        {
            "type": "SCHEDULED",
            "name": "AwaitingRetry",
            "message": "Retry from the UI",
            "state_details": {"scheduled_time": "2026-01-01T00:00:00Z"},
        },
    )
    interface.wait_for(run, "COMPLETED", "FAILED", "CRASHED")

    (again,) = batches(served)
    assert again["id"] == batch["id"]
    assert again["progress"]["counts"] == {"completed": 2}


def test_a_program_may_run_a_deployment(
    served: Project, interface: Interface, prefect_server: ServerState
) -> None:
    served.succeed("deploy", "quick.py", "x=[-1,0,1]", "--pool", "test", "--name", "called")
    program = served.write(
        "call.py",
        "from prefect.deployments import run_deployment\n"
        "run = run_deployment('sweep/called', parameters={'flags': ['x=[5,6]']}, timeout=90)\n"
        "print(run.state.type.value, run.state.message)\n"
        "print(*(tag for tag in run.tags if tag.startswith('batch:')))\n",
    )
    environment = {**served.environment, **variables(prefect_server)}

    out = subprocess.run(
        [sys.executable, str(program)], env=environment, check=True, capture_output=True, text=True
    ).stdout

    (batch,) = batches(served)
    assert out.startswith("COMPLETED 2 completed; best loss ")
    assert out.endswith(f"\nbatch:{batch['id']}\n")
    assert batch["progress"]["total"] == 2


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("nächtlich", "deployment:nächtlich"),
        ("by hand", "deployment:by%20hand"),
        ("a,b%2C", "deployment:a%2Cb%252C"),
    ],
)
def test_the_tag_of_a_deployment_is_one_that_a_batch_may_have(name: str, tag: str) -> None:
    assert deployment_tag(name) == tag
    assert SweepRequest(tags=(tag,)).tags == (tag,)
