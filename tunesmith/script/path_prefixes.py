"""What is known of the path that an expression of a script stands for."""

import ast
from collections.abc import Callable

OWN_FOLDER = "\0own"
"""Stands for the folder of the source file itself, in a path that is put together."""
OWN_FILE = "\0file"
"""Stands for the source file itself, behind its folder."""
_JOINS = frozenset({"join", "joinpath", "Path", "PurePath", "PosixPath"})
_SAME = frozenset(
    {"abspath", "absolute", "as_posix", "expanduser", "fspath", "normpath", "realpath", "resolve"}
    | {"str"}
)

Prefix = tuple[str, bool]
"""The beginning of a path, and whether that is all of it."""


def folder_part(text: str) -> str | None:
    """Return the folder of a path whose last name goes on in an unknown way."""
    head, slash, _ = text.rpartition("/")
    return head if slash and head else None


def called_name(node: ast.Call) -> str:
    """Return the name of the function or method that is called; empty for others."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def prefix_of(node: ast.AST, folders: dict[str, str]) -> Prefix | None:
    """Return what is known of the beginning of a path; None where that is nothing."""
    if isinstance(node, ast.Constant):
        return (node.value, True) if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        if node.id == "__file__":
            return f"{OWN_FOLDER}/{OWN_FILE}", True
        return (folders[node.id], True) if node.id in folders else None
    if isinstance(node, ast.JoinedStr):
        return _joined(node.values, lambda one: prefix_of(one, folders))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([node.left, node.right], lambda one: prefix_of(one, folders))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _path_of([node.left, node.right], folders)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return prefix_of(node.left, folders)  # its text is cut at the first %
    if isinstance(node, ast.Attribute) and node.attr == "parent":
        return _parent(prefix_of(node.value, folders))
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
        return _ancestor(node, folders)
    return _called_prefix(node, folders) if isinstance(node, ast.Call) else None


def _called_prefix(node: ast.Call, folders: dict[str, str]) -> Prefix | None:
    name, arguments = called_name(node), list(node.args)
    is_method = isinstance(node.func, ast.Attribute)
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if name == "dirname" and arguments:
        return _parent(prefix_of(arguments[0], folders))
    if name in _SAME:
        inner = arguments[0] if arguments else owner
        return None if inner is None else prefix_of(inner, folders)
    if name == "format" and owner is not None:
        return prefix_of(owner, folders)  # its text is cut at the first {
    if name == "joinpath" and is_method and owner is not None:
        return _path_of([owner, *arguments], folders)
    if name == "join" and isinstance(owner, ast.Constant):  # of texts, not of a path
        return None
    return _path_of(arguments, folders) if name in _JOINS and arguments else None


def _joined(nodes: list[ast.expr], piece_of: Callable[[ast.AST], Prefix | None]) -> Prefix | None:
    """Return the beginning of texts that are put together without a separator."""
    text = ""
    for node in nodes:
        piece = piece_of(node)
        text += piece[0] if piece else ""
        if piece is None or not piece[1]:
            folder = folder_part(text)
            return None if folder is None else (folder, False)
    return (text, True) if text else None


def _path_of(nodes: list[ast.expr], folders: dict[str, str]) -> Prefix | None:
    """Return the beginning of pieces that are joined to a path."""
    path = ""
    for node in nodes:
        piece = prefix_of(node, folders)
        if piece is None:
            return (path, False) if path else None
        path = piece[0] if not path or piece[0].startswith("/") else f"{path}/{piece[0]}"
        if not piece[1]:
            return path, False
    return (path, True) if path else None


def _parent(prefix: Prefix | None) -> Prefix | None:
    if prefix is None or not prefix[0].startswith(OWN_FOLDER):
        return None
    if prefix[0] == f"{OWN_FOLDER}/{OWN_FILE}":  # the source file itself
        return OWN_FOLDER, True
    return f"{prefix[0]}/..", prefix[1]


def _ancestor(node: ast.Subscript, folders: dict[str, str]) -> Prefix | None:
    """Return the beginning of ``Path(__file__).parents[1]``."""
    whole, index = node.value, node.slice
    if not (isinstance(whole, ast.Attribute) and whole.attr == "parents"):
        return None
    prefix = prefix_of(whole.value, folders)
    if isinstance(index, ast.Constant) and isinstance(index.value, int):
        for _ in range(min(index.value, 20) + 1):
            prefix = _parent(prefix)
        return prefix
    return None
