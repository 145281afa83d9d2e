"""Name bindings of a script's module: assignments, loops, imports and so on."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from tunesmith.script.constant_expressions import constant

_Block = tuple[str, list[ast.stmt]]
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_LOOPS = ("for", "while")


class Kind(Enum):
    """The kind of a binding."""

    ASSIGNED = auto()
    """``x = 1``, also as one of several: ``x, y = 1, 2``."""
    CHANGED = auto()
    """Computed from its old value: ``x *= 2``, ``x = min(x, 1)``."""
    LOOPED = auto()
    """As the variable of a loop."""
    DELETED = auto()
    OTHER = auto()
    """``import``, ``def``, ``class``, ``with … as``, ``except … as``, ``x := 1``, a pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One place where a name of the module gets a value."""

    name: str
    kind: Kind
    statement: ast.stmt
    value: ast.expr | None = None
    """The expression that this name is bound to; None where there is none for it alone."""
    blocks: tuple[str, ...] = ()
    """The enclosing blocks, outermost first, as ``while``, ``if``, ``def train``; empty where the
    statement certainly runs, once. ``if __name__ == "__main__"`` and ``with`` do not count."""

    @property
    def line(self) -> int:
        """The line on which the statement begins."""
        return self.statement.lineno

    @property
    def is_in_function(self) -> bool:
        """Whether it is in a function, which declares the name ``global``."""
        return bool(self.blocks) and self.blocks[0].startswith("def ")

    @property
    def is_repeated(self) -> bool:
        """Whether it may run more than once."""
        return self.is_in_function or any(block in _LOOPS for block in self.blocks)

    @property
    def shares_its_value(self) -> bool:
        """Whether other names are bound to the same expression: ``x = y = 1``."""
        return isinstance(self.statement, ast.Assign) and len(self.statement.targets) > 1


def module_bindings(tree: ast.Module) -> dict[str, list[Binding]]:
    """Return the bindings of each name of a module, in the order of the text."""
    found: dict[str, list[Binding]] = {}
    for statement, blocks in _statements(tree.body, ()):
        bindings = [*_bindings(statement, blocks)]
        if isinstance(statement, _Function | ast.ClassDef):
            bindings += _of_functions(statement)
        for binding in bindings:
            found.setdefault(binding.name, []).append(binding)
    return found


def settable(bindings: Sequence[Binding]) -> Binding | None:
    """Return the binding to change for another value: the last constant that certainly runs."""
    for binding in reversed(bindings):
        if binding.kind is Kind.ASSIGNED and not binding.blocks and binding.value is not None:
            try:
                constant(binding.value)
            except ValueError:
                continue
            return binding
    return None


def _statements(
    body: Sequence[ast.stmt], blocks: tuple[str, ...]
) -> Iterator[tuple[ast.stmt, tuple[str, ...]]]:
    """Yield each statement outside of functions and classes, with its enclosing blocks.

    Without recursion, since each ``elif`` is nested in the one before.
    """
    pending = [(statement, blocks) for statement in reversed(body)]
    while pending:
        statement, outer = pending.pop()
        yield statement, outer
        for word, inner in reversed(_blocks(statement)):
            within = outer if word in ("", *outer[-1:]) else (*outer, word)
            pending += [(one, within) for one in reversed(inner)]


def _blocks(statement: ast.stmt) -> list[_Block]:
    """Return the blocks of a compound statement by keyword; empty for those that certainly run."""
    match statement:
        case ast.If(test=test, body=body, orelse=orelse):
            return [("" if _is_main(test) else "if", body), ("if", orelse)]
        case ast.For(body=body, orelse=orelse) | ast.AsyncFor(body=body, orelse=orelse):
            return [("for", body), ("for", orelse)]
        case ast.While(body=body, orelse=orelse):
            return [("while", body), ("while", orelse)]
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return [("", body)]
        case ast.Try() | ast.TryStar():
            handlers = [("try", handler.body) for handler in statement.handlers]
            tried = [("try", statement.body), *handlers, ("try", statement.orelse)]
            return [*tried, ("", statement.finalbody)]
        case ast.Match(cases=cases):
            return [("match", case.body) for case in cases]
    return []


def _is_main(test: ast.expr) -> bool:
    sides = [test.left, *test.comparators] if isinstance(test, ast.Compare) else []
    names = {side.id for side in sides if isinstance(side, ast.Name)}
    texts = {side.value for side in sides if isinstance(side, ast.Constant)}
    return names == {"__name__"} and texts == {"__main__"}


def _of_functions(node: ast.stmt) -> Iterator[Binding]:
    """Yield the bindings of the names that functions within a statement declare ``global``."""
    for function in _functions([node]):
        inside = [*_statements(function.body, (f"def {function.name}",))]
        declared = [one.names for one, _ in inside if isinstance(one, ast.Global)]
        names = {name for one in declared for name in one}
        for statement, blocks in inside if names else ():
            yield from (b for b in _bindings(statement, blocks) if b.name in names)


def _functions(body: Sequence[ast.stmt]) -> Iterator[_Function]:
    """Yield the functions of a block, of its classes and of other functions."""
    for statement, _ in _statements(body, ()):
        if isinstance(statement, _Function):
            yield statement
        if isinstance(statement, _Function | ast.ClassDef):
            yield from _functions(statement.body)


def _bindings(statement: ast.stmt, blocks: tuple[str, ...]) -> Iterator[Binding]:
    """Yield what one statement binds, without the statements in it."""
    # there may be no error, or no matching case
    if isinstance(statement, ast.Try | ast.TryStar | ast.Match):
        blocks = (*blocks, "match" if isinstance(statement, ast.Match) else "try")
    for name, kind, value in _names(statement):
        is_change = kind is Kind.ASSIGNED and _mentions(statement, name)
        yield Binding(
            name=name,
            kind=Kind.CHANGED if is_change else kind,
            statement=statement,
            value=None if is_change else value,
            blocks=blocks,
        )
    loop = ("while",) if isinstance(statement, ast.While) else ()
    for node in _walruses(statement):
        inside = (*blocks, *loop, ":=")  # an expression may be skipped: `a and (x := 1)`
        yield Binding(name=node.target.id, kind=Kind.OTHER, statement=statement, blocks=inside)


_Named = tuple[str, Kind, ast.expr | None]


def _names(statement: ast.stmt) -> Iterator[_Named]:
    """Yield the names that a statement assigns, each with the value that it gets."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from ((name, Kind.ASSIGNED, part) for name, part in _pairs(target, value))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, Kind.ASSIGNED, value
        case ast.AugAssign(target=ast.Name(id=name)):
            yield name, Kind.CHANGED, None
        case ast.For(target=target) | ast.AsyncFor(target=target):
            yield from ((name, Kind.LOOPED, None) for name, _ in _pairs(target, None))
        case ast.Delete(targets=targets):
            deleted = [target.id for target in targets if isinstance(target, ast.Name)]
            yield from ((name, Kind.DELETED, None) for name in deleted)
        case _:
            yield from ((name, Kind.OTHER, None) for name in _other_names(statement))


