"""Everything that the trials of one batch share while it runs."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import BinaryIO

from tunesmith.batch import BatchSpec
from tunesmith.executor.environment import BATCH_VARIABLE, share_cores
from tunesmith.executor.gpu_slots import Slots
from tunesmith.executor.interrupts import Interrupts
from tunesmith.executor.observing import Observer, SilentObserver
from tunesmith.executor.preload_plan import plan_warm
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stopping import StopToken
from tunesmith.executor.warm_starts import WarmStarts, warm_starts
from tunesmith.flags.values import Flags
from tunesmith.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the caller of a batch lends it: eyes, brakes, surroundings."""

    stop: StopToken = field(default_factory=StopToken)
    observer: Observer = field(default_factory=SilentObserver)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """The environment that trials inherit."""
    interrupts: Interrupts | None = None
    """Who receives the signals that ask to stop; None leaves them to the caller."""
    secrets: Flags = field(default_factory=dict, repr=False)
    """Values that are passed to the script and written nowhere (``BatchSpec.secrets``)."""
    echo: BinaryIO | None = None
    """Where the script's output goes besides the log; for a single run the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A batch at work: its specification, its store, and what guards its processes."""

    spec: BatchSpec
    store: Store
    session: Session
    reaper: Reaper | None
    slots: Slots
    warm: WarmStarts | None = None
    """Who chooses how trials are started; None where all are fresh."""


@contextmanager
def open_workplace(spec: BatchSpec, store: Store, session: Session) -> Iterator[Workplace]:
    """Hold the batch's lease, its reaper and its warm server while its trials run.

    Raises:
        LeaseHeldError: Another process runs this batch.
    """
    slots = Slots(spec.execution.gpus, per_gpu=spec.execution.per_gpu)
    session = replace(session, environment=share_cores(session.environment, spec.execution.jobs))
    marker = f"{BATCH_VARIABLE}={spec.id}"
    with (
        store.lease(spec.id),
        Reaper(marker=marker) as reaper,
        warm_starts(
            spec,
            partial(plan_warm, spec, store),
            stop=session.stop,
            observer=session.observer,
            reaper=reaper,
        ) as warm,
    ):
        yield Workplace(
            spec=spec, store=store, session=session, reaper=reaper, slots=slots, warm=warm
        )
