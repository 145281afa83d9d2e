"""The flow of a scheduled sweep: it is asked for in words, and every firing is a batch.

Prefect shows the parameters as a form, and keeps them with a deployment.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.runtime import deployment, flow_run
from prefect.states import Failed

from tunesmith.batch import BatchSpec
from tunesmith.errors import ServerError, SpecificationError, TunesmithError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.interrupts import Interrupts
from tunesmith.executor.stop_token import StopToken
from tunesmith.flows.batch import run_within_flow, to_state
from tunesmith.flows.firing import check_arguments, check_firing
from tunesmith.flows.form import read_form, with_form
from tunesmith.flows.prefect_api import UNREACHABLE, current_run, quiet_end
from tunesmith.identity import id_of
from tunesmith.request.change import change, n_to_run, resume
from tunesmith.request.new import new, with_source
from tunesmith.request.script_of_request import read_script
from tunesmith.request.specification import doubts
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.search.registry import is_sequential
from tunesmith.server.client_environment import trial_environment
from tunesmith.storage.files.deployed_files import find_kept
from tunesmith.storage.files.home import find_home
from tunesmith.storage.store import Store
from tunesmith.sweeps.opening import resolve
from tunesmith.tasks.retrying_client import retrying_client

DEPLOYMENT_TAG = "deployment:"
"""What the tag of a batch begins with that a deployment has started."""

ALIVE_POLL_S = 0.2
"""How often a run that was resumed looks whether its earlier process has ended."""


def sweep_name() -> str:
    """Return the name that the interface shows: ``1933bdcb train.py+gp x=[-2.0:2.0]``."""
    parameters = flow_run.parameters
    script = Path(str(parameters.get("script") or "script")).name
    optimizer = parameters.get("optimizer") or ""
    words = [batch_id()[:8], f"{script}+{optimizer}", *map(str, parameters.get("flags") or ())]
    text = " ".join(words)
    return text if len(text) <= 120 else text[:119] + "…"


def batch_id() -> str:
    """Return the id of this flow run's batch: a retry of the flow run goes on with it."""
    return id_of(str(flow_run.id))


@flow(name="sweep", flow_run_name=sweep_name)  # whether results are kept, its worker says
@with_form
def sweep(script: str, folder: str, **others: Any) -> State[dict[str, str]]:
    """Run a script many times with different flags, and keep what comes of it.

    A mistake in the parameters is told as on the command line, in the state's message.
    """
    try:
        context = _context({"script": script, "folder": folder, **others})
    except TunesmithError as error:
        return Failed(message=str(error), data=quiet_end(str(error)))
    return to_state(run_within_flow(context), context.spec)


def _context(given: Mapping[str, Any]) -> BatchContext:
    """Return what a run of the flow is to do, by its parameters.

    Raises:
        TunesmithError: A parameter does not fit, or is one that a firing must not change.
    """
    _check_firing(given)
    home = find_home(Path(given["folder"]), explicit=given.get("home"), environ={})
    store = Store.create(home)
    kept = [find_kept(store.layout, name) for name in given.get("batch_files") or ()]
    request = read_form(given, tags=_tags(), files=tuple(map(str, kept)))
    resolved = resolve(request, environ=os.environ, said_at="deployment")
    for note in resolved.notes:
        get_run_logger().info(note)
    request = resolved.request
    spec = _specification(request, store, goes_on=bool(given.get("go_on_with_last")))
    stop = StopToken()
    return BatchContext(
        spec=spec,
        store=store,
        stop=stop,
        interrupts=Interrupts(stop),
        environment=trial_environment(os.environ),
    )


def _check_firing(given: Mapping[str, Any]) -> None:
    """Check that the firing of a deployment asks for nothing that it may not.

    Raises:
        TunesmithError: It does, or the server does not say what the deployment was made with.
    """
    check_arguments(given.get("flags") or ())
    found = deployment.id
    if not found:
        return  # a program's own call
    try:
        with retrying_client() as client:
            made_with = client.read_deployment(UUID(str(found))).parameters
    except ObjectNotFound as error:
        raise SpecificationError(
            "the deployment was deleted before this run of it began: make it again with tunesmith "
            "deploy"
        ) from error
    except UNREACHABLE as error:
        raise ServerError(f"what the deployment was made with cannot be read: {error}") from error
    check_firing(given, made_with)


