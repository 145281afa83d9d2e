"""Dynamic assignments of a script, which no statement of its text shows: ``exec`` and so on."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_NAMESPACES = frozenset({"globals", "vars", "locals"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicAssignment:
    """A statement or a call that may assign names of the module."""

    line: int
    word: str
    """``exec``, ``update`` or ``import *``."""
    names: frozenset[str] | None
    """The names that it assigns; None if unknown."""

    def may_assign(self, name: str, after_line: int) -> bool:
        """Return whether this may rebind a name that a line has bound before."""
        return self.line > after_line and (self.names is None or name in self.names)


def dynamic_assignments(tree: ast.Module) -> tuple[DynamicAssignment, ...]:
    """Return a module's dynamic assignments in the order of the text.

    ``exec`` counts where it runs in the module's namespace: at the top level without another, or
    with ``globals()``; likewise ``globals().update(…)``; ``vars()`` and ``locals()`` are the
    module's at the top level only.
    """
    found = [one for node, is_inner in _nodes(tree) if (one := _read(node, is_inner)) is not None]
    return tuple(sorted(found, key=lambda one: one.line))


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.AST, bool]]:
    """Yield every node, and whether it is in a function or a class."""
    pending: list[tuple[ast.AST, bool]] = [(tree, False)]
    while pending:
        node, is_inner = pending.pop()
        yield node, is_inner
        inner = is_inner or isinstance(node, _Function | ast.ClassDef)
        pending += [(child, inner) for child in ast.iter_child_nodes(node)]


def _read(node: ast.AST, is_inner: bool) -> DynamicAssignment | None:
    match node:
        case ast.ImportFrom(names=[ast.alias(name="*")], lineno=line):
            return DynamicAssignment(line=line, word="import *", names=None)
        case ast.Call(func=ast.Name(id="exec"), args=[text, *spaces], lineno=line):
            is_ours = _is_module(spaces[0], is_inner) if spaces else not is_inner
            names = _names_of_text(text)
            return DynamicAssignment(line=line, word="exec", names=names) if is_ours else None
        case ast.Call(func=ast.Attribute(value=space, attr="update"), lineno=line):
            is_ours = _is_module(space, is_inner)
            return (
                DynamicAssignment(line=line, word="update", names=_names_of(node))
                if is_ours
                else None
            )
    return None


def _is_module(space: ast.expr, is_inner: bool) -> bool:
    """Return whether an expression is the module's namespace."""
    if not (isinstance(space, ast.Call) and isinstance(space.func, ast.Name)) or space.args:
        return False
    return space.func.id == "globals" or (space.func.id in _NAMESPACES and not is_inner)


def _names_of_text(text: ast.expr) -> frozenset[str] | None:
    """Return the names that the code in a string assigns; None if unknown."""
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
        return None
    try:
        inside = ast.walk(ast.parse(text.value))
    except (SyntaxError, ValueError):
        return None
    names = (one for one in inside if isinstance(one, ast.Name))
    return frozenset(one.id for one in names if isinstance(one.ctx, ast.Store))


def _names_of(call: ast.Call) -> frozenset[str] | None:
    """Return the names that ``update(…)`` assigns; None if unknown."""
    names = [keyword.arg for keyword in call.keywords]
    for table in call.args:
        if not isinstance(table, ast.Dict):
            return None
        keys = [key.value if isinstance(key, ast.Constant) else None for key in table.keys]
        names += [key if isinstance(key, str) else None for key in keys]
    return None if None in names else frozenset(name for name in names if name)
