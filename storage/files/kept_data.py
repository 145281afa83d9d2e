"""Data that trials get: kept once for each state, so that what a trial writes is never the user's.

A copy can be made anew from the project at any time, which is why it lies in the cache.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tunesmith.atomic_file import new_folder, remove_old_drafts, write_atomically
from tunesmith.identity import is_id
from tunesmith.storage.files.data_state import DataFile, DataState
from tunesmith.storage.files.file_copies import copy_bytes
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.objects.os_errors import explained

CONTENT = "content"
"""The name of the copy in its folder, beside what it has: a file or a folder."""
STATE = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Data as the store keeps it."""

    root: Path
    """The copy: a file or a folder."""
    state: DataState
    is_shared: bool
    """Whether the file system shares blocks between copies, which then take no room."""


@dataclass(frozen=True, slots=True)
class KeptData:
    """The data that a store keeps."""

    layout: Layout
    """Where it does."""

    def keep(self, path: Path, state: DataState) -> str:
        """Copy data into the store, unless it has it, and return the digest of its state.

        Args:
            path: The file or the folder in the project.
            state: What it has.

        Raises:
            StoreAccessError: The copy cannot be written.
        """
        digest = state.digest(path)
        if self.find(digest) is None:
            final = self._folder(digest)
            with explained("write to", final):
                final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with new_folder(final) as draft:
                    _write(draft, path, state, CONTENT)
            remove_old_drafts(final.parent)
        return digest

    def renew(self, kept: Kept, path: Path, state: DataState) -> None:
        """Copy data anew that a trial has changed in the store, where nothing could prevent it.

        Who links to the earlier copy keeps it.

        Args:
            kept: The data.
            path: The file or the folder in the project.
            state: What it has.

        Raises:
            StoreAccessError: The copy cannot be written.
        """
        with explained("write to", kept.root.parent):
            _write(kept.root.parent, path, state, f"{CONTENT}-{os.urandom(4).hex()}")

    def find(self, digest: str) -> Kept | None:
        """Return data by its digest; None where the store has it not, or not any more."""
        if not is_id(digest):
            return None
        folder = self._folder(digest)
        try:
            fields = json.loads((folder / STATE).read_bytes())
            state = DataState(
                files=tuple(DataFile(**one) for one in fields["files"]),
                folders=tuple(fields["folders"]),
                is_folder=fields["is_folder"],
                is_whole=True,
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        content, is_shared = fields.get("content", CONTENT), fields.get("is_shared", False)
        return Kept(root=folder / content, state=state, is_shared=is_shared)

    def changed(self, kept: Kept, source: str) -> frozenset[str] | None:
        """Return what a trial of a source has changed of its copy; None before one has ended.

        Args:
            kept: The data.
            source: The digest of the source.
        """
        try:
            return frozenset(json.loads(_seen_by(kept, source).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def note_changed(self, kept: Kept, source: str, changed: Iterable[str]) -> None:
        """Note what a trial of a source has changed of its copy, beside what was noted earlier."""
        earlier = self.changed(kept, source) or frozenset()
        with suppress(OSError):  # then the next trial has a copy of its own, too
            text = json.dumps(sorted({*earlier, *changed}))
            write_atomically(_seen_by(kept, source), text.encode())

    def _folder(self, digest: str) -> Path:
        return self.layout.kept_data / digest


def _seen_by(kept: Kept, source: str) -> Path:
    return kept.root.with_name(f"changed-{source}.json")


def _write(folder: Path, path: Path, state: DataState, content: str) -> None:
    """Copy what a state names; what has vanished since is left out."""
    root = folder / content
    if state.is_folder:
        root.mkdir(mode=0o700)
        for name in state.folders:
            (root / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    kept, is_shared = list[DataFile](), False
    for file in state.files:
        with suppress(FileNotFoundError):
            is_shared = _copy(path / file.name if file.name else path, root / file.name)
            kept.append(file)
    plain = {
        "files": [asdict(file) for file in kept],
        "folders": state.folders,
        "is_folder": state.is_folder,
        "is_shared": is_shared,
        "content": content,
    }
    write_atomically(folder / STATE, json.dumps(plain).encode())


def _copy(path: Path, target: Path) -> bool:
    """Copy one file, with the time at which it was modified; nobody may write the copy."""
    with path.open("rb") as file, target.open("xb") as copy:
        is_shared = copy_bytes(file, copy)
        status = os.fstat(file.fileno())
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    target.chmod(0o400)
    return is_shared
