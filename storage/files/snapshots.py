"""Snapshots of a project's source: kept once for each content, copied into every trial."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tunesmith.atomic_file import atomic_folder, new_folder, remove_old_drafts
from tunesmith.errors import NotFoundError, ScriptError
from tunesmith.identity import is_id
from tunesmith.storage.files.confined_writes import copy_tree_into, open_folder_within
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.files.shared_source import share_source
from tunesmith.storage.files.source_digest import digest_of_contents, digest_of_folder
from tunesmith.storage.files.source_files import SourceFile, find_source_files, is_copied
from tunesmith.storage.files.source_notes import hash_of, read_note, write_note
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.objects.publishing import sync_file

_MANY_FILES = 2_000
"""From here on keeping a source takes seconds, on a slow disk a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A project's source as the store keeps it."""

    digest: str
    files: tuple[SourceFile, ...]
    notes: tuple[str, ...]
    """What was left out that a script may need, one line each, with what to do about it."""


@dataclass(frozen=True, slots=True)
class SourceSnapshots:
    """The snapshots of a store: one for each content, which no trial changes."""

    layout: Layout
    """Where the store keeps them."""

    def take(
        self,
        project: Path,
        script: Path | None,
        *,
        links: Sequence[str] = (),
        tell: Callable[[str], None] = lambda _: None,
    ) -> Snapshot:
        """Keep a project's source, and return the digest of its content.

        Where no file has changed since the last time, nothing is read but the list of files.

        Args:
            project: The project's folder.
            script: The script, within the project; None for a command that names none.
            links: Paths that trials see by a link and that need no copy; by default none.
            tell: Is called with one line before a copy that takes a while; by default nobody is
                told.

        Raises:
            ScriptError: The script is missing or cannot be read.
            StoreAccessError: The snapshot cannot be written.
        """
        project, script = project.absolute(), script and script.absolute()
        if script is not None and not script.is_file():
            raise ScriptError(f"{script} is not a file: give the path of a Python script")
        now = time.time_ns()
        found = find_source_files(project, script, self.layout.home, links=links)
        state = hash_of(repr(("intact", str(project), found.files)))
        note = self.layout.cache / f"source-{hash_of(str(script or project))}.json"
        if (known := str(read_note(note, state) or "")) and self._path(known).is_dir():
            return Snapshot(digest=known, files=found.files, notes=found.notes)
        if len(found.files) >= _MANY_FILES:
            tell(
                f"copying the source, {len(found.files):,} files, takes a while the first time: "
                "start from a smaller folder if the script needs fewer"
            )
        contents = _read(project, found.files, script)
        digest = digest_of_contents(contents)
        if not _is_intact(self._path(digest), contents):
            _write_snapshot(self._path(digest), contents)
        write_note(note, state, digest, files=found.files, now_ns=now)
        return Snapshot(digest=digest, files=found.files, notes=found.notes)

    def place(self, digest: str, directory: Path, *, folders: Sequence[str] = ()) -> None:
        """Copy a snapshot into a directory, over files of the same names and through no link.

        Args:
            digest: The snapshot's digest.
            directory: The directory that it is copied to.
            folders: The path below the directory, name by name, of the folder that holds the
                copy; by default the directory itself.

        Raises:
            NotFoundError: There is no such snapshot.
            StoreAccessError: The directory cannot be written.
        """
        root = self.folder(digest)
        with explained("write to", directory), open_folder_within(directory, folders) as folder:
            copy_tree_into(root, folder)

    def share(self, digest: str, directory: Path) -> int:
        """Let a trial that has ended share the files that it left unchanged; return how many.

        Args:
            digest: The snapshot's digest.
            directory: The folder with the trial's copy of it.
        """
        return share_source(self._path(digest), self.layout.shared_source / digest, directory)

    def file(self, digest: str, relative: str) -> Path:
        """Return the path of one file of a snapshot, by its path within the project.

        Raises:
            NotFoundError: There is no such snapshot or file.
        """
        root = self.folder(digest)
        path = root / relative
        if not path.resolve().is_relative_to(root.resolve()) or not path.is_file():
            raise NotFoundError(
                f"{relative} is not in the source {digest[:8]}: see tunesmith runs"
            )
        return path

    def folder(self, digest: str) -> Path:
        """Return the folder of a snapshot, which nobody may change.

        Raises:
            NotFoundError: There is no such snapshot.
        """
        if not is_id(digest) or not self._path(digest).is_dir():
            raise NotFoundError(
                f"the store has no source {digest[:8]!r}: it was removed, or never taken; "
                "start the script anew"
            )
        return self._path(digest)

    def _path(self, digest: str) -> Path:
        return self.layout.source / digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSource:
    """The files of a project's source now: those that a snapshot taken now would have."""

    contents: Sequence[tuple[SourceFile, bytes]]

    @property
    def digest(self) -> str:
        """The digest that a snapshot of these files would have."""
        return digest_of_contents(self.contents)

    def write(self, folder: Path) -> None:
        """Write the files into an empty folder, which need not survive a loss of power.

        Raises:
            StoreAccessError: The folder cannot be written.
        """
        with explained("write to", folder):
            for file, data in self.contents:
                with _created(folder / file.name, is_executable=file.is_executable) as copy:
                    copy.write(data)


def read_project(project: Path, script: Path, home: Path) -> ProjectSource:
    """Read a project's source without a store; nothing is written.

    Args:
        project: The project's folder, absolute.
        script: The script, within the project, absolute.
        home: The store's folder, which is no source.

    Raises:
        ScriptError: The script cannot be read.
    """
    found = find_source_files(project, script, home)
    return ProjectSource(contents=_read(project, found.files, script))


def _read(
    project: Path, files: Sequence[SourceFile], script: Path | None
) -> list[tuple[SourceFile, bytes]]:
    """Return the files with their bytes; unreadable ones are left out, but not the script."""
    contents = []
    for file in files:
        path = project / file.name
        try:
            data = path.read_bytes()
        except OSError as error:
            if path == script:
                raise ScriptError(f"{script} cannot be read: {error.strerror}") from error
            continue
        if path == script or is_copied(file, data):
            contents.append((file, data))
    return contents


def _is_intact(folder: Path, contents: Sequence[tuple[SourceFile, bytes]]) -> bool:
    """Return whether a snapshot is there and has the digest of its name."""
    executables = {file.name for file, _ in contents if file.is_executable}
    try:
        return digest_of_folder(folder, executables) == folder.name
    except OSError:
        return False


def _write_snapshot(final: Path, contents: Sequence[tuple[SourceFile, bytes]]) -> None:
    """Write a snapshot as a whole: under a hidden name first, durable before it is renamed.

    One that was changed since it was taken is replaced.
    """
    place = atomic_folder if final.exists() else new_folder
    with explained("write to", final), place(final) as draft:
        for file, data in contents:
            _write(draft / file.name, data, is_executable=file.is_executable)
    remove_old_drafts(final.parent)


def _write(path: Path, data: bytes, *, is_executable: bool) -> None:
    with _created(path, is_executable=is_executable) as file:
        file.write(data)
        file.flush()
        sync_file(file.fileno())


def _created(path: Path, *, is_executable: bool) -> BinaryIO:
    """Make a file for its owner alone, as far as the file system has permissions."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = 0o700 if is_executable else 0o600
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")  # noqa: PTH123 - Path.open takes no mode
