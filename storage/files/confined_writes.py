"""Writing within one folder: no link in it can redirect a write elsewhere.

Every folder on the way is opened by its name in the one before it, and links are never followed.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tunesmith.storage.files.file_copies import copy_bytes

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


@contextmanager
def open_folder_within(root: Path, folders: Sequence[str] = ()) -> Iterator[int]:
    """Open a folder below another one, making what is missing for the owner alone.

    Args:
        root: The folder at the top, which exists.
        folders: The path below it, name by name; by default the root itself is opened.

    Raises:
        OSError: A link or a file is in the place of a folder, or the system refuses.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in folders:
            above, descriptor = descriptor, _open_subfolder(descriptor, name)
            os.close(above)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_subfolder(folder: int, name: str) -> Iterator[int]:
    """Open a folder in an open one, making it where it is missing.

    Raises:
        OSError: As ``open_folder_within`` raises it.
    """
    descriptor = _open_subfolder(folder, name)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def create_file(folder: int, name: str, *, is_executable: bool = False) -> int:
    """Make a file for its owner alone, and return its descriptor for writing.

    Args:
        folder: The descriptor of the folder.
        name: The file's name.
        is_executable: Whether the owner may execute it; by default not.

    Raises:
        FileExistsError: The name is taken, perhaps by a link.
        OSError: The system refuses.
    """
    return os.open(name, _NEW_FILE, 0o700 if is_executable else 0o600, dir_fd=folder)


def remove_entry(folder: int, name: str) -> None:
    """Remove a file, a folder or a link, if it is there; what a link points to stays."""
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            shutil.rmtree(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def symlink_within(root: Path, place: Sequence[str], target: Path) -> None:
    """Make a symbolic link below a folder, in the place of what is there.

    Args:
        root: The folder.
        place: The link's path within it, name by name.
        target: What the link points to; nothing is changed there.

    Raises:
        OSError: As ``open_folder_within`` raises it; with ``EOPNOTSUPP`` where the file system has
            no links.
    """
    *folders, name = place
    with open_folder_within(root, folders) as folder:
        remove_entry(folder, name)
        try:
            os.symlink(target, name, dir_fd=folder)
        except PermissionError as error:  # EPERM means no links: the folder is writable
            number = errno.EOPNOTSUPP if error.errno == errno.EPERM else errno.EACCES
            raise OSError(number, os.strerror(number)) from error


def replace_file_within(root: Path, place: Sequence[str], data: bytes) -> None:
    """Replace a file below a folder by another one with the same permissions.

    Args:
        root: The folder.
        place: The file's path within it, name by name.
        data: The new file's bytes.

    Raises:
        OSError: As ``open_folder_within`` raises it; or there is no such file.
    """
    *folders, name = place
    with open_folder_within(root, folders) as folder:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        remove_entry(folder, name)
        descriptor = create_file(folder, name, is_executable=bool(mode & stat.S_IXUSR))
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a path would follow links
            file.write(data)


def write_file_within(root: Path, place: Sequence[str], data: bytes) -> None:
    """Write a file below a folder for its owner alone, in the place of what is there.

    Args:
        root: The folder.
        place: The file's path within it, name by name.
        data: The file's bytes.

    Raises:
        OSError: As ``open_folder_within`` raises it.
    """
    *folders, name = place
    with open_folder_within(root, folders) as folder:
        remove_entry(folder, name)
        with open(create_file(folder, name), "wb") as file:
            file.write(data)


def remove_file_within(root: Path, place: Sequence[str]) -> None:
    """Remove a file below a folder, if it is there.

    Raises:
        OSError: As ``open_folder_within`` raises it.
    """
    *folders, name = place
    with open_folder_within(root, folders) as folder:
        remove_entry(folder, name)


def copy_tree_into(source: Path, folder: int) -> None:
    """Copy what is in a folder into an open one, over files of the same names.

    Links in the source are left out; links in the way are replaced.

    Args:
        source: The folder to copy from.
        folder: The descriptor of the folder to copy to.

    Raises:
        OSError: A file is in the place of a folder, or the system refuses.
    """
    for entry in list(os.scandir(source)):
        if entry.is_dir(follow_symlinks=False):
            if _is_link(folder, entry.name):
                remove_entry(folder, entry.name)
            with open_subfolder(folder, entry.name) as descriptor:
                copy_tree_into(Path(entry.path), descriptor)
        elif entry.is_file(follow_symlinks=False):
            _copy_file(entry, folder)


def _copy_file(entry: "os.DirEntry[str]", folder: int) -> None:
    is_executable = bool(entry.stat().st_mode & stat.S_IXUSR)
    try:
        descriptor = create_file(folder, entry.name, is_executable=is_executable)
    except FileExistsError:
        remove_entry(folder, entry.name)
        descriptor = create_file(folder, entry.name, is_executable=is_executable)
    with open(descriptor, "wb") as copy, open(entry.path, "rb") as file:  # noqa: PTH123 - as above
        copy_bytes(file, copy)
        copy.flush()
        status = os.fstat(file.fileno())  # the same time, which tells whether it is changed later
        os.utime(copy.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))


def _is_link(folder: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _open_subfolder(folder: int, name: str) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=folder)
    return os.open(name, _FOLDER, dir_fd=folder)
