"""Writing within one folder: no link leads out of it, whatever somebody has laid there.

Every folder on the way is opened by its name in the one before it, and never a link.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


@contextmanager
def opened_inside(root: Path, folders: Sequence[str] = ()) -> Iterator[int]:
    """Open a folder below another one; those that are missing are made, for the owner alone.

    Args:
        root: Where it is; it exists.
        folders: The names of the folders on the way, the last one the folder itself.

    Raises:
        OSError: A link or a file has the place of a folder, or the system refuses.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in folders:
            above, descriptor = descriptor, _opened_in(descriptor, name)
            os.close(above)
        yield descriptor
    finally:
        os.close(descriptor)


def create_in(folder: int, name: str, *, is_executable: bool = False) -> int:
    """Make a file for its owner alone and return it, open for writing.

    Raises:
        FileExistsError: Something has its name, perhaps a link.
        OSError: The system refuses.
    """
    return os.open(name, _NEW_FILE, 0o700 if is_executable else 0o600, dir_fd=folder)


def remove_in(folder: int, name: str) -> None:
    """Remove what has a name in an open folder, if anything: of a link the link alone."""
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            shutil.rmtree(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def link_inside(root: Path, place: Sequence[str], target: Path) -> None:
    """Lay a link below a folder, in the place of what is there.

    Args:
        root: The folder.
        place: The link's path within it, name by name.
        target: Where it leads; nothing is changed there.

    Raises:
        OSError: As ``opened_inside`` raises it; ``EOPNOTSUPP`` where the file system has no links.
    """
    *folders, name = place
    with opened_inside(root, folders) as folder:
        remove_in(folder, name)
        try:
            os.symlink(target, name, dir_fd=folder)
        except PermissionError as error:  # in a folder that was written to just now
            number = errno.EOPNOTSUPP if error.errno == errno.EPERM else errno.EACCES
            raise OSError(number, os.strerror(number)) from error


def rewrite_inside(root: Path, place: Sequence[str], data: bytes) -> None:
    """Put another file in the place of one that has its permissions.

    Args:
        root: The folder.
        place: The file's path within it, name by name.
        data: What it holds from now on.

    Raises:
        OSError: As ``opened_inside`` raises it; or there is no file.
    """
    *folders, name = place
    with opened_inside(root, folders) as folder:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        remove_in(folder, name)
        descriptor = create_in(folder, name, is_executable=bool(mode & stat.S_IXUSR))
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a path would follow links
            file.write(data)


def copy_inside(source: Path, folder: int) -> None:
    """Copy the files and folders of a folder into an open one, over files of the same names.

    Links of the source are left out, and those in the way are replaced.

    Raises:
        OSError: A file has the place of a folder, or the system refuses.
    """
    for entry in list(os.scandir(source)):
        if entry.is_dir(follow_symlinks=False):
            if _is_link(folder, entry.name):
                remove_in(folder, entry.name)
            descriptor = _opened_in(folder, entry.name)
            try:
                copy_inside(Path(entry.path), descriptor)
            finally:
                os.close(descriptor)
        elif entry.is_file(follow_symlinks=False):
            _copy_file(entry, folder)


def _copy_file(entry: "os.DirEntry[str]", folder: int) -> None:
    is_executable = bool(entry.stat().st_mode & stat.S_IXUSR)
    try:
        descriptor = create_in(folder, entry.name, is_executable=is_executable)
    except FileExistsError:
        remove_in(folder, entry.name)
        descriptor = create_in(folder, entry.name, is_executable=is_executable)
    with open(descriptor, "wb") as copy, open(entry.path, "rb") as file:  # noqa: PTH123 - as above
        shutil.copyfileobj(file, copy)


def _is_link(folder: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _opened_in(folder: int, name: str) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=folder)
    return os.open(name, _FOLDER, dir_fd=folder)
