"""Runs as one file: a compressed archive of a store that holds only them."""

import shutil
import tarfile
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tunesmith.errors import ArchiveError, StoreAccessError, StoreFormatError
from tunesmith.output_file import output_file
from tunesmith.storage.archives.transfer import Transferred, copy_runs
from tunesmith.storage.archives.unpacking import Limits, not_ours, unpack
from tunesmith.storage.files.source_digest import digest_of_folder
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.records.imported_batches import Import
from tunesmith.storage.store import Store

ROOT = "tunesmith-export"
"""The only folder of an archive: a store."""
_LEFT_OUT = ("cache", "leases", "quarantine")


def write_archive(
    source: Store, run_ids: Collection[str] | None, path: Path, *, with_files: bool = True
) -> Transferred:
    """Write runs to a ``.tar.gz``, completely or not at all.

    Args:
        source: The store that has the runs.
        run_ids: Ids as ``copy_runs`` takes them; None for all runs.
        path: The archive, which replaces a file of that name.
        with_files: Whether the runs' folders are in it; by default they are.
    """
    with output_file(path) as draft, _folder_beside(draft) as folder:
        store = Store.create(folder / ROOT)
        done = copy_runs(source, store, run_ids, with_files=with_files)
        with tarfile.open(draft, "w:gz") as archive:
            archive.add(store.home, arcname=ROOT, filter=_anonymous)
    return done


def read_archive(
    path: Path, target: Store, *, limits: Limits | None = None, now: float = 0.0
) -> Transferred:
    """Copy the runs of an archive into a store, which marks their batches as imported.

    Args:
        path: The archive.
        target: The store that the runs are copied to.
        limits: How much the archive may hold; by default as ``Limits`` has it.
        now: The time of the import, in seconds since 1970, UTC; by default 0.

    Raises:
        ArchiveError: It is no archive of runs, was changed, exceeds a limit, or would write
            outside of its folder.
        StoreFormatError: A later Tunesmith wrote it.
    """
    cache = target.layout.cache
    with explained("write to", cache):
        cache.mkdir(mode=0o700, exist_ok=True)
    with _folder_beside(cache / "import") as folder:
        executables = unpack(path, folder, root=ROOT, limits=limits or Limits())
        try:
            store = Store.open(folder / ROOT)
        except StoreFormatError:
            raise
        except StoreAccessError as error:
            raise ArchiveError(not_ours(path)) from error
        _check_sources(store, path, executables)
        return copy_runs(store, target, origin=Import(archive=str(path), time=now))


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """Make a folder on the same disk as a path, and remove it in the end."""
    with explained("write to", path):
        folder = Path(tempfile.mkdtemp(prefix=".tunesmith-", dir=path.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_sources(store: Store, path: Path, executables: Collection[str]) -> None:
    """Check that every snapshot has the digest of its name: it may be run instead of one's own.

    Raises:
        ArchiveError: One was changed.
    """
    with explained("read", path):
        for folder in sorted(store.layout.source.glob("*")):
            place = f"{ROOT}/source/{folder.name}/"
            own = {one.removeprefix(place) for one in executables if one.startswith(place)}
            if digest_of_folder(folder, own) != folder.name:
                raise ArchiveError(
                    f"{path} was changed after it was written: its source {folder.name[:8]!r} "
                    "does not have the digest of its name; nothing was imported"
                )


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Return a member without its owner; None for what is left out."""
    parts = Path(member.name).parts
    if len(parts) > 1 and parts[1] in _LEFT_OUT and len(parts) > 2:
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
