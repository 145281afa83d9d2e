"""One child process: start it, read its output, end it in time."""

import os
import selectors
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from tunesmith.executor.child_exit import Exit
from tunesmith.executor.child_request import ChildRequest
from tunesmith.executor.child_starter import Child, Starter, start_fresh
from tunesmith.executor.line_splitter import LineSplitter, OnText, ignore
from tunesmith.executor.output_log import OutputLog
from tunesmith.executor.process_groups import signal_group, signal_marked
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stop_token import StopToken
from tunesmith.regular_file import open_regular

CHUNK_BYTES = 64 * 1024
MAX_PEAK_BYTES = 32
POLL_S = 0.02
"""Seconds between two checks for a child's end where the system cannot report it."""
OUT_OF_MEMORY = (
    "killed by signal 9, which Tunesmith did not send: the machine may be out of memory"
)
LOST = "the warm server that started it was killed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOutcome:
    """How a child ended. ``started`` and ``stopped`` are seconds since 1970, UTC."""

    exit_code: int | None
    signal: int | None
    reason: str
    """Why Tunesmith ended it, or a hint why it ended; empty for an ordinary end."""
    started: float
    stopped: float
    seconds: float
    cpu_seconds: float
    max_rss_bytes: int
    is_lost: bool = False
    """Whether it ended because the warm server, its parent, was lost."""


def not_run(reason: str, started: float) -> ChildOutcome:
    """Return the outcome of a child that could not be run, or not to its end.

    Args:
        reason: Why, and what to do about it.
        started: When it was tried, in seconds since 1970, UTC.
    """
    stopped = time.time()
    return ChildOutcome(
        exit_code=None,
        signal=None,
        reason=reason,
        started=started,
        stopped=stopped,
        seconds=max(0.0, stopped - started),
        cpu_seconds=0.0,
        max_rss_bytes=0,
    )


def run_child(
    request: ChildRequest,
    *,
    start: Starter = start_fresh,
    stop: StopToken,
    on_line: OnText = ignore,
    on_state: OnText = ignore,
    echo: BinaryIO | None = None,
    reaper: Reaper | None = None,
) -> ChildOutcome:
    """Run a child to its end and return how it ended.

    Args:
        request: What to run.
        start: How to start it; in a new interpreter by default.
        stop: Its ``kill`` ends the child.
        on_line: Called with every line of output and its time in seconds since 1970.
        on_state: The same, with every state of a line that was overwritten.
        echo: Receives the output as well; None for nothing.
        reaper: Ends the child's group if this process is killed.

    Raises:
        ScriptError: The program cannot be started.
        StoreAccessError: Its output cannot be stored; the child has been ended.
    """
    started, began = time.time(), time.monotonic()
    log = OutputLog(request.output)  # before a script could delete the folder that it is in
    pump = _Pump(log, LineSplitter(on_line, on_state), echo)
    child = _start(start, request, pump)
    ending = _Ending(child.pid, request, stop)
    with _registered(reaper, child.pid), closing(pump):
        try:
            ended = _listen(child, pump, ending)
        except BaseException:  # its output cannot be stored any more
            ending.end_strays()
            child.reap()
            raise
    return ChildOutcome(
        exit_code=ended.code,
        signal=ended.signal,
        reason=ending.reason or _hint(ended),
        started=started,
        stopped=time.time(),
        seconds=time.monotonic() - began,
        cpu_seconds=ended.cpu_seconds,
        max_rss_bytes=_peak_bytes(request) or ended.max_rss_bytes,
        is_lost=ended.is_lost and not ending.reason,
    )


def _start(start: Starter, request: ChildRequest, pump: "_Pump") -> Child:
    try:
        return start(request, pump.writer)
    except BaseException:
        pump.close()
        raise
    finally:
        os.close(pump.writer)


@contextmanager
def _registered(reaper: Reaper | None, group: int) -> Iterator[None]:
    """Have the reaper end a process group if this process is killed in the body."""
    if reaper is None:
        yield
        return
    reaper.register(group)
    try:
        yield
    finally:
        reaper.unregister(group)


def _hint(ended: Exit) -> str:
    """Return why a child may have ended that Tunesmith did not end."""
    if ended.is_lost:
        return LOST
    return OUT_OF_MEMORY if ended.signal == signal.SIGKILL else ""


