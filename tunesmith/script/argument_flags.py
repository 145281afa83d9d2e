"""Flags of a script that takes its arguments from ``sys.argv`` by their place."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tunesmith.flags.definition import FlagDefinition, FlagType
from tunesmith.flags.number import read_number
from tunesmith.flags.values import FlagValue
from tunesmith.script.call_arguments import TYPES, ComputedError, last_name, read_value

Parents = Mapping[ast.AST, ast.AST]
"""The node of which each node is a part."""

_PLAIN = {FlagType.INT: int, FlagType.FLOAT: float}


def read_arguments(tree: ast.Module) -> tuple[FlagDefinition, ...]:
    """Return a flag for each place of ``sys.argv`` that a script reads, by its variable.

    The place itself is an alias: ``1=0.5``. An argument without a default is required, unless it
    is read under a condition.

    Args:
        tree: The script's syntax tree.
    """
    parents = parents_of(tree)
    shifts = _copies(tree)
    found: dict[int, FlagDefinition] = {}
    for node in ast.walk(tree):
        for place, name, value in _readings(node, shifts, parents):
            flag = _definition(place, name, value, tree, parents)
            known = found.get(place)
            if known is None or (not known.name.isidentifier() and name):
                found[place] = flag
    return tuple(with_gaps(found))


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """Return the node of which each node of a tree is a part."""
    return {inner: node for node in ast.walk(tree) for inner in ast.iter_child_nodes(node)}


def converter_of(node: ast.AST, parents: Parents) -> ast.expr | None:
    """Return what is called with a text that a script reads; None where nothing is."""
    outer = parents.get(node)
    while isinstance(outer, ast.BoolOp | ast.IfExp):
        node, outer = outer, parents.get(outer)
    if isinstance(outer, ast.Call) and node in outer.args[:1]:
        return outer.func
    return None


def typed_default(converter: ast.expr | None, default: FlagValue) -> tuple[FlagType, FlagValue]:
    """Return the type that a converter gives to a text, and what it makes of the default."""
    name = last_name(converter) if converter is not None else ""
    kind = TYPES.get(name, FlagType.ANY)
    if converter is None and (default is None or isinstance(default, str)):
        kind = (
            FlagType.ANY if default is None or read_number(default) is not None else FlagType.TEXT
        )
    if isinstance(default, str) and kind in (*_PLAIN, FlagType.ANY):
        number = read_number(default)
        default = default if number is None else number
    if kind is FlagType.FLOAT and isinstance(default, int) and not isinstance(default, bool):
        default = float(default)
    return kind, default


def _copies(tree: ast.Module) -> dict[str, int]:
    """Return the variables that are ``sys.argv``, or the rest of it from a place on."""
    found: dict[str, int] = {}
    calls: dict[str, list[ast.Call]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.setdefault(last_name(node.func), []).append(node)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, start = node.targets[0], _start(node.value, {})
            if isinstance(target, ast.Name) and start is not None:
                found[target.id] = start
        elif isinstance(node, ast.ImportFrom) and node.module == "sys":
            found.update({one.asname or one.name: 0 for one in node.names if one.name == "argv"})
        elif isinstance(node, ast.FunctionDef):
            found.update(_parameters(node, calls.get(node.name, ())))
    return found


def _parameters(function: ast.FunctionDef, calls: Iterable[ast.Call]) -> Iterator[tuple[str, int]]:
    """Yield the parameters of a function that are ``sys.argv``: so it is called, or by default."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    pairs = [*zip(reversed(names), reversed(function.args.defaults), strict=False)]
    for call in calls:
        pairs += zip(names, call.args, strict=False)
        pairs += [(one.arg, one.value) for one in call.keywords if one.arg in names]
    for name, value in pairs:
        start = _start(value, {})
        if start is not None:
            yield name, start


def _start(node: ast.expr, copies: Mapping[str, int]) -> int | None:
    """Return the place in ``sys.argv`` at which a list begins; None for another list."""
    if isinstance(node, ast.Attribute):
        is_argv = isinstance(node.value, ast.Name) and (node.value.id, node.attr) == (
            "sys",
            "argv",
        )
        return 0 if is_argv else None
    if isinstance(node, ast.Name):
        return copies.get(node.id)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        start, lower = _start(node.value, copies), node.slice.lower
        first = 0 if lower is None else _whole(lower)
        return None if start is None or first is None else start + first
    return None


