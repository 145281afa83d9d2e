"""Unpacking an archive that may be anybody's: within one folder and limits, through no link."""

import gzip
import os
import stat
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tunesmith.errors import ArchiveError
from tunesmith.identity import is_inner_path
from tunesmith.storage.files.confined_writes import create_in, opened_inside
from tunesmith.storage.objects.os_errors import explained

_CHUNK = 2**20
_MAX_HEADER = 2**24
"""Bytes that an archive may describe one file with; they are read at once."""
MAX_DEPTH = 400
"""Folders within each other that this and whatever reads them later can follow."""


_LEAST_BYTES, _RATIO = 2 * 10**9, 20
"""What every archive may hold, and how much more than its own size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an archive may hold before it is refused."""

    n_bytes: int | None = None
    """Of all files, when they are unpacked; None for 2 GB, or 20 times the archive's own size."""
    n_files: int = 1_000_000
    """Files, folders and links."""
    depth: int = 100
    """Folders within each other; at most ``MAX_DEPTH``."""


def unpack(path: Path, folder: Path, *, root: str, limits: Limits) -> frozenset[str]:
    """Unpack an archive into a folder, and return which of its files are executable.

    Nothing is written outside of the folder.

    Args:
        path: A ``.tar.gz``.
        folder: Where its files go; empty.
        root: The only folder that may be in it.
        limits: What it may hold.

    Raises:
        ArchiveError: It is damaged, holds more, or something that is no part of a store.
        StoreAccessError: The archive cannot be read, or the folder not be written.
    """
    try:
        with _Stream(path) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            n_bytes = limits.n_bytes or max(_LEAST_BYTES, _RATIO * path.stat().st_size)
            unpacking = _Unpacking(archive, folder, root, limits, n_bytes, n_bytes)
            unpacking.run(path)
            stream.read(_CHUNK)  # to the end, where the checksum is
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            with explained("read", path):
                raise
        raise ArchiveError(not_ours(path)) from error
    return frozenset(unpacking.executables)


def not_ours(path: Path) -> str:
    """Return the message for a file that is no archive of ours."""
    return f"{path} is no whole archive of runs: write one with tunesmith export"


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Explain what the system refuses; that something has a file's name is the archive's fault."""
    with explained("write to", folder / "files"):
        try:
            yield
        except (FileExistsError, NotADirectoryError) as error:
            raise _TakenError from error


class _TakenError(Exception):
    """The archive holds two things of one name, or a file where it holds a folder."""


class _Stream(gzip.GzipFile):
    """Decompresses; an archive cannot make it hold more than a little at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _MAX_HEADER:
            raise ValueError("a header is too long")
        return super().read(size)


@dataclass(slots=True)
class _Unpacking:
    """An archive that is being unpacked, and what is left of the limits."""

    archive: tarfile.TarFile
    folder: Path
    root: str
    limits: Limits
    n_bytes: int
    n_bytes_left: int
    n_files: int = 0
    executables: set[str] = field(default_factory=set)

    def run(self, path: Path) -> None:
        """Unpack every member."""
        while (member := self.archive.next()) is not None:
            self.archive.members = []  # type: ignore[attr-defined]  # or each is remembered
            parts = PurePosixPath(member.name).parts
            if self._is_other_folder(member):
                continue
            if not is_inner_path(member.name) or parts[0] != self.root:
                raise ArchiveError(f"{path} holds {member.name!r}, which is no part of a store")
            if excess := self._excess(member, parts):
                raise ArchiveError(f"{path} holds {excess}, if you trust it")
            try:
                self._place(member, parts, path)
            except _TakenError as error:
                raise ArchiveError(f"{path} holds {member.name!r} twice") from error

    def _is_other_folder(self, member: tarfile.TarInfo) -> bool:
        """Return whether a member is a folder that nothing is put into."""
        return member.isdir() and PurePosixPath(member.name).parts[:1] != (self.root,)

    def _excess(self, member: tarfile.TarInfo, parts: tuple[str, ...]) -> str:
        """Return which limit a member passes, and the option that raises it; else nothing."""
        self.n_files += 1
        self.n_bytes_left -= member.size if member.isfile() else 0
        limits = self.limits
        if self.n_bytes_left < 0:
            return f"more than {self.n_bytes / 1e9:.3g} GB unpacked: raise that with --max-size"
        if self.n_files > limits.n_files:
            return f"more than {limits.n_files} files: raise that with --max-files"
        if len(parts) > limits.depth:
            return f"more than {limits.depth} folders in each other: raise that with --max-depth"
        return ""

    def _place(self, member: tarfile.TarInfo, parts: tuple[str, ...], path: Path) -> None:
        if member.isdir():
            with _writing(self.folder), opened_inside(self.folder, parts):
                return
        if member.issym() and _is_within(parts, member.linkname):
            with _writing(self.folder), opened_inside(self.folder, parts[:-1]) as folder:
                os.symlink(member.linkname, parts[-1], dir_fd=folder)
        elif member.isfile():
            self._write(member, parts)
        else:
            raise ArchiveError(f"{path} holds {member.name!r}, which is no part of a store")

    def _write(self, member: tarfile.TarInfo, parts: tuple[str, ...]) -> None:
        source = self.archive.extractfile(member)
        if source is None:
            return
        is_executable = bool(member.mode & stat.S_IXUSR)
        if is_executable:
            self.executables.add("/".join(parts))
        with _writing(self.folder), opened_inside(self.folder, parts[:-1]) as folder:
            copy = create_in(folder, parts[-1], is_executable=is_executable)
        with open(copy, "wb", buffering=0) as file, source:  # noqa: PTH123 - a path follows links
            while chunk := memoryview(source.read(_CHUNK)):
                with _writing(self.folder):
                    while chunk:
                        chunk = chunk[file.write(chunk) :]
            with suppress(OSError, ValueError, OverflowError):
                os.utime(file.fileno(), (member.mtime, member.mtime))


def _is_within(parts: tuple[str, ...], target: str) -> bool:
    """Return whether a link stays within the archive's folder, going by what it says."""
    place = os.path.normpath(os.path.join(*parts[:-1], target))  # noqa: PTH118 - a text
    return not os.path.isabs(target) and place.split("/")[0] == parts[0]  # noqa: PTH117 - a text
