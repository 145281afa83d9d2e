"""A batch that goes on in another way: the next generation, for whoever runs it."""

import time
from contextlib import ExitStack
from dataclasses import dataclass

from tunesmith.batch import BatchSpec
from tunesmith.errors import LeaseHeldError
from tunesmith.request.steer import steer
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.steering.suggesting import searching
from tunesmith.storage.records.batches import CHANGED
from tunesmith.storage.store import Store

N_TRIES = 20
"""Generations of other commands that may come first before this one gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What came of a change."""

    before: BatchSpec
    spec: BatchSpec
    is_running: bool
    """Whether a process runs the batch, which goes on in the new way within seconds."""


def change_batch(store: Store, batch: str, request: SweepRequest) -> Changed:
    """Write the next generation of a batch, durably, whether or not a process runs it.

    A process that runs the batch takes it over; else a restart does.

    Args:
        store: The store of the batch.
        batch: The batch's id.
        request: What is to be changed.

    Raises:
        FlagError: A flag is unknown, or a value does not fit.
        SpecificationError: An option cannot change, or not while the batch runs.
        LeaseHeldError: Other commands change the batch all the time.
        NotFoundError: There is no such batch.
    """
    for _ in range(N_TRIES):
        with ExitStack() as guards:
            is_running = not _is_held(store, batch, guards)
            changed = _changed(store, batch, request, is_running=is_running)
            if not store.add_generation(changed.spec):
                continue  # another command was quicker
            if not is_running:
                now, generation = time.time(), changed.spec.generation
                store.put_end(
                    batch, generation=generation, reason=CHANGED, stopped=now, seconds=0.0
                )
            return changed
    raise LeaseHeldError(f"batch {batch[:8]} is changed by other commands all the time: try again")


def _is_held(store: Store, batch: str, guards: ExitStack) -> bool:
    """Return whether this process holds the batch now; else a process runs it."""
    try:
        guards.enter_context(store.hold(batch))
    except LeaseHeldError:
        return False
    return True


def _changed(store: Store, batch: str, request: SweepRequest, *, is_running: bool) -> Changed:
    before = searching(store, batch)
    records, planned = store.records(batch).records, store.plan(batch)
    end = store.end(batch)
    done = {record.number for record in records}
    open_numbers = (one.number for one in planned if one.number not in done)
    spec = steer(
        before,
        request,
        planned=planned,
        unbegun={number for number in open_numbers if store.start(batch, number) is None},
        records=records,
        now=time.time(),
        is_running=is_running,
        ended=end.reason if end is not None else "",
    )
    return Changed(before=before, spec=spec, is_running=is_running)
