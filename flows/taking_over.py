"""What follows when a later generation takes over while a batch runs."""

import time
from dataclasses import replace

from tunesmith.batch import BatchSpec
from tunesmith.executor.batch_context import BatchContext
from tunesmith.request.first_points import is_grid
from tunesmith.search.first import FIRST
from tunesmith.search.space import SearchSpace
from tunesmith.storage.records.batches import CHANGED
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial


def find_later(store: Store, spec: BatchSpec) -> BatchSpec | None:
    """Return the generation with which a batch goes on from now; None where there is no later one.

    One that was written while no process ran the batch has its end already, which counts. It is
    written again, as the next one.
    """
    later = store.later(spec)
    if later is None or store.end(spec.id) is None:
        return later
    again = replace(later, generation=later.generation + 1)
    return again if store.add_generation(again) else None  # else the next look finds it


def note_changes(context: BatchContext, later: BatchSpec, *, seconds: float) -> None:
    """Note the end of the generations up to the one that takes over.

    Args:
        context: The batch as it was.
        later: The generation that takes over.
        seconds: How long the batch has run by now.
    """
    before = context.spec
    for generation in range(before.generation, later.generation):
        own, job_time = context.idle.note(seconds, jobs=before.execution.jobs)
        context.store.put_end(
            before.id,
            generation=generation,
            reason=CHANGED,
            stopped=time.time(),
            seconds=own,
            job_time=job_time,
        )


def is_outdated(context: BatchContext, before: BatchSpec, planned: PlannedTrial) -> bool:
    """Return whether a trial that waits is not proposed any more, since the space is another one.

    A trial of a grid stays where the grid still has it. One that has run before, or was asked for,
    stays in any case.

    Args:
        context: The batch as it goes on.
        before: Its specification before.
        planned: The trial.
    """
    spec = context.spec
    is_same = (spec.settings, spec.where) == (before.settings, before.where)
    if is_same or planned.origin == FIRST or planned.number in context.trials.records:
        return False
    if context.store.start(spec.id, planned.number) is not None:
        return False
    return not is_grid(spec) or not SearchSpace.of(spec).contains(planned.flags)
