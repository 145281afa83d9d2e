"""Which trials of a batch are forked from a warm server, and whether that works."""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tunesmith.batch import BatchSpec
from tunesmith.executor.child_process import ChildOutcome
from tunesmith.executor.child_request import ChildRequest
from tunesmith.executor.child_starter import Child, Starter, start_fresh
from tunesmith.executor.environment import is_of_trial
from tunesmith.executor.observer import Observer
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.warm_server import MARK_BYTES, ServerLostError, WarmPlan, WarmServer
from tunesmith.runner import WarmMode

MIN_FORKED = 2
"""Trials that must follow the first ones for a warm server to save time."""
LONG_S = 300.0
"""Seconds of a trial above which a warm start saves next to nothing."""
SLACK_S = 60.0
"""Seconds that the first warm trial may take beyond twice the time of a fresh one."""
HAS_FORK = (
    sys.platform.startswith("linux") and hasattr(os, "memfd_create") and hasattr(os, "pidfd_open")
)
"""Whether this system can fork trials safely and report their ends."""


class WarmStarts:
    """Chooses how each trial of a batch is started. Called from several threads.

    Except with ``--warm on``, trials are fresh, while the server starts, until one has completed.
    A warm trial that fails, or takes far longer, before any warm one has completed is repeated in
    a fresh process; if it completes there, the rest of the batch is fresh too.
    """

    def __init__(
        self,
        make_plan: Callable[[], WarmPlan],
        *,
        mode: WarmMode,
        stop: StopToken,
        observer: Observer,
        reaper: Reaper | None = None,
    ) -> None:
        """Prepare for a batch; the first trial's request starts the server.

        Args:
            make_plan: Returns what the server imports.
            mode: ``ON`` if every trial is to be warm, ``AUTO`` where it pays.
            stop: The batch's stop token.
            observer: Receives a note where trials are not started as asked.
            reaper: Ends the server if this process is killed.
        """
        self._make_plan = make_plan
        self._mode = mode
        self._stop = stop
        self._observer = observer
        self._reaper = reaper
        self._lock = threading.Lock()
        self._server: WarmServer | None = None
        self._is_off = False
        self._is_proven = mode is WarmMode.ON
        self._longest_s: float | None = None
        """The longest time of a fresh trial that has completed; None before one has."""

    def choose(self, request: ChildRequest) -> tuple[Starter, ChildRequest]:
        """Return how a trial is to be started, and its request; wait for the server if necessary.

        The time of a warm trial is limited until one has completed, since a fork may hang.
        """
        with self._lock:
            server = self._server = self._server or self._make_server(request)
        if self._is_off or not (self._mode is WarmMode.ON or self._is_worth_it()):
            return start_fresh, request
        if not server.wait(self._stop):
            if not self._stop.is_killing:
                self._give_up(server.obstacle)
            return start_fresh, request
        if not _fits(request, server):
            return start_fresh, request
        return _WarmStart(self, server), self._limited(request)

    def is_to_repeat(self, start: Starter, outcome: ChildOutcome) -> bool:
        """Note how a trial ended, and return whether it is to be repeated in a fresh process."""
        if not (isinstance(start, _WarmStart) and start.is_warm):
            self._note_fresh(outcome)
            return False
        if self._stop.is_draining:
            return False
        if outcome.is_lost:
            self.lose("so that the trial runs again")
            return True
        self._is_proven = self._is_proven or outcome.exit_code == 0
        return not self._is_proven

    def compare(self, number: int, warm: ChildOutcome, fresh: ChildOutcome) -> None:
        """Note how a trial ended when it was repeated in a fresh process."""
        self._note_fresh(fresh)
        if warm.is_lost:
            return
        if fresh.exit_code == 0:
            self._switch_off(
                f"trial {number} failed in a warm process and not in a fresh one: the batch goes "
                "on with fresh ones"
            )
        elif (warm.exit_code, warm.signal) == (fresh.exit_code, fresh.signal):
            self._is_proven = True  # it is the script that fails

    def lose(self, consequence: str) -> None:
        """Continue without the server, which has died."""
        self._switch_off(
            f"the warm server was lost, {consequence}: the batch goes on with fresh processes"
        )

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.close()

    def _note_fresh(self, outcome: ChildOutcome) -> None:
        if outcome.exit_code == 0:
            with self._lock:
                self._longest_s = max(outcome.seconds, self._longest_s or 0.0)

    def _is_worth_it(self) -> bool:
        return self._longest_s is not None and self._longest_s <= LONG_S

    def _limited(self, request: ChildRequest) -> ChildRequest:
        if self._is_proven or self._longest_s is None:
            return request
        limit_s = SLACK_S + 2 * self._longest_s
        return replace(request, timeout_s=min(limit_s, request.timeout_s or limit_s))

    def _make_server(self, request: ChildRequest) -> WarmServer:
        return WarmServer(
            self._make_plan(),
            python=request.argv[0],
            environment=_shared(request.environment),
            directory=request.directory,
            reaper=self._reaper,
        )

    def _give_up(self, obstacle: str) -> None:
        if self._mode is WarmMode.ON:
            self._switch_off(f"--warm on: {obstacle}, so that trials run in fresh processes")
        else:
            self._is_off = True

    def _switch_off(self, text: str) -> None:
        with self._lock:
            was_off, self._is_off = self._is_off, True
        if not was_off:
            self._observer.note(text)


