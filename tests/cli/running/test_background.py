"""``tunesmith run --background``, on real processes."""

import json
import os
from pathlib import Path

import pytest

from tests.conftest import Project
from tests.flows.conftest import alive, wait_for_trials, wait_until, write_gated


def _statuses(project: Project) -> list[str]:
    rows = json.loads(project.succeed("runs", "--all", "--json"))
    return sorted(row["status"] for row in rows if row["number"])


@pytest.mark.server
def test_a_batch_goes_on_after_the_command_has_returned(served_project: Project) -> None:
    write_gated(served_project)

    answer = json.loads(served_project.succeed("run", "gated.py", "x=[1,2]", "-by", "--json"))

    pids = wait_for_trials(served_project, 1)
    assert os.getsid(pids[0]) != os.getsid(0)
    (served_project.path / "go").touch()
    assert "completed" in served_project.run("watch", answer["id"][:8]).stderr.splitlines()[-1]
    assert _statuses(served_project) == ["completed", "completed"]
    log = Path(answer["log"])  # the summary comes after the report, when the batch has ended
    wait_until(lambda: "2 completed" in log.read_text(), log.read_text)


@pytest.mark.server
def test_it_is_stopped_and_restarted_in_the_background(served_project: Project) -> None:
    write_gated(served_project)
    out = served_project.succeed("run", "gated.py", "x=[1,2]", "--background", "--yes", "-q")
    batch = out.strip()
    pids = wait_for_trials(served_project, 1)

    stopped = served_project.run("stop", batch[:8])
    assert stopped.returncode == 0, stopped.stderr
    assert not alive(pids)
    assert _statuses(served_project) == ["pending", "terminated"]

    (served_project.path / "go").touch()
    said = served_project.succeed("run", "--restart", batch[:8], "-by")
    assert f"{batch[:8]} runs in the background: follow it with tunesmith watch" in said
    wait_until(
        lambda: _statuses(served_project) == ["completed", "completed"],
        lambda: str(_statuses(served_project)),
    )


@pytest.mark.server
def test_what_keeps_it_from_starting_is_said_by_the_command(served_project: Project) -> None:
    arguments = ["quick.py", "x=[1,2]", "--runner", "dask://127.0.0.1:9", "-by"]
    done = served_project.run("run", *arguments)
    assert done.returncode == 1
    assert "error: the Dask scheduler at 127.0.0.1:9 does not answer" in done.stderr
    assert done.stdout == ""


def test_a_single_run_in_the_background_keeps_its_output(project: Project) -> None:
    write_gated(project)
    run = project.succeed("run", "gated.py", "x=3", "-by", "-q").strip()
    (pid, _) = wait_for_trials(project, 1)
    (project.path / "go").touch()
    wait_until(lambda: not alive([pid]), lambda: f"{pid} lives")
    wait_until(
        lambda: json.loads(project.succeed("runs", "--json"))[0]["status"] == "completed",
        lambda: project.succeed("runs"),
    )
    assert "loss: 3" in project.succeed("cat", run[:8])


def test_a_run_in_the_background_outlives_the_trial_that_has_started_it(project: Project) -> None:
    write_gated(project)
    project.write(
        "outer.py",
        "import subprocess, sys\n"
        "y = 1\n"
        "command = [sys.executable, '-m', 'tunesmith', 'run', 'gated.py', '-byq', '--home', "
        f"{str(project.path)!r}]\n"
        "print('loss:', subprocess.run(command).returncode)\n",
    )
    project.succeed("run", "outer.py", "y=2", "-y")
    (pid, _) = wait_for_trials(project, 1)

    assert alive([pid])
    environ = Path(f"/proc/{pid}/environ").read_text().split("\0")
    assert not [variable for variable in environ if variable.startswith("FLAG_Y=")]

    (project.path / "go").touch()
    wait_until(
        lambda: (
            {row["status"] for row in json.loads(project.succeed("runs", "--json"))}
            == {"completed"}
        ),
        lambda: project.succeed("runs"),
    )


def test_declining_starts_nothing(project: Project) -> None:
    done = project.run("run", "quick.py", "-b")
    assert done.returncode == 2
    assert not project.home.exists() or not list(project.home.glob("trials/*"))
