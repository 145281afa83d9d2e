"""Splits the bytes of a pipe into lines, which are read for scalars."""

from collections.abc import Callable

MAX_LINE_BYTES = 64 * 1024
"""The longest line that is kept in memory: a binary stream may have no lines at all."""


class LineSplitter:
    """Calls a function with each line, without its end; lines longer than 64 KiB are skipped."""

    def __init__(self, on_line: Callable[[str, float], None]) -> None:
        self._on_line = on_line
        self._rest = b""
        self._is_skipping = False

    def feed(self, chunk: bytes, time: float) -> None:
        """Process the next bytes, read at a time in seconds since 1970, UTC."""
        *lines, rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            if self._is_skipping:
                self._is_skipping = False
            elif len(line) <= MAX_LINE_BYTES:
                self._on_line(line.decode(errors="replace").removesuffix("\r"), time)
        self._keep(rest)

    def end(self, time: float) -> None:
        """Process the end of the output, where the last line may have no end."""
        if self._rest and not self._is_skipping:
            self._on_line(self._rest.decode(errors="replace"), time)
        self._rest = b""

    def _keep(self, rest: bytes) -> None:
        if len(rest) > MAX_LINE_BYTES:
            rest = rest.rpartition(b"\r")[2]  # a progress bar: overwritten states are dropped
        if len(rest) > MAX_LINE_BYTES:
            self._is_skipping, rest = True, b""
        self._rest = b"" if self._is_skipping else rest
