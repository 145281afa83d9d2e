"""Connecting a batch to the workers that run its trials."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from tunesmith.batch import BatchSpec
from tunesmith.errors import WorkerError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.workers.dispatch import dispatching
from tunesmith.workers.transport import Transport


@contextmanager
def connected(context: BatchContext) -> Iterator[BatchContext]:
    """Connect a batch to its workers, unless this process runs the trials.

    The context that comes back says how workers are reached, and how many trials run at once.

    Raises:
        SpecificationError: Its runner is not installed here.
        WorkerError: Nobody answers, or a trial takes more than any worker has.
    """
    spec = context.spec
    if not spec.execution.runner.is_remote:
        yield context
        return
    with spec.execution.runner.load().connect(context.store.home) as transport:
        dispatch = partial(dispatching, transport=transport)
        yield replace(context, spec=_with_jobs(spec, transport), dispatch=dispatch)


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
