"""Objects as files of a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.objects.publishing import (
    BEST,
    DRAFT_SUFFIX,
    PublishMethod,
    has_fallback,
    publish_file,
    sync_folder,
)

_FOLDER_MODE = 0o700
_MAX_TRIES = 5


class LocalObjects:
    """Keeps objects as files below one folder: the ``ObjectStore`` of a local disk.

    A file is written without a name, made durable, and only then linked to its name. Where the
    file system cannot do that, the file has a hidden name in the same folder first, and a kill at
    that moment leaves it behind. Nothing reads hidden files; those in a batch's own folder are
    removed with the batch's last part. ``PublishMethod`` lists the methods.
    """

    def __init__(self, root: Path, *, method: PublishMethod = BEST) -> None:
        """Keep objects below a folder, which exists.

        Args:
            root: The folder.
            method: How files get their names; by default the best method that the system offers.
                Where the file system does not support it, the next ones are tried.
        """
        self._root = root
        self._method = method
        self._durable: set[Path] = set()
        """Folders whose names are on the disk."""

    def put_new(self, name: str, data: bytes) -> bool:
        """Write an object unless there is one of that name; return whether it was written."""
        path = self._path(name)
        with explained("write to", path):
            for _ in range(_MAX_TRIES):
                try:
                    return self._put(path, data)
                except FileNotFoundError:  # the folder is not made yet, or was empty and removed
                    self._make_folders(path.parent)
            return self._put(path, data)

    def get(self, name: str) -> bytes:
        """Return an object's bytes.

        Raises:
            KeyError: There is no such object, or it vanished meanwhile.
        """
        path = self._path(name)
        with explained("read", path):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError) as error:
                raise KeyError(name) from error

    def list(self, prefix: str) -> list[str]:
        """Return the names that start with a prefix, at any depth, sorted."""
        folder = prefix.rpartition("/")[0]
        with explained("read", self._root / folder):
            return sorted(name for name in self._walk(folder) if name.startswith(prefix))

    def delete(self, *names: str) -> None:
        """Remove objects; those that are not there count as removed."""
        paths = [self._path(name) for name in names]
        for path in paths:
            with explained("delete", path):
                path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            with explained("delete from", folder):
                self._forget(folder)

    def _forget(self, folder: Path) -> None:
        """Make deletions durable, and remove a batch's own folder with its last part."""
        with suppress(FileNotFoundError), _opened(folder) as descriptor:
            sync_folder(descriptor)
        if folder.parent != self._root and folder != self._root:
            with suppress(OSError):
                _remove_drafts(folder)
                folder.rmdir()

    def _path(self, name: str) -> Path:
        pieces = name.split("/")
        if any(piece in ("", ".", "..") for piece in pieces):
            raise ValueError(f"{name!r} is not the name of an object")
        return self._root.joinpath(*pieces)

    def _walk(self, folder: str) -> Iterator[str]:
        try:
            entries = list(os.scandir(self._root / folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(name)
            elif entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                yield name

    def _put(self, path: Path, data: bytes) -> bool:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            is_new = self._write(folder, path, data)
            # a name that is taken too: its writer may have died, or failed, before it was durable
            sync_folder(folder)
        finally:
            os.close(folder)
        self._keep(path.parent)
        return is_new

    def _write(self, folder: int, path: Path, data: bytes) -> bool:
        """Publish a file by the best method there is; return False where the name is taken."""
        while True:
            method = self._method
            try:
                return publish_file(folder, path, data, method)
            except OSError as error:
                if not has_fallback(error, method):
                    raise
                self._method = max(self._method, PublishMethod(method + 1))

    def _keep(self, folder: Path) -> None:
        """Make the names of a folder and of its parents durable, once for each.

        The process that made them may have died before it could.
        """
        while folder not in self._durable:
            # the root may lie in a folder that can be entered but not read
            allowed = suppress(PermissionError) if folder == self._root else nullcontext()
            with allowed, _opened(folder.parent) as parent:
                sync_folder(parent)
            self._durable.add(folder)
            if folder != self._root:
                folder = folder.parent

    def _make_folders(self, folder: Path) -> None:
        """Make a folder below the root; never the root: that it is gone must be noticed."""
        if folder == self._root or not folder.is_relative_to(self._root):
            return
        try:
            folder.mkdir(mode=_FOLDER_MODE)
        except FileExistsError:
            return
        except FileNotFoundError:
            self._make_folders(folder.parent)
            folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        self._durable.discard(folder)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _remove_drafts(folder: Path) -> None:
    """Remove the hidden files that killed writers have left, where nothing else is left.

    A writer that is alive may lose its hidden file too; then ``put_new`` writes it again. Only
    hidden files are removed: other files may have appeared since the folder was listed.
    """
    drafts: list[Path] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not (entry.name.startswith(".") and entry.name.endswith(DRAFT_SUFFIX)):
                return
            drafts.append(Path(entry.path))
    for draft in drafts:
        draft.unlink(missing_ok=True)
