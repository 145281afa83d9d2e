"""Which files of a project belong to its source: its modules, and text that scripts read.

Large data, secrets, files that tools make, what runs leave behind and files outside of the project
are left out. A module is never left out without a note.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.storage.files.project_files import (
    ProjectFiles,
    has_modules,
    is_environment,
    is_module,
    list_project,
)
from tunesmith.storage.files.secret_files import is_secret_file
from tunesmith.storage.files.source_kinds import (
    is_data,
    is_own_table,
    left_by_runs,
    only_keeps_a_folder,
)

MAX_FILE_BYTES = 1_000_000
"""The largest size of a file that is no module; a larger one is data."""
N_TOLD = 8_000
"""How many bytes tell whether a file is text."""
N_NAMED = 3
"""How many names a note gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many files of one kind are copied, and how many bytes in all."""

    n_files: int
    n_bytes: int


MODULES = Limits(n_files=20_000, n_bytes=64_000_000)
"""For modules: no ordinary project has more, and copying so many takes seconds."""
OTHERS = Limits(n_files=1_000, n_bytes=16_000_000)
"""For all other files, most of which no script reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of the source, with what shows whether it has changed."""

    name: str
    """Its path within the project, with slashes."""
    size: int
    modified_ns: int
    inode: int
    is_executable: bool
    is_tracked: bool
    """Whether git lists it, or it is a module; other files are taken only if they are text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFiles:
    """The files of a source, and notes on what was left out that a script may need."""

    files: tuple[SourceFile, ...]
    """Sorted by name, the script always among them."""
    notes: tuple[str, ...] = ()
    """One line each, with what to do about it."""


def find_source_files(
    project: Path, script: Path | None, home: Path, *, links: Sequence[str] = ()
) -> SourceFiles:
    """Return the files of the source.

    Where there are too many, those near the project's root come first.

    Args:
        project: The project's folder.
        script: The script, within the project; None for a command that names none.
        home: The store's folder, which is no source.
        links: Paths that trials see by a link and that need no copy; by default none.
    """
    first = _within(project, script) if script else ""
    listing = list_project(project)
    apart = _apart(project, home, links)
    apart += _environments(project, listing.names)
    left = left_by_runs(project, first)
    names = [
        name
        for name in sorted(set(listing.names), key=_nearness)
        if name != first and not _is_below(name, apart) and not _is_left(name, left)
    ]
    secrets = {name for name in names if not is_module(name) and is_secret_file(name)}
    taken = (name for name in names if name not in secrets and _is_source(name))
    found = list(_examined(project, taken, listing))
    modules = [file for file in found if is_module(file.name)]
    others = [file for file in found if not is_module(file.name) and file.size <= MAX_FILE_BYTES]
    kept, kept_others = _within_limits(modules, MODULES), _within_limits(others, OTHERS)
    chosen = [*kept, *kept_others, *_examined(project, [first] if first else [], listing)]
    notes = [
        *listing.notes,
        *_ignored_note(listing, apart),
        *_link_note(project, names),
        *_secret_note(sorted(secrets, key=_nearness)),
        *_limit_note("modules", MODULES, modules, kept),
        *_limit_note("files that are no modules", OTHERS, others, kept_others),
    ]
    return SourceFiles(files=tuple(sorted(chosen, key=lambda file: file.name)), notes=tuple(notes))


def is_copied(file: SourceFile, data: bytes) -> bool:
    """Return whether a file is source by its bytes, of which the first ``N_TOLD`` are enough."""
    return (file.is_tracked or b"\0" not in data[:N_TOLD]) and not is_own_table(data)


def _within_limits(files: Iterable[SourceFile], limits: Limits) -> list[SourceFile]:
    chosen: list[SourceFile] = []
    total = 0
    for file in files:
        if total + file.size > limits.n_bytes:
            continue
        total += file.size
        chosen.append(file)
        if len(chosen) == limits.n_files:
            break
    return chosen


def _ignored_note(listing: ProjectFiles, apart: Sequence[str]) -> Iterator[str]:
    if names := [name for name in listing.ignored if not _is_below(name, apart)]:
        yield (
            f"left out of the trials' copy, since git ignores it: {_named(names)}; if the script "
            f"imports it, add --link {names[0]}"
        )


