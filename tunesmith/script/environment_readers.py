"""The functions by which a script reads its environment: those of libraries, and its own.

A function of the script's own is one that looks up a variable whose name it is given, as
``def env(name, default, cast=float): return cast(os.environ.get(name, default))``.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.script.call_arguments import TYPES, last_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The parts of a call that reads a variable."""

    name: ast.expr
    default: ast.expr | None = None
    converter: ast.expr | None = None
    """What is called with the text within the function; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """A function of the script's own: its parameters, and what it does with them."""

    parameters: tuple[str, ...]
    name: str
    defaults: Mapping[str, ast.expr]
    default: str = ""
    """The parameter that is taken where the variable is not set; empty where none is."""
    converter: ast.expr | None = None


Readers = Mapping[str, _Reader]
"""The functions of a script that read variables, by their names."""


def own_readers(tree: ast.Module) -> Readers:
    """Return the functions of a script that read the variable whose name they are given.

    Args:
        tree: The script's syntax tree.
    """
    found: dict[str, _Reader] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            reader = _reader(node)
            if reader is not None:
                found[node.name] = reader
    if any(isinstance(one, ast.ImportFrom) and one.module == "decouple" for one in tree.body):
        parameters = ("option", "default", "cast")
        found["config"] = _Reader(
            parameters=parameters, name="option", defaults={}, default="default"
        )
    return found


def reading(node: ast.AST, readers: Readers) -> Reading | None:
    """Return what a node reads of the environment; None for any other node.

    Args:
        node: A part of the script.
        readers: The functions of the script that read variables.
    """
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return Reading(name=node.slice) if last_name(node.value) == "environ" else None
    if not isinstance(node, ast.Call):
        return None
    if _is_reading(node):
        given = [*node.args, *(one.value for one in node.keywords if one.arg == "default")]
        return (
            Reading(name=given[0], default=given[1] if len(given) > 1 else None) if given else None
        )
    reader = readers.get(last_name(node.func))
    return None if reader is None else _by_function(node, reader)


def _by_function(node: ast.Call, reader: _Reader) -> Reading | None:
    given = dict(zip(reader.parameters, node.args, strict=False))
    given |= {one.arg: one.value for one in node.keywords if one.arg}
    if reader.name not in given:
        return None
    kinds = (one for name, one in given.items() if name != reader.name and last_name(one) in TYPES)
    all_given = {**reader.defaults, **given}
    converter = next(kinds, None) or reader.converter
    if converter is not None and last_name(converter) in reader.parameters:
        converter = all_given.get(last_name(converter))
    return Reading(
        name=given[reader.name], default=all_given.get(reader.default), converter=converter
    )


def _reader(function: ast.FunctionDef) -> _Reader | None:
    """Return how a function reads a variable; None where it reads none that it is given."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    parameters = (*(one.arg for one in named), *(one.arg for one in arguments.kwonlyargs))
    late = named[len(named) - len(arguments.defaults) :]
    pairs = [*zip(late, arguments.defaults, strict=True)]
    pairs += [
        (a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d
    ]
    converters = [
        node.func
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and (last_name(node.func) in TYPES or last_name(node.func) in parameters)
    ]
    for node in ast.walk(function):
        found = reading(node, {})
        if found is not None and last_name(found.name) in parameters:
            default = last_name(found.default) if found.default is not None else ""
            rest = [one for one in parameters if one == "default"]
            return _Reader(
                parameters=parameters,
                name=last_name(found.name),
                defaults={one.arg: value for one, value in pairs},
                default=default if default in parameters else "".join(rest),
                converter=converters[0] if converters else None,
            )
    return None


def _is_reading(node: ast.Call) -> bool:
    if last_name(node.func) == "getenv":
        return True
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "get":
        return False
    return last_name(node.func.value) == "environ"
