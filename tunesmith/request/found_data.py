"""Finds the data that a project's source names and that is not in the trials' copy of it."""

import os
import re
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.flags.settings import Choices
from tunesmith.program import ProgramKind
from tunesmith.script.outer_modules import outer_modules
from tunesmith.script.path_literals import PathLiteral, first_name, is_read, path_literals
from tunesmith.storage.files.data_state import DataRules, DataState, read_state
from tunesmith.storage.files.kept_data import KeptData
from tunesmith.storage.files.source_files import N_TOLD, SourceFile, find_source_files, is_copied
from tunesmith.storage.files.source_kinds import LEFT_BY_RUNS, left_by_runs
from tunesmith.storage.files.source_notes import hash_of, read_note, write_note
from tunesmith.storage.store import Store

MAX_READ = 32_000_000
"""The most bytes of source that are read for the names of data."""
MAX_LOOKED_UP = 2_000
"""The most names that are looked up in the project."""
MAX_LISTED = 5_000
"""The most entries of a folder that are looked at."""
_NO_PART = re.compile(r"(?:^|/)(?:tests?|docs?)/|(?:^|/)(?:setup|conftest|noxfile|test_\w+)\.py$")
"""Files of a project that no training script imports."""


@dataclass(frozen=True, slots=True)
class Found:
    """Data that the source names, with what it has."""

    path: str
    """Its path from the project."""
    state: DataState
    _: KW_ONLY
    is_clear: bool
    """Whether the source certainly means a path."""


def with_data(
    spec: BatchSpec, home: Path, *, source: Sequence[SourceFile] | None = None
) -> BatchSpec:
    """Return the specification with the data that its source names; nothing is written.

    Args:
        spec: What is about to run.
        home: The store's folder.
        source: The files of the source where they are known; by default the project is listed.

    Raises:
        SpecificationError: The data is too large to be copied.
    """
    if spec.execution.is_in_place:
        return spec
    project = Path(spec.project)
    data = {}
    for one in find_data(spec, home, source=source):
        if one.state.is_whole:
            data[one.path] = one.state.digest(Path(os.path.realpath(project / one.path)))
        elif one.is_clear:
            raise SpecificationError(
                f"{one.path}, which the source names, has more than 1 GB or 100,000 files, and "
                f"trials may write to it: add --link {one.path} to let them use it as it is"
            )
    return replace(spec, data=data)


def keep_data(
    spec: BatchSpec, store: Store, *, source: Sequence[SourceFile] | None = None
) -> None:
    """Copy the data of a specification into its store, from which trials get it.

    Args:
        spec: What is about to run.
        store: Where it is kept.
        source: The files of the source where they are known; by default the project is listed.

    Raises:
        StoreAccessError: It cannot be copied.
    """
    kept, project = KeptData(store.layout), Path(spec.project)
    if all(kept.find(digest) for digest in spec.data.values()):
        return
    for one in find_data(spec, store.home, source=source):
        if one.path in spec.data:
            kept.keep(Path(os.path.realpath(project / one.path)), one.state)


def find_data(
    spec: BatchSpec, home: Path, *, source: Sequence[SourceFile] | None = None
) -> list[Found]:
    """Return the data that the source of a specification names, outer folders first.

    Args:
        spec: What is about to run.
        home: The store's folder.
        source: The files of the source where they are known; by default the project is listed.
    """
    project, script, links = Path(spec.project), Path(spec.script), spec.execution.links
    if source is None:
        source = find_source_files(project, project / script, home, links=links).files
    copied = {file.name for file in source if _is_copied(project, file)}
    linked = [_place(link) for link in spec.execution.links]
    literals = [*_named_by_flags(spec), *_noted(spec, home, source, copied), *_modules(spec)]
    paths, folders = _existing(project, literals)
    hidden = (*left_by_runs(project, spec.script), *_left_above(project, paths))
    found: list[Found] = []
    for path in sorted(paths, key=lambda one: (one.count("/"), one)):
        if path in copied or _is_below(path, (*hidden, *linked, *(one.path for one in found))):
            continue
        rules = DataRules(
            home=home,
            is_left_out=partial(_is_in, copied, path),
            hidden=[project / one for one in (*hidden, *linked)],
        )
        one = _found(project, path, rules, is_clear=paths[path])
        found += [one] if one is not None else []
    folders |= {one for one in hidden if any(_is_below(path, [one]) for path in paths)}
    return [*found, *_empty(folders, [*(one.path for one in found), *copied])]


def _found(project: Path, path: str, rules: DataRules, *, is_clear: bool) -> Found | None:
    try:
        state = read_state(project / path, rules)
    except OSError:
        return None
    is_dropped = not state.is_whole and not is_clear
    return None if is_dropped or not state.files else Found(path, state, is_clear=is_clear)


def _left_above(project: Path, paths: Iterable[str]) -> list[str]:
    """Return the folders above a project that hold what runs leave behind, of those named."""
    found = set[str]()
    for path in paths:
        name = first_name(path)
        place = path[: path.index(name) + len(name)]
        is_left = name in LEFT_BY_RUNS and not (project / place / "__init__.py").exists()
        found |= {place} if path.startswith("..") and is_left else set()
    return sorted(found)


def _empty(folders: Iterable[str], others: Sequence[str]) -> Iterator[Found]:
    """Yield folders that a script needs to write to, unless something else is placed there."""
    state = DataState(files=(), folders=(), is_folder=True, is_whole=True)
    for folder in sorted(folders):
        if not any(_is_below(one, [folder]) or _is_below(folder, [one]) for one in others):
            yield Found(folder, state, is_clear=True)


