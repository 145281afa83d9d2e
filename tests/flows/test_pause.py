"""A batch is paused in Prefect, and goes on as the same batch."""

import json
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from tests.conftest import Project
from tests.flows.conftest import (
    POOL,
    Interface,
    alive,
    batches,
    trials,
    wait_for_trials,
    wait_until,
    write_gated,
)
from tunesmith.cli.looking.plain import iso_time
from tunesmith.storage.store import Store

pytestmark = pytest.mark.server

FLAGS = "x=[1,2,3,4]"
NOTICED_S = 3.0
"""Seconds in which a batch reads its flow run's state, unless the machine is very busy."""


class Command:
    """``tunesmith run`` in the middle of a batch, its messages being read."""

    def __init__(self, project: Project, interface: Interface, *, jobs: int) -> None:
        write_gated(project)
        self.project = project
        self.process = project.start("run", "gated.py", FLAGS, "-j", str(jobs), "--yes")
        self._messages: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.pids = wait_for_trials(project, jobs)
        (batch,) = batches(project)
        self.run = interface.flow_run(batch["id"])

    def wait_for_message(self, words: str) -> None:
        """Wait until it has said something."""
        wait_until(
            lambda: any(words in line for line in self._messages), lambda: str(self._messages)
        )

    def end(self) -> str:
        """Wait for its end, and return what it answers."""
        self.process.wait(timeout=60)
        self._reader.join(timeout=60)
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def close(self) -> None:
        """End it, whatever it does."""
        self.process.terminate()
        self.end()
        self.process.communicate()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._messages.append(line)


@pytest.fixture
def command(served_project: Project, interface: Interface) -> Iterator[Command]:
    """A command of which one trial runs, the others being queued."""
    command = Command(served_project, interface, jobs=1)
    yield command
    command.close()


def _open_gate(project: Project, name: str) -> None:
    (project.path / name).touch()


def _wait_until_ended(project: Project, number: int) -> None:
    wait_until(
        lambda: trials(project)[number]["status"] == "completed",
        lambda: f"trial {number} did not end: {trials(project)}",
    )


def _statuses(project: Project) -> list[str]:
    rows = trials(project)
    return [rows[number]["status"] for number in sorted(rows)]


def _counts(project: Project) -> dict[str, int]:
    (batch,) = batches(project)
    counts: dict[str, int] = batch["progress"]["counts"]
    return counts


def test_a_paused_command_starts_no_trial_until_it_is_resumed(
    command: Command, interface: Interface
) -> None:
    interface.pause(command.run)
    command.wait_for_message("paused in Prefect")
    _open_gate(command.project, "go-1")
    _wait_until_ended(command.project, 1)
    held = _statuses(command.project)
    resumed = iso_time(time.time())
    interface.resume(command.run)
    command.wait_for_message("resumed in Prefect")
    _open_gate(command.project, "go")

    out = command.end()

    assert command.process.returncode == 0, out
    assert held == ["completed", "pending", "pending", "pending"]
    assert all(trials(command.project)[number]["started"] > resumed for number in (2, 3, 4))
    assert [trials(command.project)[number]["attempt"] for number in (1, 2, 3, 4)] == [1] * 4
    message = interface.wait_for(command.run, "COMPLETED")["state"]["message"]
    assert message == "4 completed; best loss 1.0"
    info = command.project.succeed("runs", "info", batches(command.project)[0]["id"], "--json")
    assert json.loads(info)["time_spent"]["waiting"] > 0


def test_resuming_fills_the_free_places_while_a_trial_still_runs(
    served_project: Project, interface: Interface
) -> None:
    command = Command(served_project, interface, jobs=2)
    interface.pause(command.run)
    command.wait_for_message("paused in Prefect")
    _open_gate(served_project, "go-1")
    _wait_until_ended(served_project, 1)

    interface.resume(command.run)
    wait_for_trials(served_project, 3)
    statuses = _statuses(served_project)
    command.close()

    assert statuses == ["completed", "running", "running", "pending"]


def test_a_command_that_is_suspended_is_paused_since_prefect_could_not_resume_it(
    command: Command, interface: Interface
) -> None:
    interface.suspend(command.run)
    command.wait_for_message("paused in Prefect")
    state = interface.wait_for(command.run, "PAUSED")["state"]
    interface.resume(command.run)
    command.wait_for_message("resumed in Prefect")
    _open_gate(command.project, "go")

    out = command.end()

    assert state["name"] == "Paused"
    assert command.process.returncode == 0, out
    assert _counts(command.project) == {"completed": 4}


def test_a_paused_command_can_be_cancelled(command: Command, interface: Interface) -> None:
    interface.pause(command.run)
    command.wait_for_message("paused in Prefect")

    interface.cancel(command.run)
    wait_until(lambda: not alive(command.pids), lambda: f"alive: {alive(command.pids)}")
    out = command.end()

    assert "cancelled in Prefect" in out
    assert "go on:    tunesmith run --restart" in out
    assert _statuses(command.project) == ["terminated", "pending", "pending", "pending"]
    assert interface.wait_for(command.run, "CANCELLED")["state"]["name"] == "Cancelled"


