"""The paths that a source names: in string literals, pieces of a joined path, configuration files.

Nothing is looked up here: whether a name is that of a file is for the caller to find out.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

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
_OWN_FOLDER = "\0own"
"""Stands for the folder of the source file itself, in a path that is put together."""
_OWN_FILE = "\0file"
_TELLING = re.compile(r"dir|path|root|file|folder|data|input|open|load|read", re.IGNORECASE)
_JOINS = frozenset({"join", "joinpath", "Path", "PurePath", "PosixPath"})
_SAME = frozenset(
    {"abspath", "absolute", "as_posix", "expanduser", "fspath", "normpath", "realpath", "resolve"}
    | {"str"}
)
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
    """Return whether a text has a root in quotes, or a path that begins with ``..``."""
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


def _folder_part(text: str) -> str | None:
    """Return the folder of a path whose last name goes on in an unknown way."""
    head, slash, _ = text.rpartition("/")
    return head if slash and head else None


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
        prefix, target = _prefix(node.value, self._folders), node.targets[0]
        is_own = prefix is not None and prefix[0].startswith(_OWN_FOLDER)
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
        name = _called(node)
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
        prefix = _prefix(node, self._folders)
        if prefix is None:
            return False
        text, _ = prefix
        is_beside = text.startswith(_OWN_FOLDER)
        path = text.removeprefix(f"{_OWN_FOLDER}/") if is_beside else text
        path = path.removeprefix(_OWN_FOLDER)
        if pattern := _PATTERN.search(path):
            path = _folder_part(path[: pattern.start()]) or ""
        if path and path != _OWN_FILE and len(path) <= MAX_LENGTH and path.isprintable():
            is_clear = self._is_telling or not isinstance(node, ast.Constant) or _is_clear(text)
            self.found.append(PathLiteral(path, is_beside=is_beside, is_clear=is_clear))
        if not isinstance(node, ast.Constant):
            self._visit_rest(node)
        return True

    def _visit_rest(self, node: ast.expr) -> None:
        """Visit the pieces of a path that are themselves calls, as that of a function's result."""
        for child in ast.iter_child_nodes(node):
            if _prefix(child, self._folders) is None and not isinstance(child, ast.Attribute):
                self.visit(child)


def _names_path(target: ast.expr) -> bool:
    name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
    return _TELLING.search(name) is not None


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


Prefix = tuple[str, bool]
"""The beginning of a path, and whether that is all of it."""


def _prefix(node: ast.AST, folders: dict[str, str]) -> Prefix | None:
    """Return what is known of the beginning of a path; None where that is nothing."""
    if isinstance(node, ast.Constant):
        return (node.value, True) if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        if node.id == "__file__":
            return f"{_OWN_FOLDER}/{_OWN_FILE}", True
        return (folders[node.id], True) if node.id in folders else None
    if isinstance(node, ast.JoinedStr):
        return _joined(node.values, lambda one: _prefix(one, folders))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([node.left, node.right], lambda one: _prefix(one, folders))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _path_of([node.left, node.right], folders)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _prefix(node.left, folders)  # its text is cut at the first %
    if isinstance(node, ast.Attribute) and node.attr == "parent":
        return _parent(_prefix(node.value, folders))
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
        return _ancestor(node, folders)
    return _called_prefix(node, folders) if isinstance(node, ast.Call) else None


def _called_prefix(node: ast.Call, folders: dict[str, str]) -> Prefix | None:
    name, arguments = _called(node), list(node.args)
    is_method = isinstance(node.func, ast.Attribute)
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if name == "dirname" and arguments:
        return _parent(_prefix(arguments[0], folders))
    if name in _SAME:
        inner = arguments[0] if arguments else owner
        return None if inner is None else _prefix(inner, folders)
    if name == "format" and owner is not None:
        return _prefix(owner, folders)  # its text is cut at the first {
    if name == "joinpath" and is_method and owner is not None:
        return _path_of([owner, *arguments], folders)
    if name == "join" and isinstance(owner, ast.Constant):  # of texts, not of a path
        return None
    return _path_of(arguments, folders) if name in _JOINS and arguments else None


def _joined(nodes: list[ast.expr], prefix_of: Callable[[ast.AST], Prefix | None]) -> Prefix | None:
    """Return the beginning of texts that are put together without a separator."""
    text = ""
    for node in nodes:
        piece = prefix_of(node)
        text += piece[0] if piece else ""
        if piece is None or not piece[1]:
            folder = _folder_part(text)
            return None if folder is None else (folder, False)
    return (text, True) if text else None


def _path_of(nodes: list[ast.expr], folders: dict[str, str]) -> Prefix | None:
    """Return the beginning of pieces that are joined to a path."""
    path = ""
    for node in nodes:
        piece = _prefix(node, folders)
        if piece is None:
            return (path, False) if path else None
        path = piece[0] if not path or piece[0].startswith("/") else f"{path}/{piece[0]}"
        if not piece[1]:
            return path, False
    return (path, True) if path else None


def _parent(prefix: Prefix | None) -> Prefix | None:
    if prefix is None or not prefix[0].startswith(_OWN_FOLDER):
        return None
    if prefix[0] == f"{_OWN_FOLDER}/{_OWN_FILE}":  # the source file itself
        return _OWN_FOLDER, True
    return f"{prefix[0]}/..", prefix[1]


def _ancestor(node: ast.Subscript, folders: dict[str, str]) -> Prefix | None:
    """Return the beginning of ``Path(__file__).parents[1]``."""
    whole, index = node.value, node.slice
    if not (isinstance(whole, ast.Attribute) and whole.attr == "parents"):
        return None
    prefix = _prefix(whole.value, folders)
    if isinstance(index, ast.Constant) and isinstance(index.value, int):
        for _ in range(min(index.value, 20) + 1):
            prefix = _parent(prefix)
        return prefix
    return None
