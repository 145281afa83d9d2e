"""The places of a Python file at which a value is written that has a name there."""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tunesmith.addresses.address import Part, is_typable, join_parts

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_FIELDS = frozenset({"field", "Field", "ib", "attrib", "attribute"})
"""Calls that describe an attribute of a class, with its default."""
_OTHER_CALLS = frozenset({
    "add_argument", "add_option", "add_parser", "ArgumentParser", "argument", "option", "Argument",
    "Option", "command", "print", "open", "dataclass", "sorted", "getLogger", "basicConfig",
    "get_logger", "dump", "dumps", "makedirs", "mkdir", "join", "split", "round", "setattr",
    "set_defaults", "subplots", "figure", "savefig",
})  # fmt: skip
"""Calls whose arguments are options of the command line, or nothing that is tuned."""
_OF_TABLES = frozenset({
    "DataFrame", "Series", "rename", "replace", "map", "astype", "agg", "aggregate", "fillna",
    "assign", "log", "info", "debug", "post", "put", "rc", "defaultdict", "Counter",
})  # fmt: skip
"""Calls whose mapping holds data, names of columns or messages."""
_VARIABLES = frozenset({"os.environ.get", "environ.get", "os.getenv", "getenv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An expression that gives a named thing its value."""

    parts: tuple[Part, ...]
    node: ast.expr
    shown: str = ""
    is_variable: bool = False
    """Whether it is the default of a variable of the environment, which is text."""
    owner: str = ""
    """The function or class whose default it is."""


def find_places(tree: ast.Module) -> list[Found]:
    """Return the places of a module, but those of the names that it assigns itself.

    These are the attributes of classes, the variables of functions, the items of dicts, what is
    assigned to an attribute or an item, the defaults of functions and the keywords of calls.
    """
    return [one for one in _block(tree.body, _Scope()) if _is_named(one.parts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """Where a statement is."""

    parts: tuple[str, ...] = ()
    kind: str = "module"
    """``module``, ``class`` or ``function``."""
    of_class: tuple[str, ...] = ()
    """The innermost class around a method."""
    repeated: frozenset[str] = frozenset()
    """The names that a function binds more than once."""


def _is_named(parts: Sequence[Part]) -> bool:
    is_private = isinstance(parts[-1], str) and parts[-1].startswith("_")
    names = [part for part in parts if isinstance(part, str)]
    return not is_private and all(is_typable(name) for name in names)


def _block(body: Sequence[ast.stmt], scope: _Scope) -> Iterator[Found]:
    pending = list(reversed(body))
    while pending:
        statement = pending.pop()
        yield from _statement(statement, scope)
        if isinstance(statement, _Function | ast.ClassDef):
            continue
        inner = [one for one in ast.iter_child_nodes(statement) if isinstance(one, ast.stmt)]
        for case in getattr(statement, "cases", getattr(statement, "handlers", ())):
            inner += case.body
        pending += reversed(inner)


def _statement(statement: ast.stmt, scope: _Scope) -> Iterator[Found]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _function(statement, scope)
        case ast.ClassDef(name=name, body=body, bases=bases):
            of_class = (*scope.parts, name)
            if not any("Enum" in ast.unparse(base) for base in bases):
                yield from _block(body, _Scope(parts=of_class, kind="class", of_class=of_class))
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _assigned(target, value, scope)
            yield from _calls(value, scope, is_assigned=True)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield from _assigned(target, value, scope)
            yield from _calls(value, scope, is_assigned=True)
        case _:
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.expr | ast.withitem):
                    yield from _calls(child, scope)


def _function(function: _Function, scope: _Scope) -> Iterator[Found]:
    """Yield the defaults of a function, and what is in it; ``__init__`` is called by its class."""
    own = (*scope.parts, function.name)
    is_init = scope.kind == "class" and function.name in ("__init__", "__call__")
    called = scope.parts if is_init and function.name == "__init__" else own
    of_positions = [*function.args.posonlyargs, *function.args.args]
    defaults = function.args.defaults
    pairs = [*zip(of_positions[len(of_positions) - len(defaults) :], defaults, strict=True)]
    for argument, default in [
        *pairs,
        *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True),
    ]:
        if default is not None:
            parts = (*called, argument.arg)
            shown = f"{join_parts(called)}({argument.arg})"
            yield Found(parts=parts, node=default, shown=shown, owner=called[-1])
            yield from _inside(default, parts, scope)
    inner = _Scope(
        parts=own, kind="function", of_class=scope.of_class, repeated=_repeated(function)
    )
    yield from _block(function.body, inner)


def _repeated(function: _Function) -> frozenset[str]:
    """Return the names that a function binds more than once, or for the module."""
    counts: Counter[str] = Counter()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            counts[node.id] += 1
        elif isinstance(node, ast.Global | ast.Nonlocal):
            counts.update(dict.fromkeys(node.names, 2))
    arguments = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
    return frozenset(name for name, n in counts.items() if n + (name in arguments) > 1)


def _assigned(target: ast.expr, value: ast.expr, scope: _Scope) -> Iterator[Found]:
    """Yield what an assignment gives its target, and the items of a dict that it is."""
    if isinstance(target, ast.Tuple | ast.List):
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
            for one, part in zip(target.elts, value.elts, strict=True):
                yield from _assigned(one, part, scope)
        return
    parts = _target(target, scope)
    if parts is None:
        return
    is_own = not isinstance(target, ast.Name) or scope.kind != "module"
    is_once = not isinstance(target, ast.Name) or target.id not in scope.repeated
    if is_own and is_once:
        owner = scope.parts[-1] if scope.kind == "class" else ""
        yield Found(parts=parts, node=_default(value), owner=owner)
    yield from _inside(value, parts, scope)


def _target(target: ast.expr, scope: _Scope) -> tuple[Part, ...] | None:
    """Return the names that lead to a target; None where one of them is computed."""
    names: list[Part] = []
    node = target
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value=inner, attr=name):
                names.append(name)
                node = inner
            case ast.Subscript(value=inner, slice=ast.Constant(value=str() | int() as key)):
                names.append(key)
                node = inner
            case _:
                return None
    if node.id == "self" and names and scope.of_class:
        return (*scope.of_class, *reversed(names))
    return (*scope.parts, node.id, *reversed(names))


def _default(value: ast.expr) -> ast.expr:
    """Return the default in ``field(default=…)`` and ``Field(…)``; the expression itself else."""
    if not isinstance(value, ast.Call) or called_name(value) not in _FIELDS:
        return value
    for keyword in value.keywords:
        if keyword.arg == "default":
            return keyword.value
        if keyword.arg in ("default_factory", "factory") and isinstance(keyword.value, ast.Lambda):
            return keyword.value.body
    return value.args[0] if value.args else value


def _inside(value: ast.expr, parts: tuple[Part, ...], scope: _Scope) -> Iterator[Found]:
    """Yield the items of a dict, also of one in a list, and of one that an object is made of."""
    for key, inner in _items(value):
        below = (*parts, key)
        yield Found(parts=below, node=inner)
        yield from _inside(inner, below, scope)
    if isinstance(value, ast.Call):
        for mapping in _mappings(value):
            yield from _inside(mapping, parts, scope)
    if isinstance(value, ast.List | ast.Tuple):
        for at, item in enumerate(value.elts):
            if isinstance(item, ast.Dict | ast.Call | ast.List | ast.Tuple):
                yield from _inside(item, (*parts, at), scope)


def _items(value: ast.expr) -> Iterator[tuple[str | int, ast.expr]]:
    match value:
        case ast.Dict(keys=keys, values=values):
            for key, inner in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str | int):
                    yield key.value, inner
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            yield from ((one.arg, one.value) for one in keywords if one.arg)


