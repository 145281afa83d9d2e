"""Finds the calls in a program's text that read its command line.

Loaded by ``child.py`` too: standard library only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

READING = ("parse_args", "parse_known", "parse_intermixed")
"""Prefixes of the methods that read a command line."""
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def called_name(node: ast.Call) -> str:
    """Return the last part of the name that is called; empty for anything else."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def reading_calls(nodes: Iterable[ast.AST]) -> list[ast.Call]:
    """Return the calls among some nodes that read a command line."""
    calls = (node for node in nodes if isinstance(node, ast.Call))
    return [node for node in calls if called_name(node).startswith(READING)]


def has_list(node: ast.Call) -> bool:
    """Return whether a call reads a list that stands there, instead of the command line."""
    given = [*node.args, *(one.value for one in node.keywords if one.arg == "args")][:1]
    return any(isinstance(one, (ast.List, ast.Tuple, ast.Constant)) for one in given) and not any(
        isinstance(one, ast.Constant) and one.value is None for one in given
    )


def own_nodes(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of a scope, without those of the functions and classes in it."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting.extend(ast.iter_child_nodes(node))
