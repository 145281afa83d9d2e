"""A record of what a process did to a file system, and the states a loss of power may leave.

What POSIX promises is taken literally: the bytes of a file survive once the file was synchronized,
a name once its folder was. Anything else may survive or not, in any selection: bytes may be
missing, cut off or zero, names may be missing, old ones may be back. Real file systems do less.
What one name goes through happens in its order, and a renaming happens as a whole.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.torture.calls import Call

TREE = 0
"""The folder that the record begins with: it is there, whatever happens."""


class Choose(Protocol):
    """Decides what of the unsynchronized survives."""

    def names(self, n: int) -> list[bool]:
        """Return which of some changes of names, in their order, have reached the disk."""
        ...

    def content(self, durable: bytes, written: bytes) -> bytes:
        """Return what a file holds."""
        ...


@dataclass(slots=True)
class Change:
    """A name in a folder that means another file from now on; None for no file."""

    folder: int
    name: str
    file: int | None
    twin: "Change | None" = None
    """The other half of a renaming."""


@dataclass(slots=True)
class Disk:
    """Everything that was done, in its order, and which file is which."""

    log: list[tuple[str, Any]] = field(default_factory=list)
    _ids: dict[tuple[int, int], int] = field(default_factory=dict)
    _n_ids: int = TREE

    def mount(self, folder: Path) -> None:
        """Begin with a folder."""
        self._ids[_key(os.stat(folder))] = TREE

    def note(self, what: object) -> None:
        """Write something of the caller's own between the operations."""
        self.log.append(("note", what))

    def new_id(self, status: os.stat_result) -> int:
        """Return the id of a file that has just been made: an inode's number is used again."""
        self._n_ids += 1
        self._ids[_key(status)] = self._n_ids
        return self._n_ids

    def id_of(self, status: os.stat_result) -> int | None:
        """Return the id of a file, or None where nobody has seen it being made."""
        return self._ids.get(_key(status))

    def state(self, n: int, choose: Choose) -> "State":
        """Return what may be there after the first n operations and a loss of power."""
        state = State()
        pending: list[Change] = []
        for kind, what in self.log[:n]:
            if kind == "change":
                pending += what
            elif kind == "data":
                file, data = what
                state.written[file] = state.written.get(file, b"") + data
            elif kind == "content":
                state.written[what[0]] = what[1]
            elif kind == "sync":
                pending = state.sync_file(what, pending)
        _lose(state, pending, choose)
        return state


@dataclass(slots=True)
class State:
    """Folders and files by id."""

    names: dict[int, dict[str, int]] = field(default_factory=dict)
    written: dict[int, bytes] = field(default_factory=dict)
    durable: dict[int, bytes] = field(default_factory=dict)

    def sync_file(self, file: int, pending: list[Change]) -> list[Change]:
        """Make a file's bytes durable, or a folder's names; return the changes that still wait."""
        if file in self.written:
            self.durable[file] = self.written[file]
        due = {id(one) for one in pending if one.folder == file}
        due |= {id(one.twin) for one in pending if one.folder == file and one.twin}
        for one in pending:
            if id(one) in due:
                self.apply(one)
        return [one for one in pending if id(one) not in due]

    def apply(self, change: Change) -> None:
        """Let a name mean another file."""
        names = self.names.setdefault(change.folder, {})
        if change.file is None:
            names.pop(change.name, None)
        else:
            names[change.name] = change.file

    def write(self, folder: Path, folder_id: int = TREE) -> None:
        """Make the state real, in an empty folder."""
        for name, file in self.names.get(folder_id, {}).items():
            if file in self.durable:
                (folder / name).write_bytes(self.durable[file])
            else:
                (folder / name).mkdir()
                self.write(folder / name, file)


def _lose(state: State, pending: list[Change], choose: Choose) -> None:
    """Let some of the changes of names happen, and some of the bytes reach the disk."""
    lost: set[tuple[int, str]] = set()
    for one, has_survived in zip(pending, choose.names(len(pending)), strict=True):
        halves = [half for half in (one, one.twin) if half is not None]
        if not has_survived or any((half.folder, half.name) in lost for half in halves):
            lost |= {(half.folder, half.name) for half in halves}
        else:
            state.apply(one)
    for file, written in state.written.items():
        durable = state.durable.get(file, b"")
        state.durable[file] = durable if durable == written else choose.content(durable, written)