def _other_names(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement other than an assignment binds."""
    match statement:
        case ast.With(items=items) | ast.AsyncWith(items=items):
            held = [item.optional_vars for item in items if item.optional_vars is not None]
            yield from (name for one in held for name, _ in _pairs(one, None))
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
        case (
            ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name)
        ):
            yield name
        case ast.Try() | ast.TryStar():
            yield from (handler.name for handler in statement.handlers if handler.name)
        case ast.Match(cases=cases):
            yield from (name for case in cases for name in _captured(case))


def _captured(case: ast.match_case) -> Iterator[str]:
    for node in ast.walk(case.pattern):
        name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        if isinstance(name, str):
            yield name


def _pairs(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield each name of a target with the part of the value that it gets, where there is one."""
    match target:
        case ast.Name(id=name):
            yield name, value
        case ast.Starred(value=inner):
            yield from _pairs(inner, None)
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="globals" | "vars" | "locals"), args=[]),
            slice=ast.Constant(value=str(name)),
        ):
            yield name, None
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            parts: Sequence[ast.expr | None] = [None] * len(targets)
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(targets):
                is_starred = any(isinstance(one, ast.Starred) for one in [*targets, *value.elts])
                parts = parts if is_starred else value.elts
            for one, part in zip(targets, parts, strict=True):
                yield from _pairs(one, part)


def _walruses(statement: ast.stmt) -> Iterator[ast.NamedExpr]:
    """Yield the ``x := 1`` in a statement's own expressions."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr | ast.withitem):
            yield from (node for node in ast.walk(child) if isinstance(node, ast.NamedExpr))


def _mentions(statement: ast.stmt, name: str) -> bool:
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    names = (one for one in ast.walk(value) if isinstance(one, ast.Name)) if value else ()
    return any(one.id == name for one in names)
