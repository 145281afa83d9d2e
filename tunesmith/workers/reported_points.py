"""The points of a trial that a worker runs, on their way to the driver, which decides on pruning.

Two files beside the trial's ticket: to one the worker appends the points, in the other one the
driver says that the trial is to stop.
"""

import json
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

from tunesmith.atomic_file import write_atomically
from tunesmith.batch import BatchSpec
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.trial_watch import (
    Decision,
    MeantTag,
    TrialPruning,
    TrialWatch,
    judged_objective,
)
from tunesmith.output.series import ScalarPoint
from tunesmith.pruning import Pruned
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord
from tunesmith.workers.tickets import Ticket

WRITE_EVERY_S = 0.1
"""Seconds between two writes of a trial that prints much; other points are written at once."""
LOOK_EVERY_S = 0.2
"""Seconds between two looks for the driver's decision."""


class SendingPruning:
    """The pruning of one ticket in the worker: its points are sent, and the driver decides."""

    def __init__(self, spec: BatchSpec, ticket: Ticket) -> None:
        self._spec, self._ticket = spec, ticket
        self._watch: _SendingWatch | None = None

    def load(self, store: Store, records: Iterable[TrialRecord]) -> None:
        """Do nothing: the driver keeps what has ended."""

    def watch(self, planned: PlannedTrial, stop: StopToken) -> "_SendingWatch":
        """Return what follows an attempt of the trial, and kills its token once it is to stop."""
        self.close()
        self._watch = _SendingWatch(self._spec, self._ticket, stop)
        return self._watch

    def add(self, record: TrialRecord) -> None:
        """Do nothing: the driver keeps what has ended."""

    def finalists(self) -> tuple[int, ...]:
        """Return none: the driver knows them."""
        return ()

    def close(self) -> None:
        """Send what has not been sent yet."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None


@contextmanager
def sending(spec: BatchSpec, ticket: Ticket) -> Iterator[SendingPruning | None]:
    """Yield the pruning of a ticket; None where the batch is not pruned."""
    if spec.pruning is None:
        yield None
        return
    pruning = SendingPruning(spec, ticket)
    try:
        yield pruning
    finally:
        pruning.close()


class _SendingWatch:
    """Follows one attempt: sends its points, and learns from the driver that it is to stop."""

    def __init__(self, spec: BatchSpec, ticket: Ticket, stop: StopToken) -> None:
        self.decision: Decision | None = None
        judged = judged_objective(spec.objective, spec.pruning).column.tag
        self._judged, self._objective = MeantTag(judged), MeantTag(spec.objective.column.tag)
        self._ticket, self._stop = ticket, stop
        self._unwritten: list[str] = [_NEW_ATTEMPT]
        self._written_at = float("-inf")
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="points", daemon=True)
        self._thread.start()

    @property
    def tag(self) -> str:
        """The tag whose points are judged; empty as long as none has been reported."""
        return self._judged.tag

    def take(self, point: ScalarPoint) -> None:
        """Take a point that the trial has just reported."""
        is_judged = self._judged.may_be(point.tag)
        if not (self._objective.may_be(point.tag) or is_judged):
            return
        with self._lock:
            self._unwritten.append(json.dumps([point.tag, point.value, point.step, point.total]))
            if time.monotonic() - self._written_at >= WRITE_EVERY_S:
                self._write()

    def close(self) -> None:
        """Send what has not been sent yet."""
        self._done.set()
        self._thread.join()
        with self._lock:
            self._write()

    def _keep(self) -> None:
        while not self._done.wait(LOOK_EVERY_S):
            with self._lock:
                self._write()
            if self.decision is None and (told := _read_decision(self._ticket)) is not None:
                self.decision = told
                self._stop.kill(told.reason)

    def _write(self) -> None:
        """Append what has come; the lock is held."""
        text = "".join(f"{line}\n" for line in self._unwritten)
        with suppress(OSError), self._ticket.points.open("a", encoding="utf-8") as file:
            file.write(text)
            self._unwritten.clear()
        self._written_at = time.monotonic()


@dataclass(slots=True)
class ReceivedPoints:
    """The points of one sending of a trial, in the driver: judged, and the worker told."""

    pruning: TrialPruning
    planned: PlannedTrial
    ticket: Ticket
    stop: StopToken
    _watch: TrialWatch | None = None
    _n_read: int = 0
    _is_told: bool = False

    def look(self) -> None:
        """Take what has come since the last look, and tell the worker if the trial is to stop."""
        for line in self._new_lines():
            if line == _NEW_ATTEMPT:
                self._watch, self._is_told = self.pruning.watch(self.planned, self.stop), False
            elif self._watch is not None and (point := _read_point(line)) is not None:
                self._watch.take(point)
        decision = None if self._watch is None else self._watch.decision
        if decision is not None and not self._is_told:
            with suppress(OSError):  # the next look tries again
                text = json.dumps(asdict(decision))
                write_atomically(self.ticket.decision, text.encode(), mode=0o600)
                self._is_told = True

    def _new_lines(self) -> list[str]:
        """Return the whole lines that have been appended."""
        try:
            with self.ticket.points.open("rb") as file:
                file.seek(self._n_read)
                data = file.read()
        except OSError:  # nothing was reported yet, or it is out of reach just now
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._n_read += len(whole)
        return whole.decode(errors="replace").splitlines()


_NEW_ATTEMPT = "null"
"""The line that stands before the points of an attempt."""


def _read_point(line: str) -> ScalarPoint | None:
    with suppress(ValueError, TypeError):
        tag, value, step, total = json.loads(line)
        return ScalarPoint(tag=str(tag), step=int(step), value=float(value), total=int(total))
    return None


def _read_decision(ticket: Ticket) -> Decision | None:
    """Return what the driver has decided; None as long as the trial may run."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        plain = json.loads(ticket.decision.read_bytes())
        pruned = dict(plain["pruned"])
        pruned["among"] = tuple(pruned["among"])
        horizon, reason = int(plain["horizon"]), str(plain["reason"])
        return Decision(pruned=Pruned(**pruned), reason=reason, horizon=horizon)
    return None
