"""Batch files of deployments: the store keeps them by their digests, and Prefect their names."""

import hashlib
import re
from pathlib import Path

from tunesmith.atomic_file import write_atomically
from tunesmith.errors import SpecificationError
from tunesmith.storage.files.layout import Layout

_KEPT = re.compile(r"([0-9a-f]{64})/([^/]+)")


def keep_file(layout: Layout, path: Path) -> str:
    """Keep a copy of a batch file, durably, and return its name among those that are kept.

    Raises:
        SpecificationError: The file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SpecificationError(
            f"the batch file '{path}' cannot be read: {error.strerror}"
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    place = layout.deployments / digest / path.name
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(place, data, mode=0o600)
    return f"{digest}/{path.name}"


def find_kept(layout: Layout, name: str) -> Path:
    """Return the path of a file that ``keep_file`` has kept, and that is as it was then.

    Raises:
        SpecificationError: There is none of that name, or it was changed.
    """
    found = _KEPT.fullmatch(name)
    place = layout.deployments / name
    try:
        data = place.read_bytes() if found else b""
    except OSError:
        data = b""
    if found is None or hashlib.sha256(data).hexdigest() != found[1]:
        raise SpecificationError(
            f"the store has no batch file {name!r} as it was deployed: run tunesmith deploy again"
        )
    return place