def test_a_paused_command_of_which_nothing_runs_ends_with_an_interrupt(
    command: Command, interface: Interface
) -> None:
    interface.pause(command.run)
    command.wait_for_message("paused in Prefect")
    _open_gate(command.project, "go-1")
    _wait_until_ended(command.project, 1)

    command.process.send_signal(signal.SIGINT)
    command.end()

    assert command.process.returncode == 128 + signal.SIGINT
    assert _statuses(command.project) == ["completed", "pending", "pending", "pending"]
    interface.wait_for(command.run, "CANCELLED")


def test_a_pause_whose_time_is_over_stops_the_batch_which_can_go_on(
    command: Command, interface: Interface
) -> None:
    # late enough that the pause is seen before Prefect ends it
    interface.pause(command.run, pause_timeout=iso_time(time.time() + 4 * NOTICED_S))
    command.wait_for_message("paused in Prefect")
    _open_gate(command.project, "go-1")

    out = command.end()

    assert "stopped (paused in Prefect, then failed)" in out
    assert "go on:    tunesmith run --restart" in out
    assert _statuses(command.project) == ["completed", "pending", "pending", "pending"]


def test_a_command_that_was_killed_in_a_pause_is_shown_as_crashed_by_the_next_one(
    command: Command, interface: Interface
) -> None:
    interface.pause(command.run)
    command.wait_for_message("paused in Prefect")
    command.process.kill()
    command.end()

    command.project.succeed("run", "quick.py", "x=[1,2]", "-yq")

    interface.wait_for(command.run, "CRASHED")


def _start_deployment(
    project: Project, interface: Interface, name: str, *options: str
) -> tuple[str, int]:
    """Have a worker run a sweep; return the flow run and the process that runs the batch."""
    write_gated(project)
    project.succeed("deploy", "gated.py", FLAGS, "--pool", POOL, "--name", name, *options)
    run = interface.run_now(name)
    wait_for_trials(project, 1)
    runner = Store.open(project.home).runner_of(batches(project)[0]["id"])
    assert runner is not None
    return run, runner.pid


@pytest.mark.parametrize("options", [(), ("--continue",)], ids=["new", "going on"])
def test_a_suspended_run_ends_its_process_and_resumed_goes_on_with_its_batch(
    served: Project, interface: Interface, options: tuple[str, ...]
) -> None:
    name = f"suspended-{len(options)}"
    run, pid = _start_deployment(served, interface, name, *options)

    interface.suspend(run)

    suspended = time.time()

    def has_ended() -> bool:
        # each trial lasts until a pause is noticed; one that began before that may finish too
        store, batch_id = Store.open(served.home), batches(served)[0]["id"]
        for number in (one.number for one in store.plan(batch_id)):
            start = store.start(batch_id, number)
            if start is not None and time.time() - max(start.started, suspended) > NOTICED_S:
                _open_gate(served, f"go-{number}")
        return not alive([pid])

    wait_until(has_ended, lambda: "the process did not end")
    state = interface.ask(f"/flow_runs/{run}", method="GET")["state"]
    held = _statuses(served)
    _open_gate(served, "go")
    interface.resume(run)
    message = interface.wait_for(run, "COMPLETED", "FAILED", "CRASHED")["state"]["message"]

    assert state["name"] == "Suspended"
    assert (held[0], held[-1]) == ("completed", "pending")
    assert set(held) == {"completed", "pending"}
    assert message == "4 completed; best loss 1.0"
    assert _counts(served) == {"completed": 4}
    assert [row["attempt"] for row in trials(served).values()] == [1] * 4


def test_a_run_that_is_resumed_while_a_trial_still_runs_waits_for_it(
    served: Project, interface: Interface
) -> None:
    run, pid = _start_deployment(served, interface, "hasty")

    interface.suspend(run)
    interface.resume(run)
    interface.wait_for(run, "RUNNING")
    is_first_alive = bool(alive([pid]))
    _open_gate(served, "go")
    message = interface.wait_for(run, "COMPLETED", "FAILED", "CRASHED")["state"]["message"]

    assert is_first_alive
    assert message == "4 completed; best loss 1.0"
    assert [row["attempt"] for row in trials(served).values()] == [1] * 4


def test_a_suspended_run_can_be_cancelled_while_its_trials_still_run(
    served: Project, interface: Interface
) -> None:
    run, pid = _start_deployment(served, interface, "cancelled")
    pids = wait_for_trials(served, 1)

    interface.suspend(run)
    interface.cancel(run)
    wait_until(lambda: not alive([pid, *pids]), lambda: f"alive: {alive([pid, *pids])}")

    assert interface.ask(f"/flow_runs/{run}", method="GET")["state"]["type"] == "CANCELLED"
    assert _statuses(served) == ["terminated", "pending", "pending", "pending"]
