"""The data of a trial: what the source names and the copy lacks is placed before it runs.

The first trial gets a copy of its own. What it leaves unchanged is linked for the others, to the
copy that the store keeps, which nobody may write: what a trial writes is never in the user's
folders.
"""

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from tunesmith.errors import StoreAccessError
from tunesmith.executor.links import Link, Placing
from tunesmith.storage.files.data_copies import MAX_LINKS, changed_data, place_data
from tunesmith.storage.files.data_state import DataRules, read_state
from tunesmith.storage.files.kept_data import Kept, KeptData
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.objects.os_errors import explained

SMALL_BYTES = 1_000_000
"""Data that is no larger is copied for every trial."""


def place_all(
    layout: Layout, placing: Placing, data: Mapping[str, str], directory: Path, *, source: str
) -> None:
    """Place the data of a trial in its run's directory.

    Args:
        layout: The store's paths.
        placing: Where it goes.
        data: The digests of what the store keeps, by path.
        directory: The run's directory.
        source: The digest of the source.

    Raises:
        StoreAccessError: The directory cannot be written, or the data is lost.
    """
    for link in placing.data:
        kept = _find(layout, link, data[link.typed])
        seen = None if _is_copied(kept) else KeptData(layout).changed(kept, source)
        if seen is not None and (spoiled := _spoiled(kept)):
            kept = _renewed(layout, link, kept, spoiled, source)
            seen |= spoiled
        with explained("write to", directory.joinpath(*link.place)):
            place_data(kept, directory, link.place, changed=seen)


def note_changes(
    layout: Layout, placing: Placing, data: Mapping[str, str], directory: Path, *, source: str
) -> None:
    """Note what a trial that has completed has changed of its own copies.

    Args:
        layout: The store's paths.
        placing: Where the data is.
        data: The digests of what the store keeps, by path.
        directory: The run's directory.
        source: The digest of the source.
    """
    store = KeptData(layout)
    for link in placing.data:
        kept = _find(layout, link, data[link.typed])
        if not _is_copied(kept) and store.changed(kept, source) is None:
            store.note_changed(kept, source, changed_data(kept, directory, link.place))


def _spoiled(kept: Kept) -> frozenset[str]:
    """Return the files that a trial has written through a link, which root may.

    Others cannot write to the store's copy.
    """
    return frozenset() if os.geteuid() else changed_data(kept, kept.root, ())


def _renewed(layout: Layout, link: Link, kept: Kept, spoiled: Iterable[str], source: str) -> Kept:
    """Note what a trial has written, so that each has a copy of it, and copy all anew."""
    store = KeptData(layout)
    store.note_changed(kept, source, spoiled)
    with explained("read", link.target):
        state = read_state(link.target, DataRules(home=layout.home))
    store.renew(kept, link.target, state)
    _known.cache_clear()
    return _known(layout, kept.root.parent.name) or kept


def _find(layout: Layout, link: Link, digest: str) -> Kept:
    """Return what the store keeps, which is copied anew where its cache was emptied."""
    kept = _known(layout, digest)
    if kept is None or not kept.root.exists():
        _known.cache_clear()
        with explained("read", link.target):
            state = read_state(link.target, DataRules(home=layout.home))
        kept = _known(layout, KeptData(layout).keep(link.target, state))
    if kept is None:
        raise StoreAccessError(f"{link.target} cannot be copied: is it being changed?")
    return kept


@lru_cache(maxsize=64)
def _known(layout: Layout, digest: str) -> Kept | None:
    return KeptData(layout).find(digest)


def _is_copied(kept: Kept) -> bool:
    """Return whether each trial has a copy of its own: it is small, or takes no room."""
    is_small = kept.state.n_bytes <= SMALL_BYTES
    return len(kept.state.files) <= MAX_LINKS and (kept.is_shared or is_small)
