"""From the bytes that a pipe gives to the lines that are read for scalars."""

from collections.abc import Callable

MAX_LINE_BYTES = 64 * 1024


class LineSplitter:
    """Calls back with every line, without its end; of longer ones than 64 KiB nothing."""

    def __init__(self, on_line: Callable[[str, float], None]) -> None:
        self._on_line = on_line
        self._rest = b""
        self._is_skipping = False

    def feed(self, chunk: bytes, time: float) -> None:
        """Take the next bytes."""
        *lines, rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            if self._is_skipping:
                self._is_skipping = False
            elif len(line) <= MAX_LINE_BYTES:
                self._on_line(line.decode(errors="replace").removesuffix("\r"), time)
        self._keep(rest)

    def end(self, time: float) -> None:
        """Take the end of the output: a last line need not be ended."""
        if self._rest and not self._is_skipping:
            self._on_line(self._rest.decode(errors="replace"), time)
        self._rest = b""

    def _keep(self, rest: bytes) -> None:
        if len(rest) > MAX_LINE_BYTES:
            rest = rest.rpartition(b"\r")[2]  # a progress bar: what was drawn over is gone
        if len(rest) > MAX_LINE_BYTES:
            self._is_skipping, rest = True, b""
        self._rest = b"" if self._is_skipping else rest
