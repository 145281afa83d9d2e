"""Indexing and compacting the store while trials are published.

Neither changes what a reader sees: a list reads parts that are not indexed, and parts as well as
segments. Both are done for many trials at once, since they cost the disk the same for one trial as
for a hundred.
"""

import threading
import time
from dataclasses import dataclass, field

from tunesmith.storage.records.compaction import PARTS_PER_SEGMENT
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord

INDEX_EVERY_S = 1.0
"""Seconds between two updates of the index; a list reads newer trials from their parts."""


@dataclass(slots=True, kw_only=True)
class Housekeeping:
    """Indexes and compacts what one batch publishes. Called from several threads."""

    index_every_s: float = INDEX_EVERY_S
    _unindexed: list[TrialRecord] = field(default_factory=list)
    _indexed_at: float = float("-inf")
    _n_until_look: int = 0
    """Trials until there may be enough parts, which are not counted after every trial."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, store: Store, record: TrialRecord) -> None:
        """Note a trial that was published, and do what is due."""
        with self._lock:
            self._unindexed.append(record)
            self._n_until_look -= 1
            if time.monotonic() - self._indexed_at >= self.index_every_s:
                self._index(store)
            if self._n_until_look <= 0:
                self._compact(store, record.batch)

    def _index(self, store: Store) -> None:
        store.index_records(self._unindexed)
        self._unindexed.clear()
        self._indexed_at = time.monotonic()

    def _compact(self, store: Store, batch_id: str) -> None:
        n_parts = store.count_parts(batch_id)
        if n_parts >= PARTS_PER_SEGMENT and store.compact(batch_id):
            self._unindexed.clear()  # their parts are gone
            n_parts = 0
        self._n_until_look = max(1, PARTS_PER_SEGMENT - n_parts)
