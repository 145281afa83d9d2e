"""The paths that a source names: in string literals, pieces of a joined path, configuration files.

Nothing is looked up here: whether a name is that of a file is for the caller to find out.
"""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tunesmith.script.path_prefixes import (
    OWN_FILE,
    OWN_FOLDER,
    called_name,
    folder_part,
    prefix_of,
)

MAX_LENGTH = 400
"""The longest text that is taken for a path."""
FEW_ROOTS = 100
"""The most names that are looked for one by one."""
CONFIGURATIONS = (".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".conf")
"""The endings of configuration files."""
OTHER_SOURCES = (".sh", ".bash", ".R", ".r", ".jl", ".ipynb", ".pl", ".rb", ".lua")
"""The endings of programs that are read word by word."""

_QUOTED = re.compile(r"""["']((?:\.{1,2}/)*)([^"'/\n\\]+)""")
_WORD = re.compile(r"""[^\s"'=:,\[\]{}()<>|;\\]+""")
_TELLING = re.compile(r"dir|path|root|file|folder|data|input|open|load|read", re.IGNORECASE)
_KIND = re.compile(r"\.\w{1,8}$")
_PATTERN = re.compile(r"[*?\[{%]")


@dataclass(frozen=True, slots=True)
class PathLiteral:
    """A path that a source names; what follows it may be unknown."""

    path: str
    is_beside: bool
    """Whether it begins at the folder of the source file, not at the working directory."""
    is_clear: bool
    """Whether it is certainly a path, and no other word."""


def path_literals(text: str, name: str, roots: Collection[str]) -> Iterator[PathLiteral]:
    """Yield the paths of a source that may be of interest.

    Args:
        text: The source.
        name: Its file's name, which says how it is read.
        roots: The names of files and folders that are of interest, as the first name of a path;
            one that begins with ``..`` always is. A text that has none of them in quotes is not
            read further.
    """
    if not name.endswith(".py"):
        if name.endswith((*CONFIGURATIONS, *OTHER_SOURCES)):
            yield from _words(text, roots)
        return
    if not _names_any(text, roots):
        return
    try:
        tree = ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    reader = _Reader()
    try:
        reader.visit(tree)
    except RecursionError:
        return
    yield from (one for one in reader.found if _is_wanted(one, roots))


def is_read(name: str) -> bool:
    """Return whether a file may name paths that are of interest."""
    return name.endswith((".py", *CONFIGURATIONS, *OTHER_SOURCES))


def first_name(path: str) -> str:
    """Return the first name of a path that is neither ``.`` nor ``..``; empty if there is none."""
    return next((part for part in PurePosixPath(path).parts if part not in ("..", "/")), "")


def _names_any(text: str, roots: Collection[str]) -> bool:
    """Return whether a text has a root in quotes, or a path that may lead above its folder."""
    if "__file__" in text:  # a path may begin above its folder, where no name is known
        return True
    is_few = len(roots) <= FEW_ROOTS
    if is_few and ".." not in text and not any(root in text for root in roots):
        return False  # a look for a word is a hundred times as fast
    quoted = _QUOTED.finditer(text)
    return any(one[2] in roots or ".." in (one[2], one[1][:2]) for one in quoted)


def _words(text: str, roots: Collection[str]) -> Iterator[PathLiteral]:
    for word in dict.fromkeys(_WORD.findall(text)):
        literal = PathLiteral(word, is_beside=False, is_clear=_is_clear(word))
        if len(word) <= MAX_LENGTH and _is_wanted(literal, roots):
            yield literal


def _is_wanted(literal: PathLiteral, roots: Collection[str]) -> bool:
    return literal.is_beside or literal.path[:3] == "../" or first_name(literal.path) in roots


def _is_clear(text: str) -> bool:
    return "/" in text or _KIND.search(text) is not None


class _Reader(ast.NodeVisitor):
    """Finds paths in a syntax tree; the pieces of one path are put together."""

    def __init__(self) -> None:
        self.found: list[PathLiteral] = []
        self._folders: dict[str, str] = {}
        """Names that stand for the source's own folder, or one beside it."""
        self._is_telling = False

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring names no path
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        prefix, target = prefix_of(node.value, self._folders), node.targets[0]
        is_own = prefix is not None and prefix[0].startswith(OWN_FOLDER)
        if prefix is not None and is_own and isinstance(target, ast.Name):
            self._folders.setdefault(target.id, prefix[0])
        self._with(any(_names_path(one) for one in node.targets), node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._with(_names_path(node.target), node.value)

    def visit_keyword(self, node: ast.keyword) -> None:
        is_telling = node.arg is not None and _TELLING.search(node.arg) is not None
        self._with(is_telling or (node.arg == "default" and self._is_telling), node.value)

    def visit_arguments(self, node: ast.arguments) -> None:
        named = [*node.posonlyargs, *node.args]
        pairs = [*zip(named[len(named) - len(node.defaults) :], node.defaults, strict=True)]
        pairs += [(a, d) for a, d in zip(node.kwonlyargs, node.kw_defaults, strict=True) if d]
        for argument, default in pairs:
            self._with(_TELLING.search(argument.arg) is not None, default)

    def visit_Call(self, node: ast.Call) -> None:
        if self._take(node):
            return
        name = called_name(node)
        is_telling = _TELLING.search(name) is not None
        if name in ("add_argument", "option", "argument", "DEFINE_string", "Option", "Argument"):
            options = [one.value for one in node.args if isinstance(one, ast.Constant)]
            is_telling = any(_TELLING.search(str(option)) for option in options)
        for child in ast.iter_child_nodes(node):
            self._with(is_telling, child)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not self._take(node):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if not self._take(node):
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        self._take(node)

    def _with(self, is_telling: bool, node: ast.AST) -> None:
        """Visit a node in whose place a text is certainly a path, or perhaps is not."""
        before, self._is_telling = self._is_telling, is_telling
        self.visit(node)
        self._is_telling = before

    def _take(self, node: ast.expr) -> bool:
        """Note the path that an expression begins with, and return whether it is one."""
        prefix = prefix_of(node, self._folders)
        if prefix is None:
            return False
        text, _ = prefix
        is_beside = text.startswith(OWN_FOLDER)
        path = text.removeprefix(f"{OWN_FOLDER}/") if is_beside else text
        path = path.removeprefix(OWN_FOLDER)
        if pattern := _PATTERN.search(path):
            path = folder_part(path[: pattern.start()]) or ""
        if path and path != OWN_FILE and len(path) <= MAX_LENGTH and path.isprintable():
            is_clear = self._is_telling or not isinstance(node, ast.Constant) or _is_clear(text)
            self.found.append(PathLiteral(path, is_beside=is_beside, is_clear=is_clear))
        if not isinstance(node, ast.Constant):
            self._visit_rest(node)
        return True

    def _visit_rest(self, node: ast.expr) -> None:
        """Visit the pieces of a path that are themselves calls, as that of a function's result."""
        for child in ast.iter_child_nodes(node):
            if prefix_of(child, self._folders) is None and not isinstance(child, ast.Attribute):
                self.visit(child)


def _names_path(target: ast.expr) -> bool:
    name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
    return _TELLING.search(name) is not None
