"""What whoever fires a deployment may set, and what not."""

import asyncio
import urllib.error
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

from tests.conftest import Project
from tests.flows.conftest import Interface, runs
from tunesmith.errors import SpecificationError
from tunesmith.flows.firing import check_arguments, check_firing
from tunesmith.flows.work_pool import DESCRIPTION, POOL, TEMPLATE, ensure_pool

MADE_WITH = {"script": "train.py", "folder": "/project", "home": "/project/.tunesmith"}
server = pytest.mark.server


@pytest.mark.parametrize("name", ["train.py", "other.py", "./models/train.py", "a..b.py"])
def test_a_script_of_the_deployments_folder_may_be_fired(name: str) -> None:
    check_firing({**MADE_WITH, "script": name, "python": None, "runner": None}, MADE_WITH)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("script", "/tmp/evil.py"),
        ("script", "../evil.py"),
        ("script", "models/../../evil.py"),
        ("script", "link/../evil.py"),
        ("folder", "/tmp"),
        ("folder", "/project/.."),
        ("folder", None),
        ("home", "/tmp/store"),
        ("home", None),
        ("python", "/tmp/evil"),
        ("python", "evil"),
        ("runner", "dask://evil.example:8786"),
    ],
)
def test_a_firing_changes_neither_what_is_run_nor_where(name: str, text: str | None) -> None:
    with pytest.raises(SpecificationError, match=rf"^{name} is "):
        check_firing({**MADE_WITH, name: text}, MADE_WITH)


def test_a_firing_names_no_file() -> None:
    check_arguments(["x=1", "name=a@b"])
    with pytest.raises(SpecificationError, match="no batch files"):
        check_arguments(["x=1", "@/etc/passwd"])


def test_what_a_run_brings_along_all_the_same_is_not_in_its_process() -> None:
    brought = {"command": "/bin/sh", "env": {"A": "1"}, "env.B": "2", "working_dir": "/tmp"}

    async def read() -> Any:
        async with get_client() as client:
            return await ProcessJobConfiguration.from_template_and_values(
                TEMPLATE, brought, client=client
            )

    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        made = asyncio.run(read())

    assert (made.command, made.env, made.working_dir) == (None, {}, None)


class TestOnAServer:
    """With the session's Prefect server."""

    pytestmark = server

    def test_a_run_of_a_deployment_brings_no_command_along(
        self, served_project: Project, interface: Interface
    ) -> None:
        served_project.succeed("deploy", "quick.py", "x=[1,2]", "--name", "fixed")
        found = interface.ask("/deployments/name/sweep/fixed", method="GET")
        for job_variables in (
            {"command": "/bin/sh -c id"},
            {"env": {"PYTHONPATH": "/tmp"}},
            {"env.PYTHONPATH": "/tmp"},
            {"working_dir": "/tmp"},
            {"name": "x"},
        ):
            with pytest.raises(urllib.error.HTTPError, match="422"):
                interface.ask(
                    f"/deployments/{found['id']}/create_flow_run",
                    {"job_variables": job_variables},
                )

    def test_a_firing_that_asks_for_more_fails_and_runs_nothing(
        self, served: Project, interface: Interface
    ) -> None:
        served.write("../evil.py", "x = 1\nprint('loss: 1')\n")
        served.succeed("deploy", "quick.py", "x=[1,2]", "--pool", "test", "--name", "strict")
        more = {"script": "../evil.py", "folder": "/tmp", "python": "/bin/false"}

        asked = [interface.run_now("strict", **{name: text}) for name, text in more.items()]

        ended = [interface.wait_for(run, "FAILED", "CRASHED", "COMPLETED") for run in asked]
        for told, (name, text) in zip(ended, more.items(), strict=True):
            assert told["state"]["message"].startswith(f"{name} is '{text}'")
        assert runs(served) == []

    def test_trials_of_a_deployment_inherit_no_secret(
        self, served: Project, interface: Interface
    ) -> None:
        served.write(
            "tell.py",
            "import os\nx = 1\n"
            "print([name for name in os.environ if name.startswith('PREFECT_API_')])\n"
            "print('loss:', x)\n",
        )
        served.succeed("deploy", "tell.py", "x=[1]", "--pool", "test", "--name", "telling")

        interface.wait_for(interface.run_now("telling"), "FAILED", "CRASHED", "COMPLETED")

        (output,) = served.home.glob("trials/*/*/.run/output")
        assert output.read_text() == "[]\nloss: 1\n"

    def test_the_pool_of_an_earlier_version_is_closed_and_a_changed_one_is_not(
        self, connected: None
    ) -> None:
        usual = ProcessWorker.get_default_base_job_template()
        with get_client(sync_client=True) as client:
            for pool in (POOL, "theirs"):
                if any(found.name == pool for found in client.read_work_pools()):
                    client.delete_work_pool(pool)
                client.create_work_pool(
                    WorkPoolCreate(name=pool, type="process", base_job_template=usual)
                )
                ensure_pool(pool)
            ours, theirs = client.read_work_pool(POOL), client.read_work_pool("theirs")

        assert (ours.base_job_template, ours.description) == (TEMPLATE, DESCRIPTION)
        assert theirs.base_job_template == usual
