import json
import os
import random
import select
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.flows.conftest import WAITING, Interface, wait_for_batch
from tunesmith.storage.store import Store

pytestmark = [pytest.mark.server, pytest.mark.kill]

N_TRIALS = 30
SCRIPT = """\
import os
x = 0
with open(os.environ["DIARY"], "a") as diary:
    diary.write(f"{x}\\n")
print(f"loss: {x}")
with open(os.environ["DIARY"] + ".ended", "a") as diary:
    diary.write(f"{x}\\n")
"""


def kill_after(project: Any, arguments: list[str], delay_s: float, diary: Path) -> None:
    """Start a command, and kill -9 its process group's leader at a moment."""
    process = project.start(*arguments, DIARY=str(diary))
    poll = select.poll()
    # waits for the moment or the end of the process, whichever comes first
    poll.register(process.stdout, select.POLLHUP)
    poll.poll(delay_s * 1000)
    process.kill()
    process.communicate()


def finished(project: Any) -> dict[int, dict[str, Any]]:
    """Return the finished trials by number, from what ``runs --json`` shows."""
    rows = json.loads(project.succeed("runs", "--all", "--json"))
    return {
        row["number"]: row
        for row in rows
        if row["status"] == "completed" and row["operation"] == "kill.py"
    }


def test_a_killed_batch_ends_where_its_limit_would_have_ended_it(served_project: Any) -> None:
    served_project.write("kill.py", SCRIPT + 'print(f"spent: {x}")\n')
    diary = served_project.path.parent / "diary"
    limit = ["--max-cost", "spent 60"]  # of trials that spend 1, 2, 3, …: the eleventh reaches it
    command = ["run", "kill.py", "x=range[1:30]", "--yes", *limit]
    for delay_s in (1.5, 2.5):
        kill_after(served_project, command, delay_s, diary)
        if any(served_project.home.glob("batches/*.json")):
            command = ["run", "--restart", "kill.py+", "--yes"]

    done = served_project.run(*command, DIARY=str(diary))
    assert done.returncode == 0, done.stderr
    assert sorted(finished(served_project)) == list(range(1, 12))
    assert "66 of 60 spent are spent" in done.stderr + done.stdout


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_batch_keeps_every_finished_trial_and_runs_the_rest_once(
    served_project: Any, seed: int
) -> None:
    rng = random.Random(seed)
    served_project.write("kill.py", SCRIPT)
    diary = served_project.path.parent / "diary"
    values = f"x=range[1:{N_TRIALS}]"
    command = ["run", "kill.py", values, "--yes", "--label", "killed"]
    kept: dict[int, dict[str, Any]] = {}
    n_kills = 0
    while len(kept) < N_TRIALS and n_kills < 4:
        kill_after(served_project, command, rng.uniform(1.2, 5.0), diary)
        n_kills += 1
        now = finished(served_project)
        assert kept.items() <= now.items(), "a finished trial was lost or changed"
        kept = now
        if any(served_project.home.glob("batches/*.json")):
            command = ["run", "--restart", "kill.py+", "--yes"]
    done = served_project.run(*command, DIARY=str(diary))
    assert done.returncode == 0, done.stderr
    final = finished(served_project)
    assert kept.items() <= final.items()
    assert sorted(final) == list(range(1, N_TRIALS + 1))
    # whatever ended before a kill may run again only if the kill came before its record
    ended = Counter(Path(f"{diary}.ended").read_text().split())
    assert sum(ended.values()) <= N_TRIALS + n_kills
    assert len(json.loads(served_project.succeed("runs", "--all", "--json"))) == N_TRIALS + 1


@pytest.mark.parametrize("warm", ["off", "on"])
def test_a_kill_leaves_no_process_of_the_trials(served_project: Any, warm: str) -> None:
    served_project.write(
        "spawn.py",
        "import os, subprocess, sys, signal\n"
        "x = 0\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print('pids:', os.getpid(), child.pid, flush=True)\n"
        "signal.pause()\n",
    )
    process = served_project.start("run", "spawn.py", "x=[1,2]", "--yes", "--warm", warm)
    pids: list[int] = []
    while not pids and process.poll() is None:
        for output in served_project.home.glob("trials/*/*/.run/output"):
            words = output.read_text().split()
            pids = [int(word) for word in words[1:]] if len(words) == 3 else []
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline, "a trial outlived the command"
        select.select([], [], [], 0.02)


def test_a_deployments_run_whose_worker_was_killed_is_set_crashed_by_the_next_command(
    served_project: Any, interface: Interface
) -> None:
    served_project.write("wait.py", WAITING)
    served_project.succeed("deploy", "wait.py", "x=[1,2]", "--pool", "lost", "--name", "lost")
    serving = served_project.start("serve", "--pool", "lost")
    run = interface.run_now("lost")
    batch = wait_for_batch(served_project)
    runner = Store.open(served_project.home).runner_of(batch)
    assert runner is not None

    os.killpg(serving.pid, signal.SIGKILL)  # with Prefect's worker
    os.kill(runner.pid, signal.SIGKILL)
    serving.communicate()
    before = interface.wait_for(run, "RUNNING", "CRASHED")["state_type"]
    served_project.succeed("run", "quick.py", "x=[1,2]", "-yq")

    assert (before, interface.wait_for(run, "RUNNING", "CRASHED")["state_type"]) == (
        "RUNNING",
        "CRASHED",
    )
