"""Whether a program reads its command line where its script's own text does not show it.

What the script runs is followed by name, through the modules of the project: a parser that is
only made where nothing calls it does not count.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from tunesmith.errors import ScriptError
from tunesmith.script.asking.reading_calls import (
    READING,
    called_name,
    has_list,
    own_nodes,
    reading_calls,
)
from tunesmith.script.imports import imported_modules
from tunesmith.script.source import parse_source, read_source

PARSING = {
    "absl": {"run"},
    "click": {"command", "group"},
    "datargs": {"parse"},
    "docopt": {"docopt"},
    "draccus": {"parse", "wrap"},
    "fire": {"Fire"},
    "getopt": {"getopt", "gnu_getopt"},
    "hydra": {"main"},
    "jsonargparse": {"CLI", "auto_cli"},
    "lightning": {"LightningCLI"},
    "omegaconf": {"from_cli", "merge_with_cli"},
    "plac": {"call"},
    "pyrallis": {"parse", "wrap"},
    "pytorch_lightning": {"LightningCLI"},
    "sacred": {"Experiment"},
    "simple_parsing": {"parse", "parse_known_args"},
    "tap": {"tapify"},
    "typer": {"Typer", "run"},
    "tyro": {"cli"},
}
"""Libraries that read command lines, by the names of what does it, besides methods of parsers."""
MAX_MODULES = 200
"""More modules of a project are not followed."""
MAX_TEXTS = 2_000
"""More texts of modules are not searched."""
_LIBRARIES = "|".join([r"absl\b.*\bapp", *(PARSING.keys() - {"absl"})])
_READS = re.compile(
    rf"\b(?:{'|'.join(READING)})|^[ \t]*(?:from|import)[ \t]+(?:{_LIBRARIES})\b", re.MULTILINE
)
"""What stands in every module that reads the command line, and in few others."""
_IMPORTS = re.compile(
    r"^[ \t]*(from[ \t]+[.\w]+[ \t]+import[ \t]*(?:\([^)]*\)|[^\n;#(]+)|import[ \t]+[^\n;#]+)",
    re.MULTILINE,
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ENTERED = ("__init__", "__new__", "__post_init__", "__call__")
"""The methods that run where a class is named."""


def parses_elsewhere(script: Path, tree: ast.Module, folders: Iterable[Path]) -> bool:
    """Return whether the modules that a script runs seem to read the command line.

    Args:
        script: The script.
        tree: Its syntax tree.
        folders: Where modules of the project are imported from.
    """
    return _Program(folders=[script.parent, *folders]).reads(script, tree)


class _Program:
    """The modules of a program, as far as they were met."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = list(dict.fromkeys(folders))
        self._met: set[Path] = set()
        self._definitions: dict[str, list[tuple[ast.AST, Path]]] = {}
        self._libraries: dict[Path, set[str]] = {}
        self._entered: set[ast.AST] = set()
        self._wanted: set[str] = set()
        """Names that were run before their definition was met."""

    def reads(self, file: Path, tree: ast.Module) -> bool:
        """Return whether a file reads the command line where it is run."""
        if not self._may_read(file):
            return False
        waiting = [*self._module(file, tree)]
        imports: list[tuple[ast.Import | ast.ImportFrom, Path]] = []
        while waiting or imports:
            if not waiting:  # what is known already is looked through first
                waiting += self._following(*imports.pop())
                continue
            node, place = waiting.pop()
            if self._is_reading(node, place):
                return True
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports.append((node, place))
            else:
                waiting += self._following(node, place)
        return False

    def _may_read(self, script: Path) -> bool:
        """Return whether a module that a script imports, or it itself, may read a command line.

        Texts are searched faster than they are parsed.
        """
        waiting, met = [script], {script}
        for file in waiting:
            with suppress(OSError):
                text = file.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
                if _READS.search(text):
                    return True
                for node in _import_nodes(text) if len(met) < MAX_TEXTS else ():
                    new = [one for one in self._imported(node, file) if one not in met]
                    waiting += new
                    met.update(new)
        return False

    def _module(self, file: Path, tree: ast.Module) -> Iterator[tuple[ast.AST, Path]]:
        """Yield what a module runs when it is imported; of the script, all."""
        is_script = not self._met
        self._met.add(file)
        names = imported_modules(tree)
        self._libraries[file] = {
            call for library in names & PARSING.keys() for call in PARSING[library]
        }
        found = [node for node in ast.walk(tree) if isinstance(node, (*_FUNCTIONS, ast.ClassDef))]
        for node in found:
            self._definitions.setdefault(node.name, []).append((node, file))
        body = [one for one in tree.body if is_script or not _is_main(one)]
        yield from ((node, file) for node in own_nodes(body))
        for node in found:
            if node.name in self._wanted:
                yield from self._enter(node, file)

    def _is_reading(self, node: ast.AST, place: Path) -> bool:
        known = self._libraries[place]
        if isinstance(node, _FUNCTIONS):
            return any(_name_of(one) in known for one in node.decorator_list)
        if not isinstance(node, ast.Call):
            return False
        if reading_calls([node]):
            return not has_list(node)
        return called_name(node) in known

    def _following(self, node: ast.AST, place: Path) -> Iterator[tuple[ast.AST, Path]]:
        """Yield the nodes that run because of a node."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            for file in self._imported(node, place):
                if file not in self._met and len(self._met) < MAX_MODULES:
                    with suppress(ScriptError):
                        yield from self._module(file, parse_source(read_source(file), file.name))
        name = _name_of(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        if name and name not in self._wanted:
            self._wanted.add(name)
            for inner, file in self._definitions.get(name, ()):
                yield from self._enter(inner, file)

    def _enter(self, node: ast.AST, file: Path) -> Iterator[tuple[ast.AST, Path]]:
        """Yield what runs where a function is called, or an object of a class is made."""
        if node in self._entered:
            return
        self._entered.add(node)
        if isinstance(node, _FUNCTIONS):
            yield from ((one, file) for one in own_nodes(node.body))
        elif isinstance(node, ast.ClassDef):
            for base in node.bases:
                yield base, file
            for inner in node.body:
                if isinstance(inner, _FUNCTIONS) and inner.name in _ENTERED:
                    yield from self._enter(inner, file)

    def _imported(self, node: ast.Import | ast.ImportFrom, place: Path) -> Iterator[Path]:
        """Yield the files of the project that an import statement runs."""
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            folders = self._folders
        else:
            start = node.module or ""
            names = [start, *(f"{start}.{alias.name}".lstrip(".") for alias in node.names)]
            folders = [place.parents[node.level - 1]] if node.level else self._folders
        for name in filter(None, names):
            for folder in folders:
                found = [*_files(folder, name)]
                yield from found
                if found:
                    break


def _import_nodes(text: str) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the import statements of a text, and what looks like one."""
    for statement in _IMPORTS.findall(text):
        with suppress(SyntaxError, ValueError):
            for node in ast.parse(statement.strip()).body:
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node


def _files(folder: Path, name: str) -> Iterator[Path]:
    """Yield the files of a dotted name in a folder: of its packages, and its own."""
    path = folder
    for part in name.split("."):
        path = path / part
        if (file := path / "__init__.py").is_file():
            yield file
    if (file := path.with_suffix(".py")).is_file():
        yield file


def _is_main(node: ast.stmt) -> bool:
    """Return whether a statement runs in a script only: ``if __name__ == "__main__"``."""
    return isinstance(node, ast.If) and any(
        isinstance(one, ast.Name) and one.id == "__name__" for one in ast.walk(node.test)
    )


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return called_name(node)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
