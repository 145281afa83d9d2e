"""Parts that this process has published: compaction need not decode them again."""

import threading
from collections.abc import Iterable, Sequence

from tunesmith.scalar import ScalarSeries
from tunesmith.trial import TrialRecord

MAX_POINTS = 200_000
"""Points of scalars that are kept in all: about 20 MB."""


class PartCache:
    """Records and series by the names of their parts. Several threads may use it.

    A part's name has the hash of its bytes: if the bytes are intact, they hold what is kept here.
    """

    def __init__(self, *, max_points: int = MAX_POINTS) -> None:
        """Start with no parts.

        Args:
            max_points: The most points of scalars to keep, by default ``MAX_POINTS``; parts for
                which there is no room are read when they are needed.
        """
        self._rows: dict[str, tuple[TrialRecord, Sequence[ScalarSeries]]] = {}
        self._room = max_points
        self._lock = threading.Lock()

    def add(self, name: str, record: TrialRecord, series: Sequence[ScalarSeries]) -> None:
        """Keep a part's record and series, if there is room."""
        size = _size(series)
        with self._lock:
            if size <= self._room and name not in self._rows:
                self._rows[name] = record, series
                self._room -= size

    def find(self, name: str) -> tuple[TrialRecord, Sequence[ScalarSeries]] | None:
        """Return the record and series of an intact part; None where they are not kept."""
        return self._rows.get(name)

    def forget(self, names: Iterable[str]) -> None:
        """Drop parts that are compacted, which makes room for others."""
        with self._lock:
            for name in names:
                if (row := self._rows.pop(name, None)) is not None:
                    self._room += _size(row[1])


def _size(series: Sequence[ScalarSeries]) -> int:
    """Return the room that a part takes, in points; its record counts as one."""
    return 1 + sum(len(one.values) for one in series)
