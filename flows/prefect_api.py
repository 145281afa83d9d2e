"""Requests of a batch to the Prefect server besides running tasks: tags, dead runs, draining."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.context import FlowRunContext, SettingsContext, get_settings_context
from prefect.exceptions import Abort, PrefectException
from prefect.results import (  # type: ignore[attr-defined]  # the record's own module is private
    ResultRecord,
    should_persist_result,
)
from prefect.runtime import flow_run
from prefect.states import Crashed

from tunesmith.batch import BatchSpec
from tunesmith.errors import ServerError, SpecificationError, StoreAccessError, StoreError
from tunesmith.query.cells import count
from tunesmith.server.flow_run_page import BATCH_TAG
from tunesmith.storage.files.home import find_home
from tunesmith.storage.files.leases import find_abandoned
from tunesmith.storage.store import Store
from tunesmith.tasks.retrying_client import retrying_client
from tunesmith.trial import short_id

DRAIN_TIMEOUT_S = 10.0
TAG = "tunesmith"
REPORT_S = 600.0
"""Seconds after the end of its trials in which a batch without a process still counts as alive:
its report is written then, without the lease."""
STARTING_S = 60.0
"""Seconds that the process of a flow run may take until it holds the lease of its batch."""

UNREACHABLE = (httpx.HTTPError, PrefectException)
"""What Prefect's client raises if the server is unavailable or refuses a request."""

_log = logging.getLogger(__name__)


def data_of(state: State[Any]) -> Any:
    """Return what a state of this process carries: a value, an exception, or None.

    ``State.result`` gives a coroutine instead within a running event loop, and within an async
    flow or task of the caller's, although the flow and the tasks here are none.
    """
    return state.data.result if isinstance(state.data, ResultRecord) else state.data