def _whole(node: ast.expr) -> int | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _readings(
    node: ast.AST, copies: Mapping[str, int], parents: Parents
) -> Iterator[tuple[int, str, ast.expr]]:
    """Yield the place, the variable and the expression of what a node reads of ``sys.argv``."""
    if isinstance(node, ast.Subscript):
        start, place = _start(node.value, copies), _whole(node.slice)
        if start is not None and place is not None and start + place > 0:
            yield start + place, _variable(node, parents), node
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
        if isinstance(value, ast.Call) and last_name(value.func) == "map" and len(value.args) == 2:
            value = value.args[1]
        start = _start(value, copies)
        if start is None or not isinstance(target, ast.Tuple | ast.List):
            return
        for at, one in enumerate(target.elts):
            if isinstance(one, ast.Name) and start + at > 0:
                yield start + at, one.id, node.value


def _variable(node: ast.AST, parents: Parents) -> str:
    """Return the name that a value is assigned to, or passed as; empty where there is none."""
    outer = parents.get(node)
    at: int | None = None
    while outer is not None and not isinstance(outer, ast.stmt):
        if isinstance(outer, ast.keyword) and outer.arg:
            return outer.arg
        if isinstance(outer, ast.Tuple):
            at = outer.elts.index(node) if isinstance(node, ast.expr) else None
        if isinstance(outer, ast.Call) and node not in outer.args[:1]:
            return ""
        if not isinstance(outer, ast.Call | ast.IfExp | ast.BoolOp | ast.expr):
            return ""
        node, outer = outer, parents.get(outer)
    if isinstance(outer, ast.Assign) and len(outer.targets) == 1 and node is outer.value:
        target = outer.targets[0]
        if at is not None:
            named = target.elts if isinstance(target, ast.Tuple) else []
            return last_name(named[at]) if at < len(named) else ""
        return last_name(target)
    if isinstance(outer, ast.AnnAssign) and node is outer.value:
        return last_name(outer.target)
    return ""


def _definition(
    place: int, name: str, value: ast.expr, tree: ast.Module, parents: Parents
) -> FlagDefinition:
    converter = converter_of(value, parents)
    if isinstance(value, ast.Call) and last_name(value.func) == "map":
        converter = value.args[0]
    default, is_free = _default(value, name, tree, parents)
    kind, default = typed_default(converter, default)
    return FlagDefinition(
        name=name or str(place),
        type=kind,
        default=default,
        is_required=default is None and not is_free,
        aliases=(str(place),) if name else (),
        position=place,
    )


def _default(
    value: ast.expr, name: str, tree: ast.Module, parents: Parents
) -> tuple[FlagValue, bool]:
    """Return what a variable is without the argument, and whether it may be left out."""
    node: ast.AST | None = value
    is_free = False
    while node is not None:
        outer = parents.get(node)
        if isinstance(outer, ast.IfExp) and node is not outer.test:
            other = outer.orelse if node is outer.body else outer.body
            return _constant(other), True
        is_free = is_free or isinstance(outer, ast.If | ast.Try)
        if isinstance(outer, ast.If) and node is outer.test:
            return None, True
        node = outer
    others = [
        _constant(one.value)
        for one in ast.walk(tree)
        if isinstance(one, ast.Assign) and [last_name(to) for to in one.targets] == [name]
    ]
    known = [one for one in others if one is not None] if is_free and name else []
    return (known[0] if known else None), is_free


def _constant(node: ast.expr) -> FlagValue:
    try:
        return read_value(node, {})
    except ComputedError:
        return None


def with_gaps(found: Mapping[int, FlagDefinition]) -> Iterator[FlagDefinition]:
    """Yield the flags in their order, with one for each place between them."""
    for place in range(1, max(found, default=0) + 1):
        other = FlagDefinition(name=str(place), position=place, is_required=True)
        yield found.get(place, other)
