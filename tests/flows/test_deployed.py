"""Deployments that are there, on the session's server: started, listed and deleted by command."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import Project
from tests.flows.conftest import Interface, batches, ended, trials, wait_until

PAGE = Path(__file__).parents[2] / "docs" / "prefect.md"

pytestmark = pytest.mark.server


def test_the_command_that_deploy_prints_works(served: Project, interface: Interface) -> None:
    made = served.run("deploy", "quick.py", "x=[1,2]", "--pool", "test", "--name", "by hand")
    (line,) = (line for line in made.stderr.splitlines() if "run it now" in line)
    printed = shlex.split(line.partition(":")[2])

    started = served.run(*printed[1:])

    assert started.returncode == 0, started.stderr
    run = started.stdout.strip()
    assert f"tunesmith server open /runs/flow-run/{run}" in started.stderr
    interface.wait_for(run, "COMPLETED")
    (batch,) = batches(served)
    assert batch["tags"] == ["deployment:by%20hand"]


def test_a_schedule_is_told_in_words_with_its_next_firing(served_project: Project) -> None:
    schedule = ("--cron", "0 3 * * *", "--timezone", "Europe/Zurich")
    made = served_project.run("deploy", "quick.py", "x=[1,2]", *schedule, "--name", "nightly-1")
    served_project.succeed(
        "deploy", "quick.py", "x=[1,2]", "--interval", "6h", "--paused", "--name", "nightly-2"
    )

    rows = json.loads(served_project.succeed("deploy", "list", "--json"))
    table = served_project.succeed("deploy", "list").splitlines()

    first, second = (row for row in rows if row["name"].startswith("nightly-"))
    assert first["schedule"] == "0 3 * * * (Europe/Zurich)"
    assert first["next_firing"][11:19] in ("02:00:00", "01:00:00")  # in UTC
    assert (first["script"], first["pool"], first["paused"]) == ("quick.py", "tunesmith", False)
    assert (second["schedule"], second["paused"]) == ("every 6h 00m", True)
    shown = f"{first['next_firing'][:10]} {first['next_firing'][11:19]} UTC"
    assert f"schedule:         0 3 * * * (Europe/Zurich); next {shown}" in made.stderr
    (line,) = (line for line in table if line.startswith("nightly-1 "))
    assert shown in line


def test_a_deployment_is_deleted_by_name_once_it_is_confirmed(served_project: Project) -> None:
    served_project.succeed("deploy", "quick.py", "x=[1,2]", "--name", "unwanted")

    asked = served_project.run("deploy", "delete", "unwanted")
    served_project.succeed("deploy", "delete", "sweep/unwanted", "-y")
    again = served_project.run("deploy", "delete", "unwanted", "-y")

    assert (asked.returncode, "add --yes" in asked.stderr) == (2, True)
    assert (again.returncode, again.stderr.count("\n")) == (3, 1)
    assert "no deployment 'unwanted'" in again.stderr


def test_a_mistyped_deployment_gets_the_near_one(served_project: Project) -> None:
    served_project.succeed("deploy", "quick.py", "x=[1,2]", "--name", "quarterly")
    done = served_project.run("deploy", "run", "quaterly")
    assert (done.returncode, "did you mean quarterly?" in done.stderr) == (3, True)


def test_a_script_that_is_called_as_a_command_is_deployed_by_its_path(
    served_project: Project,
) -> None:
    served_project.write("list", "x = 1\nprint('loss:', x)\n")
    assert served_project.succeed("deploy", "./list", "x=[1,2]") == "sweep/list\n"


def test_serve_tells_what_was_fired_and_how_it_ended(
    served_project: Project, interface: Interface
) -> None:
    served_project.succeed("deploy", "quick.py", "x=[1,2]", "--pool", "told", "--name", "telling")
    serve = served_project.start("serve", "--pool", "told")
    with ended(serve):
        assert serve.stderr is not None
        lines = iter(serve.stderr.readline, "")
        assert next(lines).startswith("Serving the work pool told of http://127.0.0.1:")
        assert next(lines) == "  1 deployment\n"
        interface.wait_for(interface.run_now("telling"), "COMPLETED")
        told = [next(line for line in lines if "telling" in line) for _ in range(2)]

    (batch,) = batches(served_project)
    assert re.fullmatch(rf"..:..:..  telling fired: {batch['id'][:8]} quick.py.*\n", told[0])
    assert re.fullmatch(r"..:..:..  telling completed: 2 completed; best loss .*\n", told[1])


def test_a_batch_file_is_kept_with_the_store_as_it_was_deployed(
    served: Project, interface: Interface
) -> None:
    rows = served.write("rows.csv", "x\n0.5\n0.7\n")
    served.succeed("deploy", "quick.py", "@rows.csv", "--pool", "test", "--name", "rows")
    rows.unlink()

    done = interface.wait_for(interface.run_now("rows"), "COMPLETED", "FAILED", "CRASHED")
    changed = interface.run_now("rows", batch_files=[f"{'0' * 64}/rows.csv"])
    refused = interface.wait_for(changed, "COMPLETED", "FAILED", "CRASHED")

    assert done["state_type"] == "COMPLETED", done["state"]["message"]
    assert sorted(row["flags"]["x"] for row in trials(served).values()) == [0.5, 0.7]
    assert refused["state"]["message"].startswith("batch_files is")


def test_job_variables_are_kept_with_the_deployment(
    served_project: Project, interface: Interface
) -> None:
    usual = interface.ask("/collections/views/aggregate-worker-metadata", method="GET")
    docker = next(one["docker"] for one in usual.values() if "docker" in one)
    template = docker["default_base_job_configuration"]
    pool = {"name": "boxes", "type": "docker", "base_job_template": template}
    interface.ask("/work_pools/", pool)
    served_project.succeed("deploy", "quick.py", "x=[1,2]", "--name", "plain")
    words = ("deploy", "quick.py", "x=[1,2]", "--name", "boxed", "--pool")

    told = ("--job-variable", "privileged=true", "--job-variable", "mem_limit=2g")
    served_project.succeed(*words, "boxes", "--image", "me/train:1", *told)
    refused = [
        served_project.run(*words, *rest).stderr.splitlines()[-1]
        for rest in (
            ("boxes", "--job-variable", "colour=red"),
            ("tunesmith", "--image", "me/train:1"),
            ("nowhere", "--image", "me/train:1"),
        )
    ]

    found = interface.ask("/deployments/name/sweep/boxed", method="GET")
    expected = {"image": "me/train:1", "privileged": True, "mem_limit": "2g"}
    assert found["job_variables"] == expected
    assert "boxes (of type docker) has no job variable 'colour': it takes " in refused[0]
    assert "tunesmith (of type process) has no job variable 'image': it takes none" in refused[1]
    assert "there is no work pool 'nowhere'" in refused[2]


@pytest.mark.parametrize(
    "words",
    [
        ["deploy", "quick.py", "x=[1,2]", "--pool", "a/b"],
        ["deploy", "quick.py", "x=[1,2]", "--name", "a/b"],
        ["serve", "--pool", "a/b"],
        ["deploy", "quick.py", "x=[1,2]", "--job-variable", "cpu"],
    ],
    ids=" ".join,
)
def test_what_prefect_does_not_take_is_refused_in_a_sentence(
    project: Project, words: list[str]
) -> None:
    done = project.run(*words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"error: {words[-2]} is '{words[-1]}': " in done.stderr


def test_the_automation_of_the_documentation_starts_a_deployment_with_the_best_flags(
    served_project: Project, interface: Interface, connected: None
) -> None:
    served_project.succeed("deploy", "quick.py", "x=[1,2]", "--name", "final")
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    exec(block, {})
    rows = interface.ask("/automations/filter")
    (automation,) = (row for row in rows if row["name"] == "train with the best x")
    deployment = interface.ask("/deployments/name/sweep/final", method="GET")["id"]
    wanted = {"deployments": {"id": {"any_": [deployment]}}}

    served_project.succeed("run", "train.py", "x=[0.5]", "noise=[0]", "-yq")

    wait_until(
        lambda: interface.ask("/flow_runs/filter", wanted) != [], lambda: "nothing was started"
    )
    interface.ask(f"/automations/{automation['id']}", method="DELETE")
    (started,) = interface.ask("/flow_runs/filter", wanted)
    assert started["parameters"]["flags"] == ["x=0.5"]
