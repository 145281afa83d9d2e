import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running.conftest import CLI, only_run


def test_a_single_run_shows_the_scripts_output_and_needs_no_server(project: Any) -> None:
    done = project.run("run", "quick.py", "x=0.5", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "You are about to run quick.py\n  noise: 0.1\n  x: 0.5\n"
    assert done.stdout.startswith("loss: 0.14")
    assert not Path(project.environment["XDG_DATA_HOME"]).exists()
    run = only_run(project)
    assert run["status"] == "completed"
    assert run["flags"] == {"noise": 0.1, "x": 0.5}


@pytest.mark.parametrize("script", ["which.py", "options.py"])
def test_a_relative_interpreter_is_that_of_the_folder_in_which_it_is_typed(
    project: Any, script: str
) -> None:
    (project.path / "env" / "bin").mkdir(parents=True)
    (project.path / "env" / "bin" / "python").symlink_to(sys.executable)
    project.write("which.py", "import sys\nx = 1\nprint(sys.executable)\n")
    computed = CLI.replace("default=0.1", "default=0.2 / 2")
    project.write("options.py", computed + "import sys\nprint(sys.executable)\n")
    out = project.succeed("run", script, "--python", "env/bin/python", "-y")
    assert out.splitlines()[-1] == str(project.path / "env" / "bin" / "python")


def test_quiet_prints_the_id_alone(project: Any) -> None:
    done = project.run("run", "quick.py", "-yq")
    assert done.stdout.strip() == only_run(project)["id"]
    assert done.stderr == ""


def test_json_prints_one_object(project: Any) -> None:
    answer = json.loads(project.succeed("run", "quick.py", "x=0.3", "-y", "--json"))
    assert answer["status"] == "completed"
    assert answer["objective"] == pytest.approx(0.1)


def test_a_label_and_tags_are_kept(project: Any) -> None:
    project.succeed("run", "quick.py", "-y", "-l", "first try", "-t", "a", "-t", "b")
    run = only_run(project)
    assert (run["label"], run["tags"]) == ("first try", ["a", "b"])


def test_a_file_of_the_project_is_linked_in_or_named_by_a_hint(project: Any) -> None:
    project.write("data/big.bin", "\0\1\2" * 1000)
    project.write("reader.py", "print('loss:', len(open('data/big.bin').read()))\n")
    done = project.run("run", "reader.py", "--yes")
    if done.returncode:
        assert "add --link data/big.bin" in done.stderr
    assert project.succeed("run", "reader.py", "-y", "--link", "data") == "loss: 3000\n"
    assert project.succeed("run", "reader.py", "-y", "--cwd", "project") == "loss: 3000\n"


def test_a_declined_question_writes_nothing(project: Any) -> None:
    pytest.importorskip("pty")
    import os
    import pty
    import sys

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tunesmith", "run", "quick.py"],
        cwd=project.path,
        env=project.environment,
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
    )
    os.close(follower)
    os.write(leader, b"n\n")
    process.communicate(timeout=60)
    os.close(leader)
    assert process.returncode == 4
    assert not project.home.exists()


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("dato", "there is nothing of that name"),
        ("../project", "contains the project itself"),
        ("train.py", "contains the script"),
        (".run", "there is nothing|keeps its own files"),
    ],
)
def test_a_link_without_a_place_in_a_run_is_refused_before_anything_runs(
    project: Any, link: str, words: str
) -> None:
    done = project.run("run", "train.py", "-y", "--link", link)
    assert done.returncode == 2
    assert re.search(rf"--link {re.escape(link)}.*({words})", done.stderr)
    assert done.stderr.count("\n") == 1
    assert not project.home.exists()
