"""Finds options whose default is computed whenever the script runs: a seed, a date."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tunesmith.script.call_arguments import last_name

_PURE = frozenset({
    "abs", "bool", "dict", "float", "frozenset", "int", "len", "list", "max", "min", "pow",
    "range", "round", "set", "sorted", "str", "sum", "tuple", "zip", "enumerate", "reversed",
    "isinstance", "getattr", "hasattr", "type", "vars", "fields", "asdict", "field", "ceil",
    "floor", "sqrt", "log", "log2", "log10", "exp", "prod", "Decimal", "Fraction", "Path",
    "PurePath", "PosixPath", "expanduser", "joinpath", "basename", "timedelta", "join", "split",
    "strip", "lower", "upper", "replace", "format", "encode", "decode", "get", "items", "keys",
    "values", "append", "extend", "update", "copy", "setdefault", "open", "read", "read_text",
    "load", "loads", "safe_load", "full_load",
})  # fmt: skip
"""Functions that return the same for the same arguments; so does reading a file of the source."""

_VARYING = frozenset({"environ", "__file__", "argv"})
"""Names whose value depends on the machine or the folder."""


def computed_options(trees: Iterable[ast.Module]) -> frozenset[str]:
    """Return the options, and the destinations, whose default is computed when the script runs.

    Args:
        trees: The syntax trees of the script and the modules that it imports.
    """
    nodes = [node for tree in trees for node in ast.walk(tree)]
    judge = _Judge(meanings=_meanings(nodes))
    return frozenset(name for name, default in _defaults(nodes) if judge.varies(default))


def _defaults(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Yield each option that is given a default in a call, or as a parameter of a function."""
    for node in nodes:
        if isinstance(node, ast.Call):
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            for keyword in node.keywords:
                names = texts if keyword.arg == "default" else [keyword.arg]
                is_default = keyword.arg == "default" or last_name(node.func) == "set_defaults"
                if is_default:
                    yield from ((str(name), keyword.value) for name in names)
        elif isinstance(node, ast.FunctionDef):
            of_positions = [*node.args.posonlyargs, *node.args.args]
            named = of_positions[len(of_positions) - len(node.args.defaults) :]
            given = [*zip(named, node.args.defaults, strict=True)]
            given += [
                (argument, default)
                for argument, default in zip(
                    node.args.kwonlyargs, node.args.kw_defaults, strict=True
                )
                if default is not None
            ]
            for argument, default in given:
                is_seen = isinstance(default, ast.Call) and last_name(default.func) == "Option"
                if not is_seen:
                    yield f"--{argument.arg.replace('_', '-')}", default


def _meanings(nodes: Iterable[ast.AST]) -> dict[str, list[ast.AST]]:
    """Return the values that each name may have, from all scopes."""
    found: dict[str, list[ast.AST]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                for name in filter(None, map(last_name, parts)):
                    found.setdefault(name, []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            found.setdefault(last_name(node.target), []).append(node.value)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.setdefault(node.name, []).append(node)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """Decides which expressions may vary between runs, and remembers its decisions."""

    meanings: Mapping[str, Sequence[ast.AST]]
    known: dict[ast.AST, bool] = field(default_factory=dict)

    def varies(self, node: ast.AST) -> bool:
        """Return whether an expression, or the result of a function, may vary between runs."""
        if node not in self.known:
            self.known[node] = False  # ends the recursion where a name refers to itself
            is_class = isinstance(node, ast.ClassDef)  # its members are constants
            self.known[node] = not is_class and any(map(self._is_varying, ast.walk(node)))
        return self.known[node]

    def _is_varying(self, inner: ast.AST) -> bool:
        if isinstance(inner, ast.Call):
            name = last_name(inner.func)
            is_unknown = name not in _PURE and name not in self.meanings
        else:
            name = last_name(inner) if isinstance(inner, ast.expr) else ""
            is_unknown = name in _VARYING
        if is_unknown or name in _PURE:
            return is_unknown
        return any(self.varies(one) for one in self.meanings.get(name, ()))
