"""Has fire answer with the parameters of what it would call."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

from . import values

MAX_DEPTH = 3
"""Subcommands within subcommands; objects may refer to each other for ever."""


def install(watch: Any, reply: Any) -> None:
    """Change ``fire.Fire``."""

    def change(module: Any) -> None:
        run = module.Fire

        def dump(component: Any = None, command: Any = None, *args: Any, **keywords: Any) -> Any:
            if command is not None and command != sys.argv[1:]:
                return run(component, command, *args, **keywords)
            if component is None:
                component = own_members(sys._getframe(1).f_globals)
            found = described(component)
            reply(
                "fire",
                found["definitions"],
                subcommands=found["subcommands"],
                style=values.JOINED,
                found_by="by asking a copy of the program for what fire calls",
            )
            return None

        module.Fire = dump

    watch("fire.core", change)


def own_members(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the functions and classes that a module itself defines."""
    return {
        name: one
        for name, one in namespace.items()
        if getattr(one, "__module__", None) == namespace.get("__name__")
        and not name.startswith("_")
        and callable(one)
    }


def described(component: Any, depth: int = 0) -> dict[str, Any]:
    """Return the flags of what fire would call, and of what it would find in the result."""
    subcommands: dict[str, Any] = {}
    if depth < MAX_DEPTH:
        inner = members(component)
        subcommands = {name: described(one, depth + 1) for name, one in inner.items()}
    return {
        "source": "fire",
        "style": values.JOINED,
        "definitions": definitions(component) if callable(component) else [],
        "subcommands": subcommands,
    }


def members(component: Any) -> dict[str, Any]:
    """Return what can be named after a component: a class's methods, a table's entries."""
    if isinstance(component, Mapping):
        return {str(name): one for name, one in component.items()}
    if inspect.isroutine(component) or isinstance(component, (list, tuple, str, int, float)):
        return {}
    names = [name for name in dir(component) if not name.startswith("_")]
    found = {name: inspect.getattr_static(component, name) for name in names}
    kinds = (staticmethod, classmethod)
    methods = {
        name: getattr(component, name)
        for name, one in found.items()
        if inspect.isfunction(one) or isinstance(one, kinds)
    }
    kind = component if inspect.isclass(component) else type(component)
    return {**groups(kind), **methods}


def groups(kind: Any) -> dict[str, Any]:
    """Return the classes of the objects that a class keeps, whose methods are commands as well.

    They are read from the text of its ``__init__``, which may do a lot of work.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind.__init__)))
    except (OSError, TypeError, SyntaxError):
        return {}
    namespace = getattr(sys.modules.get(kind.__module__), "__dict__", {})
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            target, called = node.targets[0], node.value.func
            name = getattr(called, "id", getattr(called, "attr", ""))
            one = namespace.get(name, getattr(kind, name, None))
            if isinstance(target, ast.Attribute) and inspect.isclass(one):
                found[target.attr] = one
    return {name: one for name, one in found.items() if not name.startswith("_")}


def definitions(component: Any) -> list[dict[str, Any]]:
    """Return a flag for each parameter."""
    hints = values.declared(component)
    helps = documented(component)
    found = []
    for one in values.parameters(component):
        if one.name == "self":
            continue
        is_given = one.default is not inspect.Parameter.empty
        flag = values.flag(one.name, one.default if is_given else None, values.LITERAL)
        declared = values.declared_type(hints.get(one.name))
        flag.update(option=f"--{one.name}", is_required=not is_given)
        flag.update(help=helps.get(one.name, ""))
        if declared is not None:
            flag.update(type=values.ANNOTATED[declared])
        found.append(flag)
    return found


def documented(component: Any) -> dict[str, str]:
    """Return what a docstring says of each parameter."""
    docstrings: Any = sys.modules.get("fire.docstrings")
    try:
        parsed = docstrings.parse(inspect.getdoc(component)).args
        return {one.name: str(one.description or "") for one in parsed or ()}
    except Exception:  # noqa: BLE001  # whatever a docstring makes of its parser
        return {}
