"""Runs as one file: a compressed archive of a store that holds nothing else."""

import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tunesmith.chosen_file import chosen_file
from tunesmith.errors import ArchiveError, StoreAccessError, StoreFormatError
from tunesmith.storage.access import explained
from tunesmith.storage.store import Store
from tunesmith.storage.transfer import Transferred, copy_runs

ROOT = "tunesmith-export"
"""The only folder of an archive: a store."""
_LEFT_OUT = ("cache", "leases", "quarantine")


def write_archive(
    source: Store, run_ids: Collection[str] | None, path: Path, *, with_files: bool = True
) -> Transferred:
    """Write runs to a ``.tar.gz``, whole or not at all.

    Args:
        source: Where they are.
        run_ids: Ids as ``copy_runs`` takes them; None for everything.
        path: The archive; one that is there is replaced.
        with_files: Whether the runs' folders are in it.
    """
    with chosen_file(path) as draft, _folder_beside(draft) as folder:
        store = Store.create(folder / ROOT)
        done = copy_runs(source, store, run_ids, with_files=with_files)
        with tarfile.open(draft, "w:gz") as archive:
            archive.add(store.home, arcname=ROOT, filter=_anonymous)
    return done


def read_archive(path: Path, target: Store) -> Transferred:
    """Take the runs of an archive into a store.

    Raises:
        ArchiveError: It is none, it is damaged, or something in it leads out of it.
        StoreFormatError: A later Tunesmith wrote it.
    """
    cache = target.layout.cache
    with explained("write to", cache):
        cache.mkdir(mode=0o700, exist_ok=True)
    with _folder_beside(cache / "import") as folder:
        _unpack(path, folder)
        try:
            store = Store.open(folder / ROOT)
        except StoreFormatError:
            raise
        except StoreAccessError as error:
            raise ArchiveError(_not_ours(path)) from error
        return copy_runs(store, target)


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """Make a folder on the same disk as a path, which is gone in the end."""
    with explained("write to", path):
        folder = Path(tempfile.mkdtemp(prefix=".tunesmith-", dir=path.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(path: Path, folder: Path) -> None:
    """Unpack an archive; nothing of it can be written outside of the folder."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                if _is_safe(member):
                    _extract(archive, member, folder)
                elif not member.isdir():
                    raise ArchiveError(
                        f"{path} holds {member.name!r}, which is no part of a store"
                    )
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            with explained("read", path):
                raise
        raise ArchiveError(_not_ours(path)) from error


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    if hasattr(tarfile, "data_filter"):
        archive.extract(member, folder, filter="data")
    elif not member.issym():  # without the filter of Python 3.11.4 a link is not safe
        archive.extract(member, folder)


def _is_safe(member: tarfile.TarInfo) -> bool:
    parts = Path(member.name).parts
    is_inside = bool(parts) and parts[0] == ROOT and ".." not in parts
    return is_inside and (member.isfile() or member.isdir() or member.issym())


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Return a member without its owner; None for what is no part of the truth."""
    parts = Path(member.name).parts
    if len(parts) > 1 and parts[1] in _LEFT_OUT and len(parts) > 2:
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _not_ours(path: Path) -> str:
    return f"{path} is no whole archive of runs: write one with tunesmith export"
