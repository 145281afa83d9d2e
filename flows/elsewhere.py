"""Which workers run a batch's trials, where it is not the command itself."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import WorkerError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.runner import Runner, RunnerKind
from tunesmith.workers import dask_transport
from tunesmith.workers.dispatch import dispatching
from tunesmith.workers.store_transport import StoreTransport
from tunesmith.workers.transport import Transport


@contextmanager
def reached_workers(context: BatchContext) -> Iterator[BatchContext]:
    """Connect to what brings trials to workers, unless this process runs them.

    The context that comes back says how workers are reached, and how many trials run at once.

    Raises:
        WorkerError: Nobody answers, or a trial takes more than any worker has.
    """
    spec = context.spec
    with _connection(spec.execution.runner, context.store.home) as transport:
        if transport is None:
            yield context
            return
        dispatch = partial(dispatching, transport=transport)
        yield replace(context, spec=_with_jobs(spec, transport), dispatch=dispatch)


def _connection(runner: Runner, home: Path) -> AbstractContextManager[Transport | None]:
    if runner.kind is RunnerKind.DASK:
        return dask_transport.connect(runner)
    if runner.kind is RunnerKind.PREFECT:
        return nullcontext(StoreTransport(home))
    return nullcontext()


def _with_jobs(spec: BatchSpec, transport: Transport) -> BatchSpec:
    if spec.execution.jobs:
        return spec
    capacity = transport.capacity()
    if not capacity:
        raise WorkerError(
            f"no worker is there that could run a trial: {transport.hint}; or say with --jobs how "
            "many trials are to wait for workers"
        )
    return replace(spec, execution=replace(spec.execution, jobs=capacity))
