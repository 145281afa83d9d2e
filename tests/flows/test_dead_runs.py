"""Which flow runs are taken for dead; no server is asked."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Running

from tests.batches import make_spec
from tunesmith.flows.prefect_api import REPORT_S, STARTING_S, mark_dead_runs
from tunesmith.storage.files import leases
from tunesmith.storage.store import Store

BATCH = "a" * 32


class Server:
    """A server with one flow run, that notes which state it is given."""

    def __init__(self, **run: Any) -> None:
        fields = {"flow_id": uuid4(), "name": "a run", "state_type": StateType.RUNNING}
        self.run = FlowRun(**{**fields, "tags": ["tunesmith"], **run})
        self.states: list[StateType] = []

    def read_flow_runs(self, **_query: object) -> list[FlowRun]:
        """Return the flow run."""
        return [self.run]

    def set_flow_run_state(self, _id: object, state: Any, **_how: object) -> None:
        """Note a state."""
        self.states.append(state.type)

    def is_dead(self, store: Store | None) -> bool:
        """Return whether the flow run is taken for dead."""
        mark_dead_runs(cast(SyncPrefectClient, self), store)
        return self.states == [StateType.CRASHED]


@pytest.fixture
def kill() -> Callable[[Path], None]:
    """What takes a lease, and is killed."""

    def run(lease: Path) -> None:
        text = (
            f"import os, signal; from pathlib import Path; from {leases.__name__} import lease\n"
        )
        text += f"with lease(Path({str(lease)!r})): os.kill(os.getpid(), signal.SIGKILL)"
        assert subprocess.run([sys.executable, "-c", text], check=False).returncode == -9

    return run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a batch that has begun."""
    store = Store.create(tmp_path / ".tunesmith")
    store.put_batch(make_spec(BATCH))
    return store


def test_a_batch_that_nobody_runs_is_dead_and_one_with_a_lease_is_not(store: Store) -> None:
    server = Server(parameters={"home": str(store.home), "batch_id": BATCH})
    with store.lease(BATCH):
        assert not server.is_dead(store)
    assert server.is_dead(store)


def test_a_run_that_goes_on_with_its_batch_may_take_a_while_to_begin(
    store: Store, kill: Callable[[Path], None]
) -> None:
    asked = {"home": str(store.home), "batch_id": BATCH}
    kill(store.layout.lease(BATCH))
    now, late = datetime.now(UTC), datetime.now(UTC) - timedelta(seconds=2 * STARTING_S)
    retried: State[Any] = Running(timestamp=now)
    assert not Server(parameters=asked, state=retried).is_dead(store)
    kill(store.layout.lease(BATCH))  # the process that goes on with it
    assert Server(parameters=asked, state=retried).is_dead(store)
    store.layout.lease(BATCH).unlink()
    assert Server(parameters=asked, state=Running(timestamp=late)).is_dead(store)


def test_a_deployments_run_is_found_by_its_folder_and_its_tag(
    tmp_path: Path, store: Store
) -> None:
    tags = ["tunesmith", f"batch:{BATCH}"]
    asked = {"parameters": {"folder": str(tmp_path), "script": "train.py"}, "tags": tags}
    suspended = {**asked, "deployment_id": uuid4(), "state_type": StateType.PAUSED}
    assert Server(**asked).is_dead(store)
    assert Server(**asked).is_dead(None)
    assert not Server(**suspended).is_dead(store)


def test_a_flow_run_of_an_earlier_version_is_found_by_its_specification(store: Store) -> None:
    assert Server(parameters={"spec": {"id": BATCH, "home": str(store.home)}}).is_dead(store)


def test_a_batch_that_writes_its_report_is_not_dead(store: Store) -> None:
    asked = {"home": str(store.home), "batch_id": BATCH}
    store.put_end(BATCH, generation=0, reason="", stopped=time.time())
    assert not Server(parameters=asked).is_dead(store)
    store.put_batch(make_spec(BATCH, generation=1))  # a restart, which was killed
    assert Server(parameters=asked).is_dead(store)
    store.put_end(BATCH, generation=1, reason="", stopped=time.time() - 2 * REPORT_S)
    assert Server(parameters=asked).is_dead(store)


@pytest.mark.parametrize(
    "parameters",
    [
        {"home": "{home}", "batch_id": "b" * 32},
        {"home": "{home}/elsewhere", "batch_id": BATCH},
        {"folder": 5},
        {"spec": "no mapping"},
        {},
    ],
    ids=["another machine's", "another store's", "no folder", "no specification", "nothing"],
)
def test_what_is_not_known_here_is_left_alone(store: Store, parameters: dict[str, Any]) -> None:
    named = {
        name: value.format(home=store.home) if isinstance(value, str) else value
        for name, value in parameters.items()
    }
    assert not Server(parameters=named).is_dead(store)
    assert not Server(parameters=named).is_dead(None)
