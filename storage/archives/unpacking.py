"""Unpacking an archive of anybody's: within one folder and within limits, and through no link.

Links of the archive are made but never followed here; whoever reads them has to check them again.
"""

import gzip
import os
import stat
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from tunesmith.errors import ArchiveError
from tunesmith.identity import is_inner_path
from tunesmith.storage.files.confined_writes import create_file, open_folder_within
from tunesmith.storage.objects.os_errors import explained

_CHUNK = 2**20
_MAX_HEADER = 2**24
"""The most bytes that may describe one file of an archive; they are read at once."""
MAX_DEPTH = 400
"""The most folders within each other that this and whatever reads them later can follow."""
_LEAST_BYTES, _RATIO = 2 * 10**9, 20
"""What every archive may hold, and how much more than its own size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an archive may hold."""

    n_bytes: int | None = None
    """Bytes of all unpacked files; by default 2 GB, or 20 times the archive's size if more."""
    n_files: int = 1_000_000
    """Files, folders and links."""
    depth: int = 100
    """Folders within each other; at most ``MAX_DEPTH``."""


def unpack(path: Path, folder: Path, *, root: str, limits: Limits) -> frozenset[str]:
    """Unpack an archive, and return the paths of its executable files within the folder.

    Nothing is written outside of the folder.

    Args:
        path: The archive, a ``.tar.gz``.
        folder: The folder that its files go to, which is empty.
        root: The only folder that the archive may hold at its top.
        limits: How much it may hold.

    Raises:
        ArchiveError: It is damaged, exceeds a limit, or holds what is no part of a store.
        StoreAccessError: The archive cannot be read, or the folder cannot be written.
    """
    try:
        with _Stream(path) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            n_bytes = limits.n_bytes or max(_LEAST_BYTES, _RATIO * path.stat().st_size)
            unpacking = _Unpacking(archive, path, folder, root, replace(limits, n_bytes=n_bytes))
            unpacking.run()
            stream.read(_CHUNK)  # to the end, where the checksum is
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            with explained("read", path):
                raise
        raise ArchiveError(not_ours(path)) from error
    return frozenset(unpacking.executables)


def not_ours(path: Path) -> str:
    """Return the message for a file that is no archive of runs."""
    return f"{path} is not a complete archive of runs: make one with tunesmith export"


class _Stream(gzip.GzipFile):
    """Decompresses; an archive cannot make it hold much at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _MAX_HEADER:
            raise ValueError("a header is too long")
        return super().read(size)


@dataclass(slots=True)
class _Unpacking:
    """An archive that is being unpacked, and what it has held so far."""

    archive: tarfile.TarFile
    path: Path
    folder: Path
    root: str
    limits: Limits
    n_bytes: int = 0
    n_files: int = 0
    executables: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Unpack every member."""
        while (member := self.archive.next()) is not None:
            self.archive.members = []  # type: ignore[attr-defined]  # or each is remembered
            parts = PurePosixPath(member.name).parts
            if member.isdir() and parts[:1] != (self.root,):
                continue  # nothing can be in it: a file there is refused
            if not is_inner_path(member.name) or parts[0] != self.root:
                raise self._stranger(member)
            self._count(member, depth=len(parts))
            if member.isdir():
                with self._writing(member), open_folder_within(self.folder, parts):
                    continue
            self._place(member, parts)

    def _count(self, member: tarfile.TarInfo, *, depth: int) -> None:
        """Count a member before anything of it is written.

        Raises:
            ArchiveError: It exceeds a limit.
        """
        self.n_files += 1
        self.n_bytes += member.size if member.isfile() else 0
        limits, excess = self.limits, ""
        if limits.n_bytes is not None and self.n_bytes > limits.n_bytes:
            excess = f"{limits.n_bytes / 1e9:.3g} GB unpacked: raise that with --max-size"
        elif self.n_files > limits.n_files:
            excess = f"{limits.n_files} files: raise that with --max-files"
        elif depth > limits.depth:
            excess = f"{limits.depth} folders in each other: raise that with --max-depth"
        if excess:
            raise ArchiveError(f"{self.path} holds more than {excess}, if you trust it")

    def _place(self, member: tarfile.TarInfo, parts: tuple[str, ...]) -> None:
        """Write a link or a file; nothing else may be in an archive."""
        source = self.archive.extractfile(member) if member.isfile() else None
        if source is None and not (member.issym() and _is_within(parts, member.linkname)):
            raise self._stranger(member)
        with self._writing(member), open_folder_within(self.folder, parts[:-1]) as folder:
            if source is None:
                os.symlink(member.linkname, parts[-1], dir_fd=folder)
                return
            is_executable = bool(member.mode & stat.S_IXUSR)
            copy = create_file(folder, parts[-1], is_executable=is_executable)
        if is_executable:
            self.executables.add("/".join(parts))
        with open(copy, "wb", buffering=0) as file, source:  # noqa: PTH123 - a path follows links
            while chunk := memoryview(source.read(_CHUNK)):
                with self._writing(member):
                    while chunk:
                        chunk = chunk[file.write(chunk) :]
            with suppress(OSError, ValueError, OverflowError):  # a time that no file can have
                os.utime(file.fileno(), (member.mtime, member.mtime))

    @contextmanager
    def _writing(self, member: tarfile.TarInfo) -> Iterator[None]:
        """Explain what the system refuses; that a name is taken is the archive's fault."""
        with explained("write to", self.folder / "files"):
            try:
                yield
            except (FileExistsError, NotADirectoryError) as error:
                raise ArchiveError(f"{self.path} holds {member.name!r} twice") from error

    def _stranger(self, member: tarfile.TarInfo) -> ArchiveError:
        return ArchiveError(f"{self.path} holds {member.name!r}, which is no part of a store")


def _is_within(parts: tuple[str, ...], target: str) -> bool:
    """Return whether a link stays within the archive's folder, as far as its text tells."""
    place = os.path.normpath(os.path.join(*parts[:-1], target))  # noqa: PTH118 - a string
    is_own = place.split("/")[0] == parts[0]
    return bool(target) and is_own and not os.path.isabs(target)  # noqa: PTH117 - a string
