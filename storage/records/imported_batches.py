"""Which batches came from an archive, so that somebody else may have written what they run.

The importing store marks them itself, whatever the archive says of itself.
"""

import secrets
from dataclasses import dataclass

from tunesmith.errors import CorruptObjectError
from tunesmith.storage.objects.json_objects import decode_json, encode_json
from tunesmith.storage.objects.object_names import checked_id
from tunesmith.storage.objects.object_store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import of a batch, or of some of its trials."""

    archive: str
    """The archive's path as the user typed it; empty if the mark is damaged."""
    time: float
    """Seconds since 1970, UTC; 0 if the mark is damaged."""


def put_import(objects: ObjectStore, batch_id: str, found: Import) -> None:
    """Mark a batch as imported, before anything of it is copied from an archive."""
    name = f"imports/{checked_id(batch_id)}.{secrets.token_hex(8)}.json"
    objects.put_new(name, encode_json({"archive": found.archive, "time": found.time}))


def read_import(objects: ObjectStore, batch_id: str) -> Import | None:
    """Return the latest import of a batch; None for a batch of the user's own."""
    found = [_decode(name, objects) for name in import_names(objects, batch_id)]
    return max(found, key=lambda one: one.time, default=None)


def import_names(objects: ObjectStore, batch_id: str) -> list[str]:
    """Return the names of a batch's marks."""
    return objects.list(f"imports/{checked_id(batch_id)}.")


def _decode(name: str, objects: ObjectStore) -> Import:
    try:
        fields = decode_json(name, objects.get(name))
        return Import(archive=str(fields["archive"]), time=float(fields["time"]))
    except (CorruptObjectError, KeyError, TypeError, ValueError):
        return Import(archive="", time=0.0)
