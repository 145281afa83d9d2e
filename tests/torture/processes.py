"""Processes forked from one that has imported what they need, and the pipe they report through."""

import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Say = Callable[..., None]
"""Sends one message, a line that arrives as a whole or not at all."""

_WHOLE = 4000
"""Bytes that a pipe takes at once, or not at all (PIPE_BUF is 4096)."""
_write = os.write  # before anybody intercepts it


class StuckError(Exception):
    """A process did not end in time."""


def in_child(work: Callable[[], Any], *, timeout_s: float = 120.0) -> Any:
    """Return the result of a function, as JSON has it, from a process of its own.

    The parent stays a process that only imports: forking one in which Arrow has computed could
    hang the child.

    Raises:
        RuntimeError: It raised; the message is its traceback.
        StuckError: It did not end.
    """
    read_end, write_end = os.pipe()
    child = _fork()
    if child == 0:
        os.close(read_end)
        code = 0
        try:
            answer = json.dumps(["result", work()])
        except BaseException:  # noqa: BLE001 -- told to the parent, which raises it again
            answer, code = json.dumps(["error", traceback.format_exc()]), 1
        with os.fdopen(write_end, "w") as pipe:
            pipe.write(answer)
        os._exit(code)
    os.close(write_end)
    data = _read_all(read_end, time.monotonic() + timeout_s)
    if data is None:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if data is None:
        raise StuckError(f"a process did not end within {timeout_s} s")
    kind, result = json.loads(data or '["error", "it died"]')
    if kind == "error":
        raise RuntimeError(result)
    return result


def _read_all(pipe: int, deadline: float) -> bytes | None:
    data = b""
    with os.fdopen(pipe, "rb", buffering=0) as file:
        while time.monotonic() < deadline:
            if select.select([file], [], [], 0.5)[0]:
                piece = file.read(1 << 16)
                if not piece:
                    return data
                data += piece
    return None


@dataclass(slots=True)
class Crew:
    """Processes that work at once and report through one pipe, in one order."""

    _read_end: int = field(init=False)
    _write_end: int = field(init=False)
    _rest: bytes = b""
    living: dict[int, str] = field(default_factory=dict)
    """The work of each process, by process id."""
    n_killed: int = 0
    """Those that SIGKILL has ended, their own included."""

    def __post_init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)

    def hire(self, name: str, work: Callable[[Say], None]) -> None:
        """Start a process; what it raises is the message ``failed``."""
        child = _fork()
        if child:
            self.living[child] = name
            return
        os.close(self._read_end)
        try:
            work(self._say)
        except BaseException:  # noqa: BLE001 -- told to the parent, which judges it
            self._say("failed", name, traceback.format_exc()[-3000:])
        os._exit(0)

    def hear(self, until: float) -> Iterator[list[Any]]:
        """Yield messages until a moment of the monotonic clock, or until nobody works."""
        while time.monotonic() < until:
            if select.select([self._read_end], [], [], 0.01)[0]:
                yield from self._take()
            self.bury()
            if not self.living:
                break
        yield from self._take()

    def has_ended(self, process: int, patience_s: float = 3.0) -> bool:
        """Return whether a process is dead, or is within some time."""
        deadline = time.monotonic() + patience_s
        while process in self.living and time.monotonic() < deadline:
            self.bury()
            time.sleep(0.002)
        return process not in self.living

    def kill(self, order: list[int], pauses: list[float]) -> None:
        """Send SIGKILL to processes, with a pause after each."""
        for process, pause in zip(order, pauses, strict=True):
            if process in self.living:
                os.kill(process, signal.SIGKILL)
            time.sleep(pause)

    def close(self) -> list[list[Any]]:
        """Wait until nobody works, and return what was said last."""
        messages = list(self.hear(time.monotonic() + 60))
        if self.living:
            raise StuckError(f"not dead after SIGKILL: {self.living}")
        os.close(self._write_end)
        os.close(self._read_end)
        return messages

    def bury(self) -> None:
        """Take note of those that have ended."""
        for process in list(self.living):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                del self.living[process]
                was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
                self.n_killed += was_killed

    def _say(self, *message: object) -> None:
        line = json.dumps([os.getpid(), *message]).encode()
        _write(self._write_end, line + b"\n" if len(line) < _WHOLE else _cut(message))

    def _take(self) -> list[list[Any]]:
        try:
            while piece := os.read(self._read_end, 1 << 16):
                self._rest += piece
        except BlockingIOError:
            pass
        *lines, self._rest = self._rest.split(b"\n")
        return [json.loads(line) for line in lines]


def _cut(message: tuple[object, ...]) -> bytes:
    """Return a message that a pipe takes as a whole: only a traceback is so long."""
    kind, *rest = message
    short = [str(one)[-1500:] for one in rest]
    return json.dumps([os.getpid(), kind, *short]).encode() + b"\n"


def _fork() -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fork()