def _link_note(project: Path, names: Iterable[str]) -> Iterator[str]:
    """Name links to modules that are not followed: to folders, and out of the project."""
    links = (name for name in names if os.path.islink(f"{project}/{name}"))  # noqa: PTH114 - quick
    if missed := [name for name in links if _is_missed(project, name)]:
        yield (
            f"left out of the trials' copy, since it is a link: {_named(missed)}; if the script "
            f"imports it, add --link {missed[0]}"
        )


def _secret_note(secrets: Sequence[str]) -> Iterator[str]:
    if secrets:
        yield (
            f"left out of the trials' copy, since it looks like a secret: {_named(secrets)}; if "
            f"the script reads it, add --link {secrets[0]}"
        )


def _is_missed(project: Path, name: str) -> bool:
    path = project / name
    try:
        target = path.resolve()
    except (OSError, RuntimeError):  # a loop of links
        return False
    if target.is_dir():
        is_own = path.parent.resolve().is_relative_to(target)  # a link to a folder above it
        return not is_own and not is_environment(target) and has_modules(target)
    is_outside = not target.is_relative_to(project.resolve())
    return is_module(name) and target.is_file() and is_outside


def _limit_note(
    kind: str, limits: Limits, files: Sequence[SourceFile], kept: Sequence[SourceFile]
) -> Iterator[str]:
    names = {file.name for file in kept}
    missed = [file.name for file in files if file.name not in names]
    if missed:
        folder = missed[0].partition("/")[0]
        yield (
            f"{len(missed)} of {len(files)} {kind} are left out of the trials' copy, which takes "
            f"{limits.n_files} and {limits.n_bytes // 1_000_000} MB: {_named(missed)}; link what "
            f"the script needs, as --link {folder}, or start from a smaller folder"
        )


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:N_NAMED])
    return shown if len(names) <= N_NAMED else f"{shown} and {len(names) - N_NAMED} more"


def _apart(project: Path, home: Path, links: Sequence[str]) -> tuple[str, ...]:
    """Return the paths within the project that are never copied: the store, and what is linked."""
    if project.is_relative_to(home):  # a script that the store itself keeps
        return (".",)
    return tuple(_within(project, project / path) for path in (str(home), *links))


def _environments(project: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Return the folders that are not the project's own, even where git lists their files."""
    folders: set[str] = set()
    for name in names:
        while (name := name.rpartition("/")[0]) and name not in folders:
            folders.add(name)
    return tuple(folder for folder in folders if is_environment(project / folder))


def _within(project: Path, path: Path) -> str:
    return os.path.relpath(path, project).replace(os.sep, "/")


def _is_below(name: str, folders: Sequence[str]) -> bool:
    return any(folder == "." or f"{name}/".startswith(f"{folder}/") for folder in folders)


def _is_source(name: str) -> bool:
    return is_module(name) or not is_data(name)


def _is_left(name: str, folders: Sequence[str]) -> bool:
    """Return whether a file is what a run has left behind; a module never is."""
    return _is_below(name, folders) and not (is_module(name) or only_keeps_a_folder(name))


def _nearness(name: str) -> tuple[int, str]:
    return name.count("/"), name


def _examined(project: Path, names: Iterable[str], listing: ProjectFiles) -> Iterator[SourceFile]:
    """Yield the regular files of the project; links that lead out of it are left out."""
    root = project.resolve()
    for name in names:
        path = f"{project}/{name}"
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                if not Path(path).resolve().is_relative_to(root):
                    continue
                status = os.stat(path)  # noqa: PTH116 - this runs for every file of a project
        except (OSError, ValueError, RuntimeError):  # vanished, unreadable, a loop of links
            continue
        if stat.S_ISREG(status.st_mode):
            yield _source_file(name, status, is_tracked=listing.is_from_git or is_module(name))


def _source_file(name: str, status: os.stat_result, *, is_tracked: bool) -> SourceFile:
    return SourceFile(
        name=name,
        size=status.st_size,
        modified_ns=status.st_mtime_ns,
        inode=status.st_ino,
        is_executable=bool(status.st_mode & stat.S_IXUSR),
        is_tracked=is_tracked,
    )
