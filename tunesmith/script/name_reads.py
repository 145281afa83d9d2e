"""The places at which a script reads the names of its module."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

_Place = tuple[int, int]
"""Line and column, as the syntax tree has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameReads:
    """The names that a module reads as it runs, and those that its functions read when called."""

    names: Mapping[str, list[_Place]]
    """The places outside of functions at which each name is read."""
    calls: list[_Place]
    """The places outside of functions at which something is called."""
    in_functions: frozenset[str]
    """The names that functions read."""

    @classmethod
    def from_tree(cls, tree: ast.Module) -> "NameReads":
        """Return the reads of a module."""
        names: dict[str, list[_Place]] = {}
        calls: list[_Place] = []
        later: set[str] = set()
        nodes: list[ast.AST] = [tree]
        while nodes:
            node = nodes.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                inside = (one for one in ast.walk(node) if isinstance(one, ast.Name))
                later.update(one.id for one in inside)
                continue
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                names.setdefault(node.id, []).append(_place(node))
            if isinstance(node, ast.Call):
                calls.append(_place(node))
            nodes.extend(ast.iter_child_nodes(node))
        return cls(names=names, calls=calls, in_functions=frozenset(later))

    def has_between(self, name: str, first: ast.stmt, second: ast.stmt) -> bool:
        """Return whether a name may be read after one statement binds it and before another does.

        Any call may call a function that reads it.
        """
        start, end = _place(first), _bound(second)
        calls = self.calls if name in self.in_functions else []
        return any(start < place < end for place in [*self.names.get(name, []), *calls])


def _bound(statement: ast.stmt) -> _Place:
    """Return where a statement has bound its names: at the start of its body, or at its end."""
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return _place(body[0])
    return statement.end_lineno or statement.lineno, statement.end_col_offset or 0


def _place(node: ast.stmt | ast.expr) -> _Place:
    return node.lineno, node.col_offset
