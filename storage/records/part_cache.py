"""Parts that this process has published: compaction need not decode them again."""

import threading
from collections.abc import Iterable, Sequence

from tunesmith.scalar import ScalarSeries
from tunesmith.trial import TrialRecord

MAX_POINTS = 200_000
"""Points of scalars that are kept in all: about 20 MB."""


class PartCache:
    """Records and series by the names of their parts. Called from several threads.

    A part's name holds the hash of its bytes, so that whoever finds the bytes intact knows that
    they say what is kept here.
    """

    def __init__(self, *, max_points: int = MAX_POINTS) -> None:
        """Begin with none.

        Args:
            max_points: How many points of scalars are kept; what has no room is read when needed.
        """
        self._rows: dict[str, tuple[TrialRecord, Sequence[ScalarSeries]]] = {}
        self._room = max_points
        self._lock = threading.Lock()

    def add(self, name: str, record: TrialRecord, series: Sequence[ScalarSeries]) -> None:
        """Keep what a part says, if there is room."""
        size = _size(series)
        with self._lock:
            if size <= self._room and name not in self._rows:
                self._rows[name] = record, series
                self._room -= size

    def find(self, name: str) -> tuple[TrialRecord, Sequence[ScalarSeries]] | None:
        """Return what a part says that is intact; None where it is not known."""
        return self._rows.get(name)

    def forget(self, names: Iterable[str]) -> None:
        """Make room: these parts are compacted."""
        with self._lock:
            for name in names:
                if (row := self._rows.pop(name, None)) is not None:
                    self._room += _size(row[1])


def _size(series: Sequence[ScalarSeries]) -> int:
    """Return what a part takes of the room; one without points takes some too."""
    return 1 + sum(len(one.values) for one in series)
