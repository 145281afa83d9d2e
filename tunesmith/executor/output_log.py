"""The stored output of a trial: all bytes, or the head and the tail of very long output."""

import os
import re
import struct
from collections import deque
from contextlib import ExitStack
from pathlib import Path

from tunesmith.regular_file import open_regular
from tunesmith.storage.objects.os_errors import explained

HEAD_BYTES = 64 * 2**20
"""Bytes at the start of the output that are stored."""
TAIL_BYTES = 8 * 2**20
"""Bytes at the end of longer output that are kept in memory, and stored at its end."""
INDEX_EVERY_S = 0.05
"""Seconds between two entries of the index, so that chatty scripts do not make it large."""
INDEX_ENTRY = struct.Struct("<Qd")
"""An offset in the stored output, and the time at which the byte there was read, in seconds since
1970, UTC."""

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class OutputLog:
    """Writes the output and, beside it, ``output.index`` with the times of its bytes."""

    def __init__(
        self, path: Path, *, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES
    ) -> None:
        self._path = path
        with explained("write to", path), ExitStack() as opened:
            self._file = opened.enter_context(path.open("wb", buffering=0))
            self._index = path.with_name(path.name + ".index").open("wb", buffering=0)
            opened.pop_all()
        self._head_left = head_bytes
        self._tail_bytes = tail_bytes
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._n_left_out = 0
        self._offset = 0
        self._indexed = float("-inf")

    def write(self, chunk: bytes, time: float) -> None:
        """Store a chunk that was read at a time.

        Raises:
            StoreAccessError: It cannot be stored.
        """
        with explained("write to", self._path):
            self._write(chunk, time)

    def close(self) -> None:
        """Store the tail, after a line with the number of omitted bytes, and close the files.

        Raises:
            StoreAccessError: It cannot be stored; the files are closed all the same.
        """
        with explained("write to", self._path), self._file, self._index:
            if self._n_left_out:
                self._put(f"\n… {self._n_left_out} bytes were left out …\n".encode())
            for chunk in self._tail:
                self._put(chunk)

    def _write(self, chunk: bytes, time: float) -> None:
        if time - self._indexed >= INDEX_EVERY_S:
            self._index.write(INDEX_ENTRY.pack(self._offset, time))
            self._indexed = time
        self._offset += len(chunk)
        head, rest = chunk[: self._head_left], chunk[self._head_left :]
        if head:
            self._put(head)
            self._head_left -= len(head)
        if rest:
            self._keep_tail(rest)

    def _put(self, data: bytes) -> None:
        """Write all bytes: one call may write fewer, on a disk that is nearly full."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]

    def _keep_tail(self, chunk: bytes) -> None:
        self._tail.append(chunk)
        self._tail_size += len(chunk)
        while self._tail_size > self._tail_bytes:
            surplus = self._tail_size - self._tail_bytes
            first = self._tail.popleft()
            if len(first) > surplus:
                self._tail.appendleft(first[surplus:])
            self._n_left_out += min(surplus, len(first))
            self._tail_size -= min(surplus, len(first))


def tail_lines(path: Path, n: int) -> list[str]:
    """Return the last lines of stored output, as a terminal would show them; none without output.

    Args:
        path: The output.
        n: The maximum number of lines.
    """
    try:
        with open_regular(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 64 * 1024))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    lines = [_ESCAPES.sub("", line.rpartition("\r")[2]) for line in text.rstrip().split("\n")]
    return [line.rstrip() for line in lines[-n:] if line.strip()] if n > 0 else []
