"""STORE.json: the manifest that makes a folder a store, and says which versions can read it."""

import time
import uuid
from pathlib import Path

from tunesmith.errors import CorruptObjectError, NoStoreError, StoreFormatError
from tunesmith.storage.objects.json_objects import FORMAT, encode_json, parse_json
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.version import VERSION

NAME = "STORE.json"


def put_manifest(objects: ObjectStore) -> bool:
    """Write the manifest of a new store, and tell git to ignore the store.

    Return False where there is a manifest already.
    """
    fields = {
        "min_reader": FORMAT,
        "uuid": uuid.uuid4().hex,
        "created": time.time(),
        "by": VERSION,
    }
    objects.put_new(".gitignore", b"*\n")
    return objects.put_new(NAME, encode_json(fields))


def check_manifest(objects: ObjectStore, home: Path) -> None:
    """Check that there is a store, and that this Tunesmith may read it.

    Raises:
        NoStoreError: There is no store.
        StoreFormatError: It needs a later Tunesmith.
        CorruptObjectError: The manifest is damaged.
    """
    try:
        data = objects.get(NAME)
    except KeyError as error:
        raise NoStoreError(
            f"no store at {home}: run something first, as in tunesmith run train.py"
        ) from error
    fields = parse_json(str(home / NAME), data)
    least = fields.get("min_reader")
    if not isinstance(least, int):
        raise CorruptObjectError(f"{home / NAME} is damaged: it does not say who may read it")
    if least > FORMAT:
        raise StoreFormatError(
            f"the store at {home} needs a reader of format {least}; this Tunesmith "
            f"{VERSION} reads up to {FORMAT}: "
            f"install tunesmith>={fields.get('by', 'a newer version')}"
        )
