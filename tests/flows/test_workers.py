"""Batches whose trials run on Dask's workers, or on Prefect's task workers."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from joblib.externals.loky import cpu_count

from tests.conftest import Project
from tests.flows.conftest import (
    Interface,
    alive,
    trial_pids,
    wait_for_trials,
    wait_until,
    write_gated,
)
from tunesmith.cli.looking.plain import iso_time

pytestmark = pytest.mark.server

TIMEOUT_S = 120
N = 40
NOISY_GRID = ["quick.py", f"x=linspace[-2:2:{N}]", "noise=0.5"]


@dataclass
class Workers:
    """Two worker processes, and how a batch names them."""

    project: Project
    uri: str = "prefect://"
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def add(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start a process with the project's environment."""
        log = (self.project.path.parent / f"worker-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd="/",
            env=dict(self.project.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        return process

    @property
    def logs(self) -> str:
        """What they printed."""
        return "\n".join(path.read_text() for path in self.project.path.parent.glob("worker-*"))

    def end(self) -> None:
        """End them all: Dask's wait for each other, so none is asked twice."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM if self.uri == "prefect://" else signal.SIGKILL)
        for process in self.processes:
            process.wait(timeout=30)


def start_dask(workers: Workers) -> None:
    place = workers.project.path.parent / "scheduler.json"
    shared = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(place)]
    with ExitStack() as undo:
        scheduler = workers.add("dask", "scheduler", "--port", "0", *shared)
        undo.callback(scheduler.kill)
        wait_until(place.exists, lambda: workers.logs)
        undo.pop_all()
    for number in range(2):
        folder = str(workers.project.path.parent / f"dask-{number}")
        workers.add(
            *("dask", "worker", "--no-nanny", "--nthreads", "1", "--local-directory", folder),
            *shared,
        )
    address = json.loads(place.read_text())["address"]
    workers.uri = address.replace("tcp://", "dask://")
    workers.processes.append(workers.processes.pop(0))  # the workers first


def start_task_workers(workers: Workers) -> None:
    for _ in range(2):
        workers.add("tunesmith", "worker", "--home", str(workers.project.home))


@pytest.fixture(params=["dask", "prefect"])
def workers(request: pytest.FixtureRequest, served_project: Project) -> Iterator[Workers]:
    """Two workers on loopback, each of which runs a trial at once."""
    workers = Workers(served_project)
    try:
        (start_dask if request.param == "dask" else start_task_workers)(workers)
        yield workers
    finally:
        workers.end()


def run_command(workers: Workers, *arguments: str) -> list[str]:
    # by number, since a worker may be slow to connect
    return ["run", *arguments, "--runner", workers.uri, "--jobs", "2", "-yq"]


def trials(project: Project, batch: str) -> list[dict[str, Any]]:
    rows = json.loads(project.succeed("runs", "--all", "--json"))
    found = [row for row in rows if row["batch"] == batch and row["id"] != batch]
    return sorted(found, key=lambda row: row["flags"]["x"])


def pids(project: Project, batch: str) -> Counter[int]:
    """Return how many trials each worker process has run."""
    notes = (project.home / "trials" / batch).glob("*/.run/started.json")
    return Counter(json.loads(note.read_text())["pid"] for note in notes)


def n_published(project: Project) -> int:
    return len(list((project.home / "parts").glob("*/*.parquet")))


def test_two_workers_share_a_grid_whose_results_are_those_of_a_local_run(
    workers: Workers,
) -> None:
    project = workers.project
    there = project.succeed(*run_command(workers, *NOISY_GRID)).strip()
    here = project.succeed("run", *NOISY_GRID, "-yq").strip()

    assert len(pids(project, there)) == 2, workers.logs
    same = ("number", "flags", "scalars", "status", "objective", "origin")
    results = [
        [{name: row.get(name) for name in same} for row in trials(project, batch)]
        for batch in (there, here)
    ]
    assert results[0] == results[1]
    assert len(results[0]) == N


@pytest.mark.kill
def test_a_worker_that_is_killed_loses_no_trial_and_doubles_none(workers: Workers) -> None:
    project = workers.project
    batch = project.start(*run_command(workers, *NOISY_GRID))
    wait_until(lambda: n_published(project) >= N // 4, lambda: workers.logs)
    workers.processes[0].kill()
    out, err = batch.communicate(timeout=TIMEOUT_S)

    assert batch.returncode == 0, err
    rows = trials(project, out.strip())
    assert [row["number"] for row in rows] == list(range(1, N + 1))
    assert {row["status"] for row in rows} == {"completed"}
    assert workers.processes[0].pid in pids(project, out.strip())
    assert not (project.home / "handover").exists()


@pytest.mark.kill
def test_sigterm_to_the_command_ends_the_trials_that_run_elsewhere(workers: Workers) -> None:
    project = workers.project
    write_gated(project)
    batch = project.start(*run_command(workers, "gated.py", "x=[1,2,3]"))
    pids = wait_for_trials(project, 2)
    batch.send_signal(signal.SIGTERM)
    out, err = batch.communicate(timeout=TIMEOUT_S)

    assert not alive(pids)
    assert batch.returncode == 143, err
    rows = trials(project, out.strip())
    assert [row["status"] for row in rows] == ["terminated", "terminated", "pending"]
    assert rows[0]["reason"] == "stopped by SIGTERM"


@pytest.mark.kill
def test_a_cancelled_flow_run_ends_the_trials_that_run_elsewhere_within_five_seconds(
    workers: Workers, interface: Interface
) -> None:
    project = workers.project
    write_gated(project)
    batch = project.start(*run_command(workers, "gated.py", "x=[1,2]"))
    pids = wait_for_trials(project, 2)
    (place,) = (project.home / "trials").iterdir()
    interface.cancel(interface.flow_run(place.name))
    asked = time.monotonic()
    wait_until(lambda: not alive(pids), lambda: f"alive: {alive(pids)}")
    assert time.monotonic() - asked < 5
    out, err = batch.communicate(timeout=TIMEOUT_S)
    assert out.strip() == place.name, err
    rows = trials(project, place.name)
    assert [row["reason"] for row in rows] == ["cancelled in Prefect"] * 2


def test_a_paused_batch_sends_no_trial_to_workers_until_it_is_resumed(
    workers: Workers, interface: Interface
) -> None:
    project = workers.project
    write_gated(project)
    batch = project.start(*run_command(workers, "gated.py", "x=[1,2,3,4,5,6]"))
    wait_for_trials(project, 2)
    (place,) = (project.home / "trials").iterdir()
    run = interface.flow_run(place.name)
    interface.pause(run)
    assert batch.stderr is not None
    assert any("paused in Prefect" in line for line in batch.stderr)
    for name in ("go-1", "go-2"):
        (project.path / name).touch()
    wait_until(
        lambda: [row["status"] for row in trials(project, place.name)][:2] == ["completed"] * 2,
        lambda: workers.logs,
    )
    held = [row["status"] for row in trials(project, place.name)][2:]
    resumed = iso_time(time.time())
    interface.resume(run)
    (project.path / "go").touch()
    out, err = batch.communicate(timeout=TIMEOUT_S)

    assert batch.returncode == 0, err
    assert held == ["pending"] * 4
    rows = trials(project, out.strip())
    assert [(row["status"], row["attempt"]) for row in rows] == [("completed", 1)] * 6
    assert all(row["started"] > resumed for row in rows[2:])


@pytest.mark.kill
def test_a_batch_whose_driver_was_killed_leaves_no_trial_and_goes_on(workers: Workers) -> None:
    project = workers.project
    write_gated(project)
    batch = project.start(*run_command(workers, "gated.py", "x=[1,2]"))
    pids = wait_for_trials(project, 2)
    batch.kill()
    batch.communicate(timeout=TIMEOUT_S)
    wait_until(lambda: not alive(pids), lambda: f"alive: {alive(pids)}")
    (place,) = (project.home / "trials").iterdir()
    (project.path / "go").touch()

    project.succeed("run", "--restart", place.name, "-yq")
    rows = trials(project, place.name)
    assert [(row["status"], row["attempt"]) for row in rows] == [("completed", 2)] * 2
    assert not set(trial_pids(project)) & set(pids)


def test_a_worker_that_is_told_to_end_gives_its_trial_back(served_project: Project) -> None:
    workers = Workers(served_project)
    served_project.write(
        "twice.py",
        "import os, pathlib, signal\n"
        "x = 1\n"
        f"mark = pathlib.Path({str(served_project.path / 'mark')!r})\n"
        "if not mark.exists():\n"
        "    mark.touch()\n"
        "    signal.pause()\n"
        "print('loss:', x)\n"
        "print('share:', os.environ['OMP_NUM_THREADS'])\n",
    )
    try:
        leaving = workers.add("tunesmith", "worker", "--home", str(workers.project.home))
        batch = served_project.start(*run_command(workers, "twice.py", "x=[1]"))
        wait_until((served_project.path / "mark").exists, lambda: workers.logs)
        leaving.send_signal(signal.SIGTERM)
        assert leaving.wait(timeout=30) == 0, workers.logs
        workers.add(
            "tunesmith", "worker", "--home", str(workers.project.home), "--jobs", "4"
        )  # its trials share the cores
        out, err = batch.communicate(timeout=TIMEOUT_S)
    finally:
        workers.end()
    assert batch.returncode == 0, err
    (row,) = trials(served_project, out.strip())
    assert (row["status"], row["attempt"]) == ("completed", 2)
    assert row["scalars"]["share"]["last"] == max(1, cpu_count() // 4)


def test_without_any_worker_the_command_says_how_one_is_started(served_project: Project) -> None:
    done = served_project.run("run", "quick.py", "x=[1,2]", "--runner", "prefect://", "-yq")
    assert done.returncode == 1
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith(
            "error: no worker is there that could run a trial: start some with tunesmith worker "
            f"--home {served_project.home}"
        )
    )


def test_a_dask_scheduler_that_does_not_answer_is_one_clear_line(served_project: Project) -> None:
    runner = "dask://127.0.0.1:9"
    done = served_project.run("run", "quick.py", "x=[1,2]", "--runner", runner, "-yq")
    assert done.returncode == 1
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("error: ")]
    assert line.startswith("error: the Dask scheduler at 127.0.0.1:9 does not answer: start it")
    assert trials_folder_is_empty(served_project)


@pytest.mark.kill
def test_a_lost_dask_scheduler_is_told_in_a_line_of_ours_alone(served_project: Project) -> None:
    workers = Workers(served_project, uri="dask://")
    write_gated(served_project)
    try:
        start_dask(workers)
        batch = served_project.start(*run_command(workers, "gated.py", "x=[1,2,3]"))
        wait_for_trials(served_project, 2)
        workers.processes[-1].kill()
        _, err = batch.communicate(timeout=TIMEOUT_S)
    finally:
        workers.end()

    (place,) = (served_project.home / "trials").iterdir()
    own = ("You are", "  ", "warning: no worker", "error: the Dask scheduler at ")
    assert [line for line in err.splitlines() if not line.startswith(own)] == []
    assert err.endswith(
        f" was lost: every finished trial is kept; go on with tunesmith run "
        f"--restart {place.name[:8]}\n"
    )


def trials_folder_is_empty(project: Project) -> bool:
    place = project.home / "trials"
    return not place.exists() or not list(place.iterdir())


def test_a_trial_takes_resources_of_a_dask_worker(served_project: Project) -> None:
    workers = Workers(served_project, uri="dask://")
    place = served_project.path.parent / "scheduler.json"
    shared = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(place)]
    try:
        workers.add("dask", "scheduler", "--port", "0", *shared)
        wait_until(place.exists, lambda: workers.logs)
        plain = ["dask", "worker", "--no-nanny", "--nthreads", "4"]
        folder = str(served_project.path.parent / "dask")
        workers.add(*plain, "--local-directory", folder + "-plain", *shared)
        able = workers.add(
            *plain, "--local-directory", folder, "--resources", "GPU=2", "--name", "able", *shared
        )
        uri = json.loads(place.read_text())["address"].replace("tcp://", "dask://") + "?GPU=1"
        command = ["run", "quick.py", "x=[1,2,3,4]", "--runner", uri, "-y"]

        def runs() -> bool:
            return served_project.run(*command).returncode == 0

        wait_until(runs, lambda: workers.logs)
    finally:
        workers.end()
    (batch,) = [path.name for path in (served_project.home / "trials").iterdir()]
    assert set(pids(served_project, batch)) == {able.pid}
    spec = json.loads((served_project.home / "batches" / f"{batch}.json").read_text())
    assert spec["execution"]["jobs"] == 2