@dataclass(slots=True)
class _WarmStart:
    """Starts one trial in a fork of the server; in a fresh process if the server is lost."""

    starts: WarmStarts
    server: WarmServer
    is_warm: bool = True

    def __call__(self, request: ChildRequest, writer: int) -> Child:
        """Start a child."""
        try:
            return self.server.start(request, writer)
        except ServerLostError:
            self.is_warm = False
            self.starts.lose("before the trial had started")
            return start_fresh(request, writer)


@contextmanager
def warm_starts(
    spec: BatchSpec,
    make_plan: Callable[[], WarmPlan],
    *,
    stop: StopToken,
    observer: Observer,
    reaper: Reaper,
    has_fork: bool = HAS_FORK,
) -> Iterator[WarmStarts | None]:
    """Yield what chooses the starts of a batch, if it is asked for or likely to pay; else None.

    Args:
        spec: The batch.
        make_plan: Returns what the server imports.
        stop: The batch's stop token.
        observer: Receives a note where trials are not started as asked.
        reaper: Ends the server if this process is killed.
        has_fork: Whether the system supports it.
    """
    mode, is_remote = spec.execution.warm, spec.execution.runner.is_remote
    n_forked = (spec.n_trials or 0) - spec.execution.jobs
    is_wanted = mode is WarmMode.ON or (mode is WarmMode.AUTO and n_forked >= MIN_FORKED)
    is_python = spec.program.is_python
    if not is_wanted or spec.is_single or is_remote or not has_fork or not is_python:
        if mode is WarmMode.ON and not spec.is_single:
            place = "workers elsewhere run" if is_remote else "this system can only run"
            place = place if is_python else "only a Python script can be forked: this program has"
            observer.note(f"--warm on: {place} trials in fresh processes")
        yield None
        return
    starts = WarmStarts(make_plan, mode=mode, stop=stop, observer=observer, reaper=reaper)
    try:
        yield starts
    finally:
        starts.close()


def _fits(request: ChildRequest, server: WarmServer) -> bool:
    """Return whether a trial's environment is the server's, except for the trial's own variables.

    The interpreter and the libraries read the rest when they start.
    """
    is_small = len(os.fsencode(request.marker)) < MARK_BYTES
    is_same = _shared(request.environment) == server.environment
    return is_small and is_same and not request.has_terminal_input


def _shared(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not is_of_trial(name)}