def _tags() -> tuple[str, ...]:
    name: Any = deployment.name
    return (deployment_tag(name),) if name else ()


def deployment_tag(name: str) -> str:
    """Return the tag of a deployment's batches; what a tag cannot have is written as in a URL."""
    fits = (one if one.isprintable() and one not in " ,%" else quote(one) for one in name)
    return f"{DEPLOYMENT_TAG}{''.join(fits)}"


def _specification(request: SweepRequest, store: Store, *, goes_on: bool) -> BatchSpec:
    """Return what this flow run is to do: go on with a batch, or begin one.

    Raises:
        TunesmithError: The words do not fit.
    """
    earlier = _batch_to_go_on_with(store, request, goes_on=goes_on)
    if earlier is not None:
        return earlier
    script = read_script(request, store.home)
    spec = new(request, script, store.home)
    if spec.is_single:  # a schedule of one run is a grid of one point
        spec = new(replace(request, optimizer="grid"), script, store.home)
    tell = get_run_logger().warning
    for line in doubts(spec):
        tell(line)
    return with_source(replace(spec, id=batch_id()), store, tell=tell)


def _batch_to_go_on_with(
    store: Store, request: SweepRequest, *, goes_on: bool
) -> BatchSpec | None:
    """Return the next generation of a batch that is there; None to begin one."""
    batch = batch_id()
    is_retry = batch in store.batch_ids()
    if not is_retry:
        found = _last_batch(store, _tags()) if goes_on else None
        if found is None:
            return None
        batch = found
    if store.imported_from(batch) is not None:
        raise SpecificationError(
            f"batch {batch[:8]} was imported from an archive: whoever means to run its code goes "
            f"on with tunesmith run --restart {batch[:8]}"
        )
    is_resumed = _is_resumed()
    if is_resumed:
        _wait_for_end(store, batch)
    earlier, planned = store.batch(batch), store.plan(batch)
    _check_script(earlier, request)
    records = store.records(batch).records
    n_missing = (earlier.n_trials or 0) - len(records)
    if is_resumed and (is_retry or n_missing > 0):
        return resume(earlier, records, now=time.time())
    more = None if is_retry or n_missing > 0 else request.max_trials or earlier.n_first_trials
    files = None if request.files == (earlier.files or None) else request.files
    request = replace(request, files=files)  # the rows that the batch has are no change
    asked = replace(SweepRequest() if is_retry else request, max_trials=more or None)
    spec = change(earlier, asked, planned=planned, records=records, now=time.time())
    if is_retry and n_missing <= 0 and is_sequential(earlier.optimizer):
        spec = replace(spec, n_trials=earlier.n_trials)  # all there: a retry adds nothing
    n_more = n_to_run(spec, planned, records)
    return spec if n_more or is_retry else None


def _check_script(earlier: BatchSpec, request: SweepRequest) -> None:
    """Check that the batch to go on with runs the script that is asked for.

    Raises:
        SpecificationError: It runs another one.
    """
    asked, folder = Path(request.script or ""), request.folder or Path()
    script = Path(earlier.script)
    if asked != script and (folder / asked).resolve() != Path(earlier.project) / script:
        raise SpecificationError(
            f"script is {str(asked)!r}, and the last batch of the deployment runs "
            f"{earlier.script!r}: a batch keeps its script; start a new batch without "
            "go_on_with_last"
        )


def _is_resumed() -> bool:
    """Return whether the flow run was suspended, and not one that has ended and is tried again."""
    run = current_run()
    return run is not None and bool(run.empirical_policy.resuming)


def _wait_for_end(store: Store, batch: str) -> None:
    """Wait for the process that was suspended, which lets the trials that run finish."""
    while store.is_alive(batch):
        time.sleep(ALIVE_POLL_S)


def _last_batch(store: Store, tags: tuple[str, ...]) -> str | None:
    """Return the latest batch of this deployment; None without one.

    An archive may have any tag in it: what was imported is no batch of a deployment.
    """
    wanted = set(tags)
    for run in store.list_runs().runs:
        is_ours = run.is_batch and not run.is_deleted and wanted and wanted <= set(run.tags)
        if is_ours and store.imported_from(run.id) is None:
            return run.id
    return None
