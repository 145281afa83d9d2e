"""Notes which modules a program lacks, and has others stand in for them.

Whether they do is decided by who starts the process: a program is asked as it is first, and only
where it fails at a module that is not installed once more with the stand-ins.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from . import config_dicts, dataclass_parser, guard, reading_calls, stages, stand_ins

_MACHINERY = ("<frozen importlib", importlib.__file__, str(Path(__file__).parent))
_CATCHING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException", ""})
_ENDING = frozenset({"exit", "_exit", "quit"})
_OFTEN_THERE = (
    "packaging.version", "importlib.metadata", "concurrent.futures", "multiprocessing.connection",
    "multiprocessing.pool", "logging.handlers", "xml.etree.ElementTree",
)  # fmt: skip
"""Modules that large libraries import, so that programs have them without importing them."""


trees: dict[str, ast.Module | None] = {}
"""The syntax trees of the files that lack modules."""


class Finder(importlib.abc.MetaPathFinder):
    """The last finder: what comes here is not installed."""

    def __init__(self, folder: str, places: Sequence[str] | None) -> None:
        """Take the copy of the source, and where in it modules may be that are not on the path.

        Args:
            folder: The copy of the source.
            places: Folders; None where nothing stands in for a module.
        """
        self._folder = folder
        self._places = places
        self._own = OwnFinder()
        sys.meta_path.insert(0, self._own)
        self.missing: list[str] = []
        """The modules that the program needs and lacks, in the order in which they were met."""

    def find_spec(self, name: str, _path: Any, _target: Any = None) -> Any:
        """Note a module that is not there; if others stand in, find one that does."""
        above = name.rpartition(".")[0]
        if not isinstance(sys.modules.get(above), stand_ins.Module):
            if above and not self._is_own(above):
                return None
            if not is_needed(importing_frame(), self._folder):
                return None
            self.missing.append(name)
        if self._places is None:
            return None
        for place in () if above else self._places:
            spec = importlib.machinery.PathFinder.find_spec(name, [place])
            if spec is not None and spec.has_location:  # a mere folder may be of data
                sys.path.append(place)
                self._own.names.add(name)
                return own(spec)
        return importlib.machinery.ModuleSpec(name, Loader(), is_package=True)

    def _is_own(self, name: str) -> bool:
        """Return whether a module is one of the program, whose parts may have to be built."""
        file = getattr(sys.modules.get(name), "__file__", None)
        return isinstance(file, str) and guard.is_within(file, self._folder)

    def complete(self, answer: dict[str, Any]) -> None:
        """Add to an answer what is lacking, and take out of it what is not known."""
        answer["missing"] = self.missing
        take_out_guesses(answer)


class Loader(importlib.abc.Loader):
    """Makes a module that stands in for one that is not installed."""

    def create_module(self, spec: Any) -> Any:
        """Make the module."""
        return stand_ins.Module(spec.name)

    def exec_module(self, module: Any) -> None:
        """Give the module what is known of it."""
        if module.__name__.partition(".")[0] == "ml_collections":
            stand_ins.contents_of(module).update(config_dicts.contents())


class OwnLoader(importlib.abc.Loader):
    """Runs a module of a package that is the program's own, but may have to be installed.

    If it fails, since it does more with a library than a stand-in can bear, it is stood in for.
    """

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: Any) -> Any:
        """Let the module's own loader create it."""
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Run the module."""
        try:
            self._loader.exec_module(module)
        except Exception:  # noqa: BLE001  # a module may raise anything
            found = stand_ins.Module(module.__name__)
            stand_ins.contents_of(found).update(__path__=[], __spec__=module.__spec__)
            sys.modules[module.__name__] = found


class OwnFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of the program's own packages that are not on the path."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        """The packages."""

    def find_spec(self, name: str, path: Any, _target: Any = None) -> Any:
        """Find a module within such a package."""
        if name.partition(".")[0] not in self.names:
            return None
        return own(importlib.machinery.PathFinder.find_spec(name, path))


def own(spec: Any) -> Any:
    """Return how a module is found, so that it may fail."""
    if spec is not None and spec.loader is not None:
        spec.loader = OwnLoader(spec.loader)
    return spec


def importing_frame() -> FrameType | None:
    """Return the frame of the code that imports a module."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith(_MACHINERY):
        frame = frame.f_back
    return frame


