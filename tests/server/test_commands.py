import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.conftest import Project, request, variables
from tests.flows.conftest import flow_run
from tunesmith.server.flow_run_page import ui_url
from tunesmith.server.server_directory import ServerState


def test_the_pages_of_prefect_cloud_have_another_address_than_its_api() -> None:
    cloud = "https://api.prefect.cloud/api/accounts/1/workspaces/2"
    assert ui_url(cloud, {}) == "https://app.prefect.cloud/account/1/workspace/2"
    assert ui_url("http://host:4200/api/", {}) == "http://host:4200"
    assert ui_url(cloud, {"PREFECT_UI_URL": "https://pages/"}) == "https://pages"


class TestCommands:
    """``tunesmith server``."""

    pytestmark = pytest.mark.server

    def test_env_lets_a_program_of_the_users_own_use_the_server(
        self, served_project: Project, prefect_server: ServerState
    ) -> None:
        exports = served_project.succeed("server", "env")
        status = served_project.succeed("server", "status")

        code = "from prefect import get_client; print(get_client(sync_client=True).hello().json())"
        words = ["sh", "-c", f"{exports}\n{shlex.join([sys.executable, '-c', code])}"]
        told = subprocess.run(
            words, env=dict(served_project.environment), capture_output=True, text=True, check=True
        ).stdout
        assert exports.startswith(f"export PREFECT_API_URL={prefect_server.api_url}\n")
        assert "👋" in told
        assert variables(prefect_server)["PREFECT_API_AUTH_STRING"] not in status
        assert re.search(r"\ndatabase: \d+\.\d MB, .*\(kept for 30 days\)\n", status)

    def test_env_names_the_server_that_the_user_has_configured(self, project: Project) -> None:
        configured = "http://127.0.0.1:4299/api"
        told = project.succeed("server", "env", PREFECT_API_URL=configured)
        assert told == f"export PREFECT_API_URL={configured}\n"

    def test_a_secret_of_another_server_in_the_environment_is_not_told_to_ours(
        self, served_project: Project
    ) -> None:
        program = served_project.write(
            "program.py",
            "import tunesmith\n"
            "batch = tunesmith.run('quick.py', x=[1, 2])\n"
            "from prefect.settings import PREFECT_API_AUTH_STRING\n"
            "print(len(batch.trials), PREFECT_API_AUTH_STRING.value() == 'another')\n",
        )
        other = {"PREFECT_API_AUTH_STRING": "another"}

        served_project.succeed("run", "quick.py", "x=[1,2]", "-yq", **other)
        told = subprocess.run(
            [sys.executable, str(program)],
            cwd=served_project.path,
            env={**served_project.environment, **other},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

        assert told.splitlines()[-1] == "2 False"

    def test_open_tells_no_browser_the_secret_on_its_command_line(
        self, served_project: Project, prefect_server: ServerState
    ) -> None:
        script = served_project.write("browser", '#!/bin/sh\necho "$1" > "$0.out"\n')
        script.chmod(0o755)

        done = served_project.run("server", "open", "/runs", BROWSER=f"{script} %s")

        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{prefect_server.ui_url}/runs\n"
        told = script.with_name("browser.out").read_text().strip()
        page = Path(told.removeprefix("file://"))
        assert told == f"file://{page}"
        assert page.stat().st_mode & 0o777 == 0o600
        assert f"{prefect_server.ui_url}/tunesmith/login#" in page.read_text()
        assert variables(prefect_server)["PREFECT_API_AUTH_STRING"] not in page.read_text()

    def test_open_leads_to_the_page_of_a_batch(
        self, served_project: Project, prefect_server: ServerState
    ) -> None:
        batch = json.loads(served_project.succeed("run", "quick.py", "x=[1,2]", "-yq", "--json"))

        by_index = served_project.succeed("server", "open", "1", BROWSER="true")
        by_id = served_project.succeed("server", "open", batch["id"][:8], BROWSER="true")
        of_a_user = served_project.succeed(
            "server", "open", "quick.py", BROWSER="true", **variables(prefect_server)
        )
        missing = served_project.run("server", "open", "nope")

        run = flow_run(prefect_server, batch["id"])["id"]
        assert by_index == by_id == of_a_user
        assert by_id == f"{prefect_server.ui_url}/runs/flow-run/{run}\n"
        assert (missing.returncode, missing.stderr.count("\n")) == (3, 1)

    def test_a_batch_that_the_server_does_not_know_is_named(
        self, served_project: Project, prefect_server: ServerState
    ) -> None:
        batch = json.loads(served_project.succeed("run", "quick.py", "x=[1,2]", "-yq", "--json"))
        run = flow_run(prefect_server, batch["id"])["id"]
        with urlopen(request(prefect_server, f"/flow_runs/{run}", method="DELETE")):
            pass

        done = served_project.run("server", "open", "1")

        assert (done.returncode, f"no flow run of batch {batch['id'][:8]}" in done.stderr) == (
            3,
            True,
        )

    @pytest.mark.parametrize("page", ["//evil.example", "http://evil.example/"])
    def test_open_leads_nowhere_else(self, project: Project, page: str) -> None:
        done = project.run("server", "open", page)
        assert (done.returncode, "not a page of the server" in done.stderr) == (2, True)