def _peak_bytes(request: ChildRequest) -> int | None:
    """Return the peak memory that the child itself measured, in bytes; None if it did not.

    The peak that Linux reports includes this process's own memory, from before the child's start.
    """
    path = request.peak_file
    try:
        with open_regular(path) as file:
            return int(file.read(MAX_PEAK_BYTES)) * 1024
    except (OSError, ValueError):
        return None
    finally:
        with suppress(OSError):  # the script may have taken its folder away, or shut it
            path.unlink()


class _Pump:
    """Copies the child's output from its pipe to the log, the terminal and the line callbacks."""

    def __init__(self, log: OutputLog, lines: LineSplitter, echo: BinaryIO | None) -> None:
        self.reader, self.writer = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.reader, False)
        self._log = log
        self._lines = lines
        self._echo = echo

    def read(self) -> bool:
        """Copy what is available; return whether more may follow."""
        try:
            chunk = os.read(self.reader, CHUNK_BYTES)
        except BlockingIOError:
            return True
        if chunk:
            self._take(chunk)
        return bool(chunk)

    def drain(self) -> None:
        """Copy all that is left, without waiting for others that may hold the pipe."""
        while True:
            try:
                chunk = os.read(self.reader, CHUNK_BYTES)
            except BlockingIOError:
                return
            if not chunk:
                return
            self._take(chunk)

    def close(self) -> None:
        """End the last line and close the log."""
        try:
            self._lines.end(time.time())
            self._log.close()
        finally:
            os.close(self.reader)

    def _take(self, chunk: bytes) -> None:
        now = time.time()
        self._log.write(chunk, now)
        self._lines.feed(chunk, now)
        if self._echo is not None:
            try:
                self._echo.write(chunk)
                self._echo.flush()
            except (OSError, ValueError):
                self._echo = None  # nobody reads any more, or nothing fits; the log continues


class _Ending:
    """Ends a child's process group: SIGTERM first, SIGKILL after the grace time."""

    def __init__(self, group: int, request: ChildRequest, stop: StopToken) -> None:
        self.stop = stop
        self.reason = ""
        self.marker = request.marker
        self._group = group
        self._grace_s = request.grace_s
        self._timeout_s = request.timeout_s
        timeout_s = request.timeout_s
        self._deadline = None if timeout_s is None else time.monotonic() + timeout_s
        self._kill_at: float | None = None

    def wait_s(self) -> float | None:
        """Return the seconds until ``act`` has something to do; None for no limit."""
        due = self._kill_at if self.reason else self._deadline
        return None if due is None else max(0.0, due - time.monotonic())

    def act(self) -> None:
        """Send the signal that is due, if any."""
        now = time.monotonic()
        if not self.reason and self.stop.is_killing:
            self._terminate(self.stop.reason, now)
        elif not self.reason and self._deadline is not None and now >= self._deadline:
            self._terminate(f"timed out after {self._timeout_s:g} s", now)
        elif self._kill_at is not None and now >= self._kill_at:
            signal_group(self._group, signal.SIGKILL)
            self._kill_at = None

    def end_strays(self) -> None:
        """Kill the processes that the child has left behind."""
        signal_group(self._group, signal.SIGKILL)
        if self.marker:
            signal_marked(self.marker)

    def _terminate(self, reason: str, now: float) -> None:
        self.reason = reason
        self._kill_at = now + self._grace_s
        signal_group(self._group, signal.SIGTERM)


def _listen(child: Child, pump: _Pump, ending: _Ending) -> Exit:
    """Read the output until the child has ended, even if others hold its pipe; end it when due."""
    with selectors.DefaultSelector() as selector:
        selector.register(pump.reader, selectors.EVENT_READ, "output")
        selector.register(ending.stop.fileno(), selectors.EVENT_READ, "stop")
        if child.descriptor is not None:
            selector.register(child.descriptor, selectors.EVENT_READ, "exit")
        while True:
            ready = {key.data for key, _ in selector.select(_wait_s(child, ending))}
            if "output" in ready and not pump.read():
                selector.unregister(pump.reader)
            if "stop" in ready:
                selector.unregister(ending.stop.fileno())
            if "exit" in ready or (child.descriptor is None and child.has_ended()):
                break
            ending.act()  # not after its end, which would look as if we had ended it
    ending.end_strays()
    pump.drain()
    return child.reap()


def _wait_s(child: Child, ending: _Ending) -> float | None:
    due = ending.wait_s()
    if child.descriptor is not None:
        return due
    return POLL_S if due is None else min(due, POLL_S)
