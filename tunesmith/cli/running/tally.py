"""The state of a running batch: its running and finished trials, and the best one."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from tunesmith.batch import BatchSpec
from tunesmith.durations import format_duration
from tunesmith.flags.display import format_point
from tunesmith.flags.values import Flags
from tunesmith.ranking import Front, best_after, is_new_best, stands_for
from tunesmith.scalar_names import meant_tag
from tunesmith.storage.files.layout import Layout
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus


@dataclass(slots=True)
class RunningTrial:
    """A running trial, and the latest value of its objective."""

    planned: PlannedTrial
    run_id: str
    began: float
    """When it started, in seconds of the monotonic clock."""
    value: float | None = None


@dataclass(slots=True)
class Tally:
    """The state of a running batch; the trials' threads write it, and the display reads it."""

    spec: BatchSpec
    layout: Layout
    n_total: int
    """How many trials this command runs."""
    began: float | None = None
    """When the first trial was proposed or started, in seconds of the monotonic clock."""
    ended: float | None = None
    """When the trials had ended, by the same clock."""
    running: dict[int, RunningTrial] = field(default_factory=dict)
    finished: list[TrialRecord] = field(default_factory=list)
    best: TrialRecord | None = None
    earlier: Sequence[TrialRecord] = ()
    """With repeats the trials of earlier sittings, whose candidates may get more runs."""
    front: list[TrialRecord] = field(default_factory=list)
    """With several objectives the trials that no other one beats."""
    reported: set[str] = field(default_factory=set)
    """The tags that trials have reported so far."""
    phase: str = "starting"
    """What the batch does besides running trials, such as ``proposing``; empty for nothing."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def propose(self) -> None:
        """Record that the next trials are being chosen."""
        with self.lock:
            self._begin("proposing")

    def change(self, spec: BatchSpec, n_more: int) -> None:
        """Take another specification, and how many trials more it runs."""
        with self.lock:
            self.spec, self.n_total = spec, self.n_total + n_more

    def end(self, phase: str) -> None:
        """Record that the trials have ended, and what is done now."""
        with self.lock:
            self.phase, self.ended = phase, time.monotonic()

    def _begin(self, phase: str) -> None:
        self.began, self.phase = self.began or time.monotonic(), phase

    @property
    def elapsed_s(self) -> float:
        """The seconds for which the trials have run: what the summary and the list show, too."""
        if self.began is None:
            return 0.0
        return (self.ended or time.monotonic()) - self.began

    @property
    def state(self) -> str:
        """What happens now, as ``1 running, proposing`` or ``writing the report 3.1s``."""
        running = f"{len(self.running)} running" if self.running or not self.phase else ""
        after = "" if self.ended is None else format_duration(time.monotonic() - self.ended)
        return ", ".join(filter(None, [running, f"{self.phase} {after}".strip()]))

    def start(self, planned: PlannedTrial, run_id: str) -> None:
        """Record the start of a trial."""
        with self.lock:
            self._begin("")
            # one that was pruned may run once more, to its end: it is not counted twice
            self.finished = [one for one in self.finished if one.number != planned.number]
            self.running[planned.number] = RunningTrial(planned, run_id, time.monotonic())

    def report(self, number: int, tag: str, value: float) -> None:
        """Record a scalar of a running trial, if it is the objective."""
        self.reported.add(tag)
        if meant_tag(self.spec.objective.column.tag, self.reported) != tag:
            return
        with self.lock:
            if (running := self.running.get(number)) is not None:
                running.value = value

    def finish(self, record: TrialRecord) -> bool:
        """Record a finished trial, and return whether it is the best so far, or on the front."""
        with self.lock:
            self.running.pop(record.number, None)
            self.finished.append(record)
            before = self.best
            ended = chain(self.earlier, self.finished)  # read with repeats alone
            self.best = best_after(self.spec, record, before, ended)
            is_new = is_new_best(self.best, before)
            return self._joins_front(record) if self.spec.more_objectives else is_new

    def _joins_front(self, record: TrialRecord) -> bool:
        """Return whether no trial so far is as good in all objectives."""
        if self.spec.repeats is None:
            self.front = list(Front.of(self.spec, [*self.front, record]).trials)
        else:
            self.front = list(Front.of(self.spec, [*self.earlier, *self.finished]).trials)
        return self._is_on_front(record)

    def _is_on_front(self, record: TrialRecord) -> bool:
        return any(stands_for(one, record) for one in self.front)

    def mark(self, record: TrialRecord) -> str:
        """Return how a finished trial is marked: as the best so far, or as one of the front."""
        if self.spec.more_objectives:
            return "front" if self._is_on_front(record) else ""
        return "best" if stands_for(self.best, record) else ""

    @property
    def n_failed(self) -> int:
        """The number of finished trials that failed or were ended; a pruned one has not failed."""
        return sum(record.status.is_failed for record in self.finished)

    @property
    def n_pruned(self) -> int:
        """The number of finished trials that were stopped early."""
        return sum(record.status is TrialStatus.PRUNED for record in self.finished)

    @property
    def left_s(self) -> float | None:
        """The estimated remaining time in seconds, by the median trial; None before the first."""
        if not self.finished:
            return None
        times = sorted(record.seconds for record in self.finished)
        n_left = max(0, self.n_total - len(self.finished))
        return times[len(times) // 2] * n_left / max(1, self.spec.execution.jobs)

    def varied(self, flags: Flags) -> str:
        """Return the flags that differ between trials, as text."""
        return format_point(self.spec.varied(flags))
