"""Splits the bytes of a pipe into lines, which are read for scalars."""

from collections.abc import Callable

OnText = Callable[[str, float], None]
"""Takes a text and its time in seconds since 1970, UTC."""
MAX_LINE_BYTES = 64 * 1024
"""The longest line that is kept in memory: a binary stream may have no lines at all."""


def ignore(text: str, time: float) -> None:
    """Do nothing with a text."""


class LineSplitter:
    """Calls functions with each line and with what was overwritten in it, both without their ends.

    Lines longer than 64 KiB are skipped.
    """

    def __init__(self, on_line: OnText, on_state: OnText) -> None:
        """Take what is called.

        Args:
            on_line: With each line.
            on_state: With each state of a line that a carriage return has ended, before the line.
        """
        self._on_line, self._on_state = on_line, on_state
        self._n_states = 0
        """States of the present line that have been passed on."""
        self._rest = b""
        self._is_skipping = False

    def feed(self, chunk: bytes, time: float) -> None:
        """Process the next bytes, read at a time in seconds since 1970, UTC."""
        *lines, rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            if self._is_skipping:
                self._is_skipping = False
            elif len(line) <= MAX_LINE_BYTES:
                whole = line.removesuffix(b"\r")
                self._feed_states(whole, time)
                self._on_line(whole.decode(errors="replace"), time)
            self._n_states = 0
        self._feed_states(rest, time)
        self._keep(rest)

    def _feed_states(self, line: bytes, time: float) -> None:
        """Pass on what has been overwritten in a line since the last call."""
        if b"\r" not in line:
            return
        states = line.split(b"\r")[self._n_states : -1]
        self._n_states += len(states)
        for state in filter(None, states):
            self._on_state(state.decode(errors="replace"), time)

    def end(self, time: float) -> None:
        """Process the end of the output, where the last line may have no end."""
        if self._rest and not self._is_skipping:
            self._on_line(self._rest.decode(errors="replace"), time)
        self._rest = b""

    def _keep(self, rest: bytes) -> None:
        if len(rest) > MAX_LINE_BYTES:
            rest = rest.rpartition(b"\r")[2]  # a progress bar: overwritten states are dropped
            self._n_states = 0
        if len(rest) > MAX_LINE_BYTES:
            self._is_skipping, rest = True, b""
        self._rest = b"" if self._is_skipping else rest