class Recorder:
    """Makes calls and writes down what they do to the tree."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._files: dict[int, int] = {}
        """The ids behind open descriptors that are written to."""

    def __call__(
        self, name: str, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        do: Callable[..., Any] | None = getattr(self, f"_{name}", None)
        return call(*args, **kwargs) if do is None else do(call, *args, **kwargs)

    def _open(self, call: Call, path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        is_unnamed = flags & os.O_TMPFILE == os.O_TMPFILE
        is_new = flags & os.O_CREAT and not _exists(path, kwargs.get("dir_fd"))
        file = int(call(path, flags, *args, **kwargs))
        status = os.fstat(file)
        if is_unnamed or is_new:
            self._files[file] = self._disk.new_id(status)
            self._disk.log.append(("data", (self._files[file], b"")))
        elif (known := self._disk.id_of(status)) is not None:
            self._files[file] = known
        if is_new:
            self._change(path, kwargs.get("dir_fd"), self._files[file])
        return file

    def _file(self, call: Call, path: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        is_new = mode[0] in "wxa" and not _exists(path, None)
        file = call(path, mode, *args, **kwargs)
        if is_new:
            known = self._disk.new_id(os.fstat(file.fileno()))
            self._disk.log.append(("data", (known, b"")))
            self._change(path, None, known)
        return file

    def _write(self, call: Call, file: int, data: Any) -> int:
        n = int(call(file, data))
        if file in self._files:
            self._disk.log.append(("data", (self._files[file], bytes(data)[:n])))
        return n

    def _fsync(self, call: Call, file: int) -> None:
        call(file)
        status = os.fstat(file)
        known = self._disk.id_of(status)
        if known is not None:
            self._look(f"/proc/self/fd/{file}", known)
            self._disk.log.append(("sync", known))

    def _link(self, call: Call, source: Any, path: Any, **kwargs: Any) -> None:
        call(source, path, **kwargs)
        folder = kwargs.get("dst_dir_fd")
        known = self._disk.id_of(os.stat(path, dir_fd=folder))
        if known is not None:
            self._change(path, folder, known)

    def _unlink(self, call: Call, path: Any, *, dir_fd: int | None = None) -> None:
        call(path, dir_fd=dir_fd)
        self._change(path, dir_fd, None)

    def _rmdir(self, call: Call, path: Any, *, dir_fd: int | None = None) -> None:
        call(path, dir_fd=dir_fd)
        self._change(path, dir_fd, None)

    def _mkdir(self, call: Call, path: Any, *args: Any, **kwargs: Any) -> None:
        call(path, *args, **kwargs)
        self._change(path, None, self._disk.new_id(os.stat(path)))

    def _rename(self, call: Call, source: Any, path: Any) -> None:
        known = self._disk.id_of(os.stat(source))
        if known is not None and os.path.isfile(source):
            self._look(source, known)
        call(source, path)
        if known is not None:
            gone, come = self._made(source, None, None), self._made(path, None, known)
            gone.twin, come.twin = come, gone
            self._disk.log.append(("change", [gone, come]))

    _replace = _rename

    def _look(self, path: Any, known: int) -> None:
        """Take down a file's bytes, which Python's own files write unseen."""
        if os.path.isfile(path):
            with open(path, "rb") as file:
                self._disk.log.append(("content", (known, file.read())))

    def _change(self, path: Any, folder: int | None, file: int | None) -> None:
        self._disk.log.append(("change", [self._made(path, folder, file)]))

    def _made(self, path: Any, folder: int | None, file: int | None) -> Change:
        path = os.fspath(path)
        status = os.stat(os.path.dirname(path) or ".", dir_fd=folder)
        known = self._disk.id_of(status)
        return Change(
            folder=-1 if known is None else known, name=os.path.basename(path), file=file
        )


def _exists(path: Any, folder: int | None) -> bool:
    try:
        os.stat(path, dir_fd=folder)
    except OSError:
        return False
    return True


def _key(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


@dataclass(slots=True)
class Chance:
    """Chooses at random, in one of the ways that file systems lose things."""

    chance: random.Random

    def names(self, n: int) -> list[bool]:
        """Return all, none, those up to a moment, or any selection."""
        way = self.chance.choice(("all", "none", "until", "any", "any"))
        if way == "any":
            share = self.chance.random()
            return [self.chance.random() < share for _ in range(n)]
        first = {"all": n, "none": 0}.get(way, self.chance.randrange(n + 1))
        return [place < first for place in range(n)]

    def content(self, durable: bytes, written: bytes) -> bytes:
        """Return what was synchronized, what was written, a piece of it, or zeros."""
        cut = self.chance.randrange(len(written) + 1)
        zeros = written[:cut] + bytes(len(written) - cut)
        return self.chance.choice((durable, written, written[:cut], zeros, bytes(len(written))))
