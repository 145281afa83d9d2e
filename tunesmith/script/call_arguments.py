"""Reads the arguments of calls in a script's syntax tree."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.flags.definition import FlagType
from tunesmith.flags.values import FlagValue

TYPES = {"int": FlagType.INT, "float": FlagType.FLOAT, "str": FlagType.TEXT, "bool": FlagType.BOOL}
PATHS = frozenset({"Path", "PurePath", "PosixPath"})
"""Converters that keep a string as it is."""


class ComputedError(Exception):
    """An argument is computed when the script runs, so that its text does not show the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call's arguments, read with the constants of the script's module."""

    node: ast.Call
    constants: Mapping[str, ast.expr]

    @property
    def name(self) -> str:
        """The last part of what is called: ``add_argument`` of ``parser.add_argument``."""
        return last_name(self.node.func)

    def keyword(self, name: str) -> ast.expr | None:
        """Return the node of a keyword argument; None where it is not given."""
        if any(keyword.arg is None for keyword in self.node.keywords):
            raise ComputedError("**keywords")
        return next((one.value for one in self.node.keywords if one.arg == name), None)

    def texts(self) -> list[str]:
        """Return the positional arguments, which are all strings.

        Raises:
            ComputedError: One of them is not a string literal.
        """
        values = [self.value(node) for node in self.node.args]
        if not all(isinstance(value, str) for value in values):
            raise ComputedError("a name that is no text")
        return [str(value) for value in values]

    def read(self, name: str) -> FlagValue:
        """Return the value of a keyword argument; None where it is not given.

        Raises:
            ComputedError: It is neither a literal nor a constant of the module.
        """
        node = self.keyword(name)
        return None if node is None else self.value(node)

    def value(self, node: ast.expr) -> FlagValue:
        """Return a node's value.

        Raises:
            ComputedError: It is neither a literal nor a constant of the module.
        """
        return read_value(node, self.constants)


def read_value(node: ast.expr, constants: Mapping[str, ast.expr]) -> FlagValue:
    """Return a node's value.

    Raises:
        ComputedError: It is neither a literal nor one of the constants.
    """
    if isinstance(node, ast.Name) and node.id in constants:
        node = constants[node.id]
    try:
        return to_flag_value(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ComputedError(ast.dump(node)[:80]) from error


def to_flag_value(value: object) -> FlagValue:
    """Return a literal as a flag's value.

    Raises:
        ComputedError: No flag can have it.
    """
    if isinstance(value, list | tuple):
        return tuple(to_flag_value(item) for item in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ComputedError(repr(value)[:80])


def module_constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Return the names that a module sets exactly once, at its top level."""
    constants: dict[str, ast.expr] = {}
    twice: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    twice.update({target.id} & constants.keys())
                    constants[target.id] = node.value
    return {name: value for name, value in constants.items() if name not in twice}


def calls_of(tree: ast.AST, name: str, constants: Mapping[str, ast.expr]) -> list[Call]:
    """Return the calls of a function or method of a name, in the order of the text."""
    found = [
        Call(node=node, constants=constants)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and last_name(node.func) == name
    ]
    return sorted(found, key=lambda call: (call.node.lineno, call.node.col_offset))


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def items_of(value: FlagValue) -> tuple[FlagValue, ...]:
    """Return the items of a list; none for None."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)