@contextmanager
def in_background(
    work: Callable[[threading.Event], None], *, name: str, patience_s: float | None = None
) -> Iterator[None]:
    """Do what asks the server in a thread of its own, while the body runs.

    Args:
        work: It returns soon after the event that it gets is set.
        name: Name of the thread.
        patience_s: How long its end is waited for; None for however long it takes.
    """
    ours, done = get_settings_context(), threading.Event()

    def with_settings() -> None:
        # a new thread knows none of them: it would start one of Prefect's temporary servers
        with SettingsContext(profile=ours.profile, settings=ours.settings):
            work(done)

    thread = threading.Thread(target=with_settings, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(patience_s)


def current_run() -> FlowRun | None:
    """Return the flow run that runs here; None outside of any."""
    context = FlowRunContext.get()
    return None if context is None else context.flow_run


def quiet_end(message: str) -> Abort | None:
    """Return the data of a state in which a flow run ends without a result.

    Prefect raises it, or, where there is none, an error with the state's message. A worker would
    log that error as unexpected, with its traceback, after it has logged the state. Where results
    are kept there is none, since others read them.

    Args:
        message: Why there is no result.
    """
    run = current_run()
    is_on_worker = run is not None and run.deployment_id is not None
    return Abort(message) if is_on_worker and not should_persist_result() else None


def tag_flow_run(spec: BatchSpec, store: Store, *, name: str) -> None:
    """Name and tag the flow run, so that it and its batch lead to each other.

    Only the flow run is tagged: tags of a flow's context are also set on its tasks, each of which
    costs a request.
    """
    tags = [TAG, f"{BATCH_TAG}{spec.id}", f"operation:{spec.operation}", *spec.tags]
    if spec.optimizer is not None:
        tags.append(f"optimizer:{spec.optimizer.name}")
    if spec.label:
        tags.append(f"label:{spec.label}")
    if (run_id := flow_run.id) is None:
        return
    with retrying_client() as client:
        client.update_flow_run(UUID(run_id), name=name, tags=tags)
        mark_dead_runs(client, store)


def mark_dead_runs(client: SyncPrefectClient, store: Store | None = None) -> None:
    """Set flow runs to Crashed that are in progress although their process has died.

    The server itself does not, and the run of a deployment keeps the next ones waiting. Only runs
    are checked whose batch is in a store of this machine, where its lease can be read.

    Args:
        client: Prefect's client.
        store: Whose runs are checked; None for those of every store.
    """
    in_progress = ["RUNNING", "CANCELLING", "PAUSED"]
    running = FlowRunFilter.model_validate(
        {"tags": {"all_": [TAG]}, "state": {"type": {"any_": in_progress}}}
    )
    for run in client.read_flow_runs(flow_run_filter=running, limit=50):
        # a suspended run of a deployment has no process until it is resumed
        is_suspended = run.deployment_id is not None and run.state_type is StateType.PAUSED
        if str(run.id) != flow_run.id and not is_suspended and _is_dead(run, store):
            state: State[None] = Crashed(
                message="the process died without reporting a final state"
            )
            client.set_flow_run_state(run.id, state, force=True)


def _is_dead(run: FlowRun, among: Store | None) -> bool:
    """Return whether a flow run has a batch in a store here, the given one or any, and no process.

    Who has set the parameters of a flow run is unknown.
    """
    tagged = [tag.removeprefix(BATCH_TAG) for tag in run.tags if tag.startswith(BATCH_TAG)]
    try:
        home, batch_id = _named_batch(run.parameters)
        if among is not None and home != among.home:
            return False
        store, batch_id = Store.open(home), tagged[0] if tagged else batch_id
        if batch_id not in store.batch_ids() or store.is_alive(batch_id):
            return False
        if _is_starting(run, since=find_abandoned(store.layout.lease(batch_id))):
            return False
        end = store.end(batch_id)
        return end is None or time.time() - end.stopped > REPORT_S
    except (StoreError, AttributeError, KeyError, TypeError, ValueError):
        return False


def _is_starting(run: FlowRun, *, since: float | None) -> bool:
    """Return whether a flow run goes on with a batch, whose lease it does not hold yet.

    Args:
        run: The flow run.
        since: When a process took the lease that was killed; None without one.
    """
    if run.state is None or not run.state.is_running():
        return False
    began = run.state.timestamp.timestamp()
    return (since or 0.0) < began and time.time() - began < STARTING_S


def _named_batch(given: Mapping[str, Any]) -> tuple[Path, str]:
    """Return the store's folder and the batch that the parameters of a flow run name.

    The form of a deployment names no batch, and earlier versions gave a specification.
    """
    if folder := given.get("folder"):
        return find_home(Path(folder), explicit=given.get("home"), environ={}), ""
    spec = given.get("spec") or {}
    return Path(given.get("home") or spec["home"]), given.get("batch_id") or spec["id"]


def drain(run_id: UUID, *, n_expected: int) -> None:
    """Wait until the server has recorded the end of a flow run's task runs, for at most 10 s.

    No result is lost with them, since the store is the record: an unavailable server is no error.

    Args:
        run_id: The flow run.
        n_expected: How many task runs it had.
    """
    terminal = {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CANCELLED", "CRASHED"]}}}
    query = {"task_runs": terminal, "flow_runs": {"id": {"any_": [str(run_id)]}}}
    deadline = time.monotonic() + DRAIN_TIMEOUT_S
    with retrying_client() as client:
        while time.monotonic() < deadline:
            try:
                answer = client.request("POST", "/task_runs/count", json=query)
            except UNREACHABLE as error:
                _log.debug("the server was not drained: %s", error)
                return
            if answer.json() >= n_expected:
                return
            time.sleep(0.05)


def server_lost(spec: BatchSpec, store: Store, error: BaseException) -> ServerError:
    """Return the error of a batch whose Prefect server failed: why, what is kept, how to go on."""
    if isinstance(error, httpx.HTTPStatusError):
        why = f"it answered {error.response.status_code} {error.response.reason_phrase}"
    else:
        why = type(error).__name__
    if _has_begun(spec, store):
        then = f"every finished trial is kept; go on with tunesmith run --restart {spec.id[:8]}"
    else:
        then = "nothing has run; once it answers (see tunesmith server status), run it again"
    return ServerError(f"the Prefect server failed ({why}): {then}")


def _has_begun(spec: BatchSpec, store: Store) -> bool:
    """Return whether the store has a batch, so that it can be gone on with."""
    try:
        return spec.id in store.batch_ids()
    except StoreError:
        return True  # nobody knows


def check_sendable(*folders: str) -> None:
    """Check, before anything runs, that folders can be sent as JSON.

    Raises:
        SpecificationError: The name of a folder is not UTF-8.
    """
    for folder in folders:
        try:
            folder.encode()
        except UnicodeEncodeError as error:
            shown = folder.encode(errors="surrogateescape").decode(errors="backslashreplace")
            raise SpecificationError(
                f"the name of the folder '{shown}' is not UTF-8, which Prefect requires: "
                "rename it, or run the batch in a copy of it"
            ) from error


def store_lost(spec: BatchSpec, store: Store, error: StoreAccessError) -> StoreAccessError:
    """Return the error of a batch whose store failed: why, what is safe, how to continue."""
    try:
        if spec.id not in store.batch_ids():  # it never began
            return error
        n_safe = len(store.records(spec.id).records)
    except StoreError:
        kept = "every finished trial is kept"
    else:
        kept = f"{n_safe} of {count(spec.n_trials or 0, 'trial')} safe"
    return StoreAccessError(
        f"{error}; {kept}: go on with tunesmith run --restart {short_id(spec.id)}"
    )