def _mappings(call: ast.Call) -> list[ast.expr]:
    """Return the only mapping that a call is given, as in ``Config({"lr": 0.1})``; else none."""
    given = [*call.args, *(one.value for one in call.keywords if one.arg is None)]
    is_other = called_name(call) in _OTHER_CALLS | _OF_TABLES
    is_other = is_other or "rcParams" in ast.unparse(call.func)
    return [] if is_other or len(given) != 1 or not _is_mapping(given[0]) else given


def _is_mapping(node: ast.expr) -> bool:
    match node:
        case ast.Dict() | ast.Call(func=ast.Name(id="dict")):
            return True
    return False


def _calls(root: ast.AST, scope: _Scope, *, is_assigned: bool = False) -> Iterator[Found]:
    """Yield the keywords of the calls in an expression, and the items of their only mapping.

    Args:
        root: The expression.
        scope: Where it is.
        is_assigned: Whether its own mapping already has the name that it is assigned to.
    """
    for node in ast.walk(root):
        if not isinstance(node, ast.Call):
            continue
        name = called_name(node)
        if ast.unparse(node.func) in _VARIABLES:
            yield from _variable(node)
        if not name or name in _OTHER_CALLS | _FIELDS or name == "dict":
            continue
        for keyword in node.keywords:
            if keyword.arg:
                parts = (*scope.parts, name, keyword.arg)
                shown = f"{join_parts((*scope.parts, name))}({keyword.arg})"
                yield Found(parts=parts, node=keyword.value, shown=shown)
                yield from _inside(keyword.value, parts, scope)
        for mapping in [] if is_assigned and node is root else _mappings(node):
            yield from _inside(mapping, _updated(node, scope) or (*scope.parts, name), scope)


def _updated(call: ast.Call, scope: _Scope) -> tuple[Part, ...] | None:
    """Return the names of the mapping that a call adds to, as in ``cfg.update({"lr": 0.1})``."""
    match call.func:
        case ast.Attribute(attr="update", value=owner):
            return _target(owner, scope)
    return None


def _variable(call: ast.Call) -> Iterator[Found]:
    """Yield the default of ``os.environ.get("LR", "0.1")``."""
    match call.args:
        case [ast.Constant(value=str(name)), default]:
            parts = ("environ", name)
            yield Found(parts=parts, node=default, shown=f"environ({name})", is_variable=True)


def called_name(call: ast.Call) -> str:
    """Return the last name of what is called."""
    func = call.func
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""
