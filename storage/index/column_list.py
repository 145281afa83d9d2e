"""The list of runs by column, without an object for each run: for tables of 100,000 runs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tunesmith.storage.files.layout import Layout
from tunesmith.storage.index.batch_status import Derived
from tunesmith.storage.index.index_rows import decode_columns
from tunesmith.storage.index.refresh import refresh
from tunesmith.storage.index.run_index import Patch, RunIndex
from tunesmith.storage.index.run_list import edited_words, with_index
from tunesmith.storage.objects.object_store import ObjectStore

_SHOWN = frozenset({"id", "label", "flags", "scalars"})
"""The fields that every table shows."""
_ORDERED = frozenset({"moment", "number"})
"""The fields by which derived rows are merged into the list."""
_EDITED = frozenset({"label", "tags"})

_Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumns:
    """Trials and single runs that are not deleted, in the order of a ``RunList``."""

    columns: _Columns
    """By the name of a run's field, one item a run. ``flags`` are mappings, ``scalars`` map tags
    to the numbers of a summary in the order of its fields, and a status is its string."""
    warnings: list[str]
    """One line for each object that cannot be read."""


def list_columns(objects: ObjectStore, layout: Layout, fields: Collection[str]) -> RunColumns:
    """Return some fields of every execution: of trials and of single runs, not of batches.

    Args:
        objects: The store's objects.
        layout: Where the store keeps its index, leases and run directories.
        fields: Names of fields of a run; its id, label, flags and scalars are always returned.
    """
    wanted = {*fields, *_SHOWN}
    return with_index(layout.index, lambda index: _list(objects, layout, index, wanted))


def _list(objects: ObjectStore, layout: Layout, index: RunIndex, fields: set[str]) -> RunColumns:
    refreshed, patches = refresh(objects, layout, index), index.patches()
    needed = (_ORDERED if refreshed.open else frozenset()) | (_EDITED if patches else frozenset())
    columns = decode_columns(index.executions(sorted(fields | needed)))
    if refreshed.open:
        columns = _with_derived(columns, refreshed.open, patches)
    if patches:
        _edit(columns, patches)
    return RunColumns(columns=columns, warnings=refreshed.warnings)


def _with_derived(
    columns: _Columns, derived: Mapping[str, Derived], patches: Mapping[str, Patch]
) -> _Columns:
    """Return the columns with the derived rows, which replace the recorded rows of their runs."""
    kept = [place for place, run_id in enumerate(columns["id"]) if run_id not in derived]
    added = [
        one
        for run_id, one in derived.items()
        if not one.run.is_batch and not (run_id in patches and patches[run_id].is_deleted)
    ]
    joined = {
        name: [*(values[place] for place in kept), *(_value(one, name) for one in added)]
        for name, values in columns.items()
    }
    moments, numbers, ids = joined["moment"], joined["number"], joined["id"]
    order = sorted(range(len(ids)), key=lambda at: (-moments[at], -numbers[at], ids[at]))
    return {name: [values[place] for place in order] for name, values in joined.items()}


def _value(derived: Derived, name: str) -> Any:
    if name == "moment":
        return derived.moment
    value = getattr(derived.run, name)
    return str(value) if name == "status" else value


def _edit(columns: _Columns, patches: Mapping[str, Patch]) -> None:
    """Apply the edits of labels and tags."""
    for place, run_id in enumerate(columns["id"]):
        if run_id in patches:
            label, tags = columns["label"][place], columns["tags"][place]
            words = edited_words(label, tags, patches[run_id])
            columns["label"][place], columns["tags"][place] = words