def _place(link: str) -> str:
    """Return where a link of the user's stands, by its path from the project."""
    return Path(link).name if Path(link).is_absolute() else os.path.normpath(link)


def _is_in(copied: Collection[str], path: str, name: str) -> bool:
    return (f"{path}/{name}" if name else path) in copied


def _is_copied(project: Path, file: SourceFile) -> bool:
    if file.is_tracked and not file.name.endswith(".csv"):
        return True
    try:
        with (project / file.name).open("rb") as data:
            return is_copied(file, data.read(N_TOLD))
    except OSError:
        return False


def _named_by_flags(spec: BatchSpec) -> Iterator[PathLiteral]:
    """Yield the texts that flags are set to, and extra arguments."""
    settings = [spec.settings[name] for name in spec.given_names]
    is_command = spec.program.kind is ProgramKind.COMMAND
    values: list[object] = [*(spec.program.words if is_command else spec.extra_arguments)]
    for setting in settings:
        values += setting.values if isinstance(setting, Choices) else [setting]
    values += [value for row in spec.rows for value in row.values()]
    for value in values:
        if isinstance(value, str):
            text = value.rpartition("=")[2]
            yield PathLiteral(text, is_beside=False, is_clear="/" in text)


def _modules(spec: BatchSpec) -> Iterator[PathLiteral]:
    """Yield the modules that the script takes from above the project."""
    project = Path(spec.project).resolve()
    if spec.script.endswith(".py"):
        for path in outer_modules(project / spec.script, project):
            yield PathLiteral(path, is_beside=False, is_clear=True)


def _noted(
    spec: BatchSpec, home: Path, source: Sequence[SourceFile], copied: set[str]
) -> Iterable[PathLiteral]:
    """Return the paths that the files of a source name, from a note where none has changed."""
    project, now = Path(spec.project), time.time_ns()
    top = sorted(_roots(project, "", copied))
    state = hash_of(repr(("data", spec.project, top, source)))
    note = home / "cache" / f"data-{hash_of(str(project / spec.script))}.json"
    pairs = read_note(note, state)
    if pairs is None:
        named = {(one.path, one.is_clear) for one in _named_in(project, source, copied)}
        pairs = sorted(named)
        if home.is_dir():  # nothing is made before it is to run
            write_note(note, state, pairs, files=source, now_ns=now)
    return [PathLiteral(path, is_beside=False, is_clear=is_clear) for path, is_clear in pairs]


def _named_in(
    project: Path, source: Sequence[SourceFile], copied: set[str]
) -> Iterator[PathLiteral]:
    """Yield the paths that the files of a source name, from the project's folder."""
    n_left = MAX_READ
    roots: dict[str, set[str]] = {"": _roots(project, "", copied)}
    for file in sorted(source, key=lambda one: (one.name.count("/"), one.name)):
        if not is_read(file.name) or _NO_PART.search(file.name) or file.size > n_left:
            continue
        n_left -= file.size
        folder = file.name.rpartition("/")[0]
        if folder not in roots:
            roots[folder] = _roots(project, folder, copied)
        try:
            text = (project / file.name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for one in path_literals(text, file.name, roots[""] | roots[folder]):
            beside = f"{folder}/{one.path}" if folder else one.path
            yield replace(one, path=beside if one.is_beside else one.path)


def _roots(project: Path, folder: str, copied: set[str]) -> set[str]:
    """Return the names in a folder of the project that may be data, or have some in them."""
    try:
        with os.scandir(project / folder) as entries:
            names = {one.name for one in islice(entries, MAX_LISTED)}
    except OSError:
        return set()
    place = f"{folder}/" if folder else ""
    return {one for one in names if f"{place}{one}" not in copied and not one.startswith(".")}


def _existing(project: Path, literals: Iterable[PathLiteral]) -> tuple[dict[str, bool], set[str]]:
    """Return the paths that exist, with whether they certainly are meant as such, and folders.

    The folders are those of paths that do not exist: a script may want to write there.
    """
    found: dict[str, bool] = {}
    folders, looked = set[str](), set[str]()
    for one in literals:
        path = _normal(one.path)
        if path is None or len(looked) >= MAX_LOOKED_UP:
            continue
        if path not in looked and _exists(project, path):
            found[path] = one.is_clear
        elif path in found:
            found[path] |= one.is_clear
        elif (folder := path.rpartition("/")[0]) and (project / folder).is_dir():
            folders |= {folder} if folder.rpartition("/")[2] != ".." else set()
        looked.add(path)
    return found, folders


def _normal(path: str) -> str | None:
    """Return a path without ``.`` and inner ``..``; None where it is none that is looked for."""
    if path.startswith(("/", "~")) or "\0" in path or "://" in path:
        return None
    normal = os.path.normpath(path)
    is_above = normal.rpartition("/")[2] in ("..", ".", "")
    return None if is_above else normal


def _exists(project: Path, path: str) -> bool:
    """Return whether there is such a file or folder, and it is neither the project nor above."""
    try:
        target = os.path.realpath(project / path)
        return Path(target).exists() and not project.resolve().is_relative_to(target)
    except (OSError, ValueError):
        return False


def _is_below(name: str, folders: Sequence[str]) -> bool:
    return any(f"{name}/".startswith(f"{folder}/") for folder in folders)