def is_needed(frame: FrameType | None, folder: str) -> bool:
    """Return whether code of the program cannot go on without the module that it imports."""
    if frame is None:
        return False
    tree = stages.tree_of(frame.f_code.co_filename, folder, known=trees)
    if tree is None:
        return False
    line = frame.f_lineno
    return not any(
        isinstance(node, ast.Try)
        and node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0)
        and any(map(goes_on, node.handlers))
        for node in ast.walk(tree)
    )


def unbound_names(frame: FrameType | None, folder: str) -> list[str]:
    """Return the names that code reads and binds nowhere: ``import *`` gives it those."""
    tree = None if frame is None else stages.tree_of(frame.f_code.co_filename, folder, known=trees)
    nodes = [] if tree is None else list(ast.walk(tree))
    names = [one for one in nodes if isinstance(one, ast.Name)]
    bound = {one.id for one in names if not isinstance(one.ctx, ast.Load)} | set(dir(builtins))
    bound.update(one.arg for one in nodes if isinstance(one, ast.arg))
    bound.update(
        one.name
        for one in nodes
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    )
    bound.update(
        (one.asname or one.name).partition(".")[0] for one in nodes if isinstance(one, ast.alias)
    )
    return sorted({one.id for one in names} - bound)


def goes_on(handler: ast.ExceptHandler) -> bool:
    """Return whether a program goes on after an import that failed."""
    caught = [] if handler.type is None else list(ast.walk(handler.type))
    names = {getattr(one, "id", getattr(one, "attr", None)) for one in caught} - {None} or {""}
    nodes = [one for statement in handler.body for one in ast.walk(statement)]
    called = {reading_calls.called_name(one) for one in nodes if isinstance(one, ast.Call)}
    ends = any(isinstance(one, ast.Raise) for one in nodes) or not called.isdisjoint(_ENDING)
    return not names.isdisjoint(_CATCHING) and not ends


def install(
    script: str, replies: Sequence[str], *, is_standing_in: bool, imports_own: bool
) -> Finder:
    """Add the finder; where others stand in, nothing outside the copy can be changed by then.

    Args:
        script: The script, beside or above which modules of the project may be.
        replies: The files that are written at the end, in the folder of the copy.
        is_standing_in: Whether modules stand in for those that are not installed.
        imports_own: Whether packages of the project that are not on the path are imported.
    """
    folder = str(Path(replies[0]).parent)
    above = [str(one) for one in Path(script).parents if guard.is_within(str(one), folder)]
    own_places = [*above, str(Path("src").resolve())] if imports_own else []
    places = own_places if is_standing_in else None
    finder = Finder(folder, places)
    sys.meta_path.append(finder)
    if is_standing_in:
        dataclass_parser.install()
        stand_ins.replace_actions()
        sys.addaudithook(guard.refusing(folder, replies))
        guard.limit_memory()
        setattr(os, "system", lambda _: 1)  # noqa: B010  # of another type
        for name in _OFTEN_THERE:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        os.environ["HOME"] = os.path.join(folder, ".home")  # noqa: PTH118  # in the copy
        Path(os.environ["HOME"], ".config").mkdir(parents=True, exist_ok=True)
        stand_ins.names_of_all = lambda: unbound_names(importing_frame(), folder)
    return finder


def write_missing(path: str, missing: Sequence[str]) -> None:
    """Write the names of the modules that the program lacks, a line each."""
    Path(path).write_text("\n".join(dict.fromkeys(missing)))


def take_out_guesses(answer: dict[str, Any]) -> None:
    """Take out of an answer what follows from an object that stands in for another.

    Choices may lack those of a library, once any was asked for its content.
    """
    for flag in (*answer["definitions"], *answer["unlisted"]):
        if stand_ins.used or is_guessed(flag.get("choices")):
            flag["choices"] = []
        if is_guessed(flag.get("default")):
            flag.update(default="computed", is_computed=True)
        if is_guessed(flag.get("help")):
            flag["help"] = ""
    inner = answer["subcommands"]
    for one in inner.values() if isinstance(inner, dict) else ():
        take_out_guesses(one)


def is_guessed(value: Any) -> bool:
    """Return whether a value was made of an object that stands in for another."""
    return stand_ins.MARK in str(value)
