"""What another user of the machine may do to one who runs Tunesmith: nothing.

Elsewhere: what the Prefect server keeps and answers (``tests/server/test_shared_server.py``), each
way in which a store is another's (``tests/storage/files``), and which stores a worker looks at
(``tests/workers/test_polling.py``).
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Project
from tests.flows.conftest import Interface
from tunesmith.server.server_directory import ServerState

NOBODY = 65534
SCRIPT = "x = 1\nprint('loss:', x)\n"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="acts for another user: has to be root")
server = pytest.mark.server
POST = """\
import json, os, sys, urllib.error, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
opener.open(sys.argv[1] + "/health")  # loads what the other user may not be able to read
os.setgroups([]), os.setgid(65534), os.setuid(65534)
headers = {"Content-Type": "application/json"}
asked = urllib.request.Request(sys.argv[1] + "/task_runs/", sys.argv[2].encode(), headers)
try:
    print(opener.open(asked).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
"""Sends a task run to the Prefect server as the user nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Another user's store, whose script leaves a mark."""

    home: Path
    mark: Path


@pytest.fixture
def planted(served_project: Project) -> Planted:
    """A store that was copied from one of the user's own, and changed."""
    served_project.write("train.py", SCRIPT)
    served_project.succeed("run", "train.py", "-y")
    home = served_project.path.parent / "theirs" / ".tunesmith"
    shutil.copytree(served_project.home, home)
    mark = home.parent / "mark"
    for script in home.glob("source/*/train.py"):
        script.write_text(f"x = 1\nopen({str(mark)!r}, 'w').close()\nprint('loss: 1')\n")
    _give_away(home.parent)
    return Planted(home=home, mark=mark)


def _give_away(folder: Path) -> None:
    """Let a folder and all in it belong to another user, open to everybody."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0o777 if path.is_dir() else 0o666)


@as_root
class TestOnAServer:
    """With the session's Prefect server."""

    pytestmark = server

    def test_they_start_no_task(self, prefect_server: ServerState) -> None:
        asked = {
            "task_key": "tunesmith.attempt",
            "dynamic_key": "theirs",
            "name": "theirs",
            "state": {
                "type": "SCHEDULED",
                "name": "Scheduled",
                "state_details": {"deferred": True},
            },
        }
        command = [sys.executable, "-c", POST, prefect_server.api_url, json.dumps(asked)]
        sent = subprocess.run(command, capture_output=True, text=True, check=True)

        assert sent.stdout.strip() == "401"
        names = {"task_runs": {"name": {"any_": ["theirs"]}}}
        assert Interface(prefect_server).ask("/task_runs/filter", names) == []

    @pytest.mark.parametrize("words", [("x=1",), ("x=[1,2]",)], ids=["single", "batch"])
    def test_their_store_further_up_is_not_used(
        self, planted: Planted, served_project: Project, words: tuple[str, ...]
    ) -> None:
        below = planted.home.parent / "mine" / "project"
        below.mkdir(parents=True)
        (below / "train.py").write_text(SCRIPT)
        mine = Project(path=below, environment=served_project.environment)

        done = mine.run("run", "train.py", *words, "-y")

        assert done.returncode == 1
        (line,) = (one for one in done.stderr.splitlines() if one.startswith("error:"))
        assert f"the store {planted.home} belongs to nobody" in line
        assert f"--home {planted.home}" in line
        assert not planted.mark.exists()
        assert [path.name for path in below.iterdir()] == ["train.py"]


def test_a_store_further_up_that_others_can_write_is_not_used(project: Project) -> None:
    project.write("train.py", SCRIPT)
    project.succeed("run", "train.py", "-y")
    project.home.chmod(0o777)
    below = Project(path=project.path / "below", environment=project.environment)
    below.write("train.py", SCRIPT)

    done = below.run("run", "train.py", "-y")

    assert done.returncode == 1
    assert f"--home {project.home}" in done.stderr.splitlines()[-1]
    assert len(list(project.home.glob("batches/*.json"))) == 1
    below.succeed("run", "train.py", "-y", "--home", str(project.home))
