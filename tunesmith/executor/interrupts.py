"""Ctrl-C and SIGTERM: the first stops new trials, the second ends the running ones."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.timed_call import called_after

PATIENCE_S = 4.0
"""Seconds that a command which was told to end now takes for what can be done again; in all, as
many after the grace time of its trials."""


def _say_nothing(_text: str) -> None:
    """Announce nothing."""


class BrokenOff(KeyboardInterrupt):
    """A signal interrupted work that can be repeated; the text says which signal."""


class Interrupts:
    """Passes the signals that ask to stop on to the stop token."""

    def __init__(
        self,
        stop: StopToken,
        *,
        is_single: bool = False,
        grace_s: float = 10.0,
        announce: Callable[[str], None] = _say_nothing,
    ) -> None:
        self._stop = stop
        self._is_single = is_single
        self._grace_s = grace_s
        self._announce = announce
        self.last: int | None = None
        """The signal that was received last; None before the first."""
        self.can_break_off = False
        """Whether a signal ends at once what the main thread does."""

    @property
    def is_urgent(self) -> bool:
        """Whether a signal has asked that the running trials end."""
        return self.last is not None and self._stop.is_killing

    @property
    def left_s(self) -> float:
        """Seconds that are left until the command should have ended, once that was asked for."""
        return self._stop.left_s(self._grace_s + PATIENCE_S)

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal. SIGTERM, or a second Ctrl-C, ends the running trials.

        Raises:
            BrokenOff: Within ``breaking_off``.
        """
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        if self.can_break_off:
            self.can_break_off = False
            self.last = number
            raise BrokenOff(f"ended by {name}")
        is_second = self.last is not None
        self.last = number
        if is_second or self._is_single or number == signal.SIGTERM:
            self._announce(f"{name}: ending what runs")
            self._stop.kill(f"stopped by {name}")
        else:
            self._announce(f"{name}: no new trials; those that run go on. Again to end them now")
            self._stop.drain(f"stopped by {name}")

    @property
    def exit_code(self) -> int | None:
        """The shell's exit code for the signal; None if there was none."""
        return None if self.last is None else 128 + self.last


@contextmanager
def breaking_off(
    interrupts: Interrupts | None, *, patience_s: float = PATIENCE_S
) -> Iterator[None]:
    """Let the first signal end the body at once; no trial runs any more, and nothing is lost.

    Whoever has asked already that all ends now, by SIGTERM or a second Ctrl-C, waits no longer
    than ``patience_s`` seconds.

    Raises:
        BrokenOff: A signal came, or the time was up.
    """
    if interrupts is None:
        yield
        return
    with received(interrupts), ExitStack() as stack:
        interrupts.can_break_off = True  # before there may be no time at all
        try:
            if interrupts.is_urgent:
                stack.enter_context(_ended_after(min(patience_s, interrupts.left_s), interrupts))
            yield
        finally:
            interrupts.can_break_off = False


@contextmanager
def _ended_after(seconds: float, interrupts: Interrupts) -> Iterator[None]:
    """Send the signal that was received last again, if the body takes longer."""
    main = threading.main_thread().ident

    def send() -> None:
        if main is not None and interrupts.last is not None and interrupts.can_break_off:
            signal.pthread_kill(main, interrupts.last)

    with called_after(seconds, send):
        yield


@contextmanager
def received(interrupts: Interrupts | None) -> Iterator[None]:
    """Handle SIGINT and SIGTERM in the body, in the main thread; None changes nothing."""
    if interrupts is None:
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, interrupts.receive) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
