"""Finds the flags of a script: in its text, or in its parser, up to which a copy is run."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from tunesmith.errors import HiddenFlagsError
from tunesmith.executor.process_groups import signal_marked
from tunesmith.flags.definition import ScriptFlags
from tunesmith.script.asking.capture import TIMEOUT_S, ScratchCopy, capture_flags
from tunesmith.script.outer_modules import outer_modules
from tunesmith.script.parsers_elsewhere import parses_elsewhere
from tunesmith.script.path_literals import CONFIGURATIONS, path_literals
from tunesmith.script.source import read_source
from tunesmith.script.static_flags import (
    WITHOUT_PARSER,
    ScriptText,
    flags_of,
    is_certain,
    read_script_text,
    some_flags_of,
)
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.files.snapshots import read_project

MAX_LINKED = 1_000
"""More modules of a linked folder are left out."""
MAX_LOOKED_AT = 10_000
"""Files of a folder above the project beyond which none is looked at."""
MAX_BYTES = 1024 * 1024
"""Larger files are no modules."""


def read_script_flags(
    script: Path,
    *,
    project: Path,
    python: str,
    home: Path,
    timeout_s: float = TIMEOUT_S,
    module: str = "",
    links: Sequence[str] = (),
    tell: Callable[[str], None] | None = None,
) -> ScriptFlags:
    """Return the flags of a script.

    If its text does not show all of them, or it has converters of its own, a copy of its source is
    run up to the parser. If that fails, the flags that the text shows are returned.

    Args:
        script: The script.
        project: The folder of which trials get a copy.
        python: The interpreter that runs it, if necessary.
        home: The store's folder, in which captured flags are cached if it exists.
        timeout_s: Seconds after which a running script is ended, 60 by default.
        module: The name by which the script runs as a module; by default it runs by its path.
        links: Paths that trials see by a link, of whose modules the program gets a copy.
        tell: Is told in a line where asking the program takes more than a second.

    Raises:
        HiddenFlagsError: Its options cannot be found.
        ScriptError: It is missing or not Python, or the interpreter cannot be run.
    """
    root, place = project.resolve(), script.resolve()
    text = read_script_text(script)
    found = flags_of(text)
    outer = outer_modules(place, root)
    places = [root, *(root / name for name in outer)]
    if found is not None and is_certain(found) and not _is_elsewhere(found, text, place, places):
        return _with_doubt(found, _outer_settings(root, place))
    source = read_project(root, place, home.absolute())
    settings = [*_outer_settings(root, place)]
    above = [*_outer_files(root, outer, (".py",)), *_outer_files(root, settings, CONFIGURATIONS)]
    linked = dict([*_linked_modules(root, links), *above])

    def write(folder: Path) -> None:
        source.write(folder)
        for name, content in linked.items():
            if not (path := folder / name).exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    copy = ScratchCopy(
        script=place.relative_to(root).as_posix(),
        digest=_digest(source.digest, linked),
        write=write,
        end_marked=signal_marked,
        project=root,
        module=module,
        n_above=max((Path(name).parts.count("..") for name, _ in above), default=0),
    )
    try:
        return capture_flags(
            copy, python=python, cache=Layout(home=home).cache, timeout_s=timeout_s, tell=tell
        )
    except HiddenFlagsError as error:
        found = some_flags_of(text) if found is None else found
        if found is None:
            raise
        return replace(found, doubt=str(error))


def _linked_modules(root: Path, links: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the Python files of linked files and folders of a project, with their content."""
    for link in links:
        path = Path(os.path.normpath(root / link))
        if path.is_relative_to(root) and path != root:
            found = [path] if path.is_file() else sorted(path.rglob("*.py"))[:MAX_LINKED]
            for file in found:
                with suppress(OSError):
                    if file.suffix == ".py" and file.stat().st_size <= MAX_BYTES:
                        yield file.relative_to(root).as_posix(), file.read_bytes()


def _with_doubt(found: ScriptFlags, settings: Iterable[str]) -> ScriptFlags:
    """Return flags with what there may be besides: values of files from above the project."""
    named = next((name for name in settings if name.endswith(CONFIGURATIONS)), None)
    if named is None or found.doubt:
        return found
    folder = named.rpartition("/")[0]
    return replace(
        found,
        doubt=f"it names {named}, whose values can be set only from its own folder: cd {folder} "
        "and name the script from there",
    )


def _outer_settings(root: Path, script: Path) -> Iterator[str]:
    """Yield the files and folders above a project that its script names, from the project."""
    for one in path_literals(read_source(script), script.name, ()):
        start = script.parent if one.is_beside else root
        name = os.path.relpath(start / one.path, root)
        is_above = name.startswith("..") and Path(name).name != ".."
        if (
            is_above
            and (root / name).exists()
            and not root.is_relative_to((root / name).resolve())
        ):
            yield Path(name).as_posix()


def _outer_files(
    root: Path, outer: Iterable[str], suffixes: tuple[str, ...]
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of some kinds from above a project, with their content."""
    for name in outer:
        path = root / name
        inside = islice(path.rglob("*"), MAX_LOOKED_AT)
        for file in [path] if path.is_file() else sorted(inside):
            with suppress(OSError):
                is_wanted = file.suffix in suffixes and file.is_file()
                if is_wanted and file.stat().st_size <= MAX_BYTES:
                    yield (name + str(file)[len(str(path)) :]), file.read_bytes()


def _digest(source: str, linked: Mapping[str, bytes]) -> str:
    """Return a digest of a source and what is linked into it."""
    content = hashlib.blake2s(source.encode(), digest_size=16)
    for name, data in linked.items():
        content.update(f"\0{name}\0{len(data)}\0".encode() + data)
    return content.hexdigest()


def _is_elsewhere(
    found: ScriptFlags, text: ScriptText, script: Path, places: Sequence[Path]
) -> bool:
    """Return whether other modules read the command line of a script that shows no parser.

    Args:
        found: The flags that the script's text shows.
        text: The text.
        script: The script.
        places: The project, and the modules from above it.
    """
    if found.source not in WITHOUT_PARSER:
        return False
    root, *others = places
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    inside = (path for one in given if one and (path := Path(one).resolve()).is_relative_to(root))
    outer = {Path(os.path.normpath(one)).parent for one in others}
    return parses_elsewhere(script, text.tree, [*inside, root, root / "src", *sorted(outer)])
