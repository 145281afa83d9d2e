"""Snapshots of a project's source: kept once for each content, copied into every trial."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tunesmith.errors import NotFoundError, ScriptError
from tunesmith.storage.access import explained
from tunesmith.storage.local import synchronize
from tunesmith.storage.source_files import SourceFile, find_source_files, is_text
from tunesmith.storage.store import Store


def snapshot_source(store: Store, project: Path, script: Path) -> str:
    """Keep a project's source and return the digest of its content.

    Where no file has changed since the last time, nothing is read but the list of files.

    Args:
        store: Where it is kept.
        project: The project's folder.
        script: The script, within the project.

    Raises:
        ScriptError: The script is missing.
        StoreAccessError: The snapshot cannot be written.
    """
    project, script = project.absolute(), script.absolute()
    if not script.is_file():
        raise ScriptError(f"{script} is not a file: give the path of a Python script")
    files = find_source_files(project, script, store.home)
    note = store.layout.cache / f"source-{_hash(os.fsencode(script))}.json"
    state = _hash(repr([str(project), files]).encode("utf-8", "surrogateescape"))
    if (known := _read_note(note, state)) is not None and _snapshot(store, known).is_dir():
        return known
    contents = _read(project, files, script)
    digest = _digest(contents)
    if not _snapshot(store, digest).is_dir():
        _write_snapshot(store, digest, contents)
    _write_note(note, state, digest)
    return digest


def place_source(store: Store, digest: str, directory: Path) -> None:
    """Copy a snapshot into a directory, over files of the same names.

    Raises:
        NotFoundError: There is no such snapshot.
        StoreAccessError: The directory cannot be written.
    """
    root = _existing(store, digest)
    with explained("write to", directory):
        for folder, folders, files in os.walk(root):
            target = directory / Path(folder).relative_to(root)
            for name in folders:
                (target / name).mkdir(exist_ok=True)
            for name in files:
                _copy(os.path.join(folder, name), str(target / name))  # noqa: PTH118


def source_file(store: Store, digest: str, relative: str) -> Path:
    """Return the path of one file of a snapshot.

    Raises:
        NotFoundError: There is no such snapshot or file.
    """
    root = _existing(store, digest)
    path = root / relative
    if not path.resolve().is_relative_to(root.resolve()) or not path.is_file():
        raise NotFoundError(f"{relative} is not in the source {digest[:8]} of this run")
    return path
