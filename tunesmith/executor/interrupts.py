"""Ctrl-C and SIGTERM: the first stops new trials, the second ends the running ones."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tunesmith.executor.stop_token import StopToken


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
        announce: Callable[[str], None] = _say_nothing,
    ) -> None:
        self._stop = stop
        self._is_single = is_single
        self._announce = announce
        self.last: int | None = None
        """The signal that was received last; None before the first."""
        self._can_break_off = False

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal. SIGTERM, or a second Ctrl-C, ends the running trials.

        Raises:
            BrokenOff: Within ``breaking_off``.
        """
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        if self._can_break_off:
            self._can_break_off = False
            self.last = number
            raise BrokenOff(f"ended by {name}")
        is_urgent = number == signal.SIGTERM or self.last is not None or self._is_single
        self.last = number
        if is_urgent:
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
def breaking_off(interrupts: Interrupts | None) -> Iterator[None]:
    """Let the first signal end the body at once; no trial runs any more, and nothing is lost.

    Raises:
        BrokenOff: A signal came.
    """
    if interrupts is None:
        yield
        return
    with received(interrupts):
        interrupts._can_break_off = True
        try:
            yield
        finally:
            interrupts._can_break_off = False


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
