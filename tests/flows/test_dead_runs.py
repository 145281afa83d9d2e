"""Which flow runs are taken for dead; no server is asked."""

import time
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, StateType

from tests.batches import make_spec
from tunesmith.flows.prefect_api import REPORT_S, mark_dead_runs
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
