"""Edits: labels, tags and deletions that a user adds later, each a small object of its own."""

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tunesmith.errors import CorruptObjectError
from tunesmith.identity import is_id
from tunesmith.storage.objects.json_objects import Warn, decode_json, encode_json, ignore
from tunesmith.storage.objects.object_store import ObjectStore

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EditAction(StrEnum):
    """What an edit does to runs."""

    LABEL = "label"
    """The value becomes their label; an empty one clears it."""
    TAG = "tag"
    """The value is added to their tags."""
    UNTAG = "untag"
    """The value is removed from their tags."""
    DELETE = "delete"
    """They are left out of the lists, and can be restored."""
    RESTORE = "restore"
    """They are listed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One action on some runs; all edits in the order of their times give the present state."""

    action: EditAction
    runs: tuple[str, ...]
    """Ids of runs, trials and batches."""
    value: str = ""
    """The label or the tag; empty for the others."""
    time: float
    """Seconds since 1970, UTC."""


def put_edit(objects: ObjectStore, edit: Edit) -> str:
    """Write an edit and return its object's name."""
    while True:
        name = f"edits/{_stamp(edit.time)}-{secrets.token_hex(4)}.json"
        if objects.put_new(name, encode_json(asdict(edit))):
            return name


def edit_names(objects: ObjectStore) -> list[str]:
    """Return the names of all edits, oldest first."""
    return [name for name in objects.list("edits/") if name.endswith(".json")]


def read_edits(objects: ObjectStore, warn: Warn = ignore) -> list[tuple[str, Edit]]:
    """Return all edits with their names, in the order in which they apply.

    Args:
        objects: The store's objects.
        warn: Is called with one line for each object that is damaged and left out; by default
            nobody is told.
    """
    edits = []
    for name in edit_names(objects):
        try:
            edits.append((name, decode_edit(name, objects.get(name))))
        except KeyError:  # removed meanwhile
            continue
        except CorruptObjectError as error:
            warn(str(error))
    return sorted(edits, key=lambda named: (named[1].time, named[0]))


def remove_from_edits(objects: ObjectStore, runs: Collection[str]) -> None:
    """Remove runs from every edit that names them, and edits that name no other."""
    for name, edit in read_edits(objects):
        kept = tuple(run for run in edit.runs if run not in runs)
        if len(kept) == len(edit.runs):
            continue
        if kept:  # a crash before the deletion leaves both: applying an edit twice does no harm
            put_edit(objects, replace(edit, runs=kept))
        objects.delete(name)


def decode_edit(name: str, data: bytes) -> Edit:
    """Return the edit of one object.

    Raises:
        CorruptObjectError: The bytes are not what was written.
    """
    fields = decode_json(name, data)
    try:
        edit = Edit(
            action=EditAction(fields["action"]),
            runs=tuple(fields["runs"]),
            value=str(fields["value"]),
            time=float(fields["time"]),
        )
        _stamp(edit.time)  # raises for a time that has no date
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise CorruptObjectError(f"{name} is damaged: it is not an edit") from error
    if not all(map(is_id, edit.runs)):
        raise CorruptObjectError(f"{name} is damaged: it names a run by what is no id")
    return edit


def _stamp(time: float) -> str:
    """Return a time as the start of a name, so that names sort by it."""
    return f"{_EPOCH + timedelta(seconds=time):%Y%m%dT%H%M%S.%fZ}"
