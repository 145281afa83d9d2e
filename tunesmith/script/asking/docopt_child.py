"""Has docopt answer with the options of its usage text instead of reading the command line."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from . import values

HELP = ("--help", "--version", "-h")


def install(watch: Any, reply: Any) -> None:
    """Change what reads the usage text, while ``docopt.docopt`` runs."""

    def change(module: Any) -> None:
        run, parse = module.docopt, module.parse_pattern
        is_reading = [False]

        def read(doc: Any = None, argv: Any = None, *args: Any, **keywords: Any) -> Any:
            if doc is None:  # newer versions take it from the caller
                doc = sys._getframe(1).f_globals.get("__doc__")
            is_reading[0] = argv is None or list(argv) == sys.argv[1:]
            return run(doc, argv, *args, **keywords)

        def dump(source: str, options: Any) -> Any:
            pattern = parse(source, options)
            if is_reading[0]:
                found = described(usages(pattern.fix()), list(options))
                reply(
                    "docopt",
                    found["definitions"],
                    subcommands=found["subcommands"],
                    style=values.JOINED,
                    found_by="by asking a copy of the program for its usage text",
                )
            return pattern

        module.docopt, module.parse_pattern = read, dump

    watch("docopt", change)


def kind(pattern: Any) -> str:
    """Return the class of a part of a usage: ``Required``, ``Argument`` or ``Command``."""
    return type(pattern).__name__


def usages(pattern: Any) -> list[list[Any]]:
    """Return the parts of each usage."""
    while kind(pattern) == "Required" and len(pattern.children) == 1:
        pattern = pattern.children[0]
    if kind(pattern) == "Either":
        return [parts for child in pattern.children for parts in usages(child)]
    return [list(pattern.children) if hasattr(pattern, "children") else [pattern]]


def described(lines: list[list[Any]], options: list[Any]) -> dict[str, Any]:
    """Return the flags of several usages: those that begin with a command under its name.

    Where one needs no command, the others are left out: what is typed means that one. Those that
    only show the help or the version do not count.
    """
    lines = [parts for parts in lines if not is_help(parts)]
    plain = [parts for parts in lines if not (parts and kind(parts[0]) == "Command")]
    commands: dict[str, list[list[Any]]] = {}
    for parts in lines if not plain else ():
        if parts and kind(parts[0]) == "Command":
            commands.setdefault(parts[0].name, []).append(parts[1:])
    found: dict[str, dict[str, Any]] = {}
    for parts in plain:
        for one in definitions(parts, options):
            found.setdefault(one["name"], one)
    return {
        "source": "docopt",
        "style": values.JOINED,
        "definitions": list(found.values()),
        "subcommands": {name: described(inner, options) for name, inner in commands.items()},
    }


def is_help(parts: list[Any]) -> bool:
    """Return whether a usage has nothing but ``--help`` and ``--version``."""
    used = [leaf for part in parts for leaf, _ in leaves(part)]
    return bool(used) and all(kind(one) == "Option" and one.name in HELP for one in used)


def definitions(parts: list[Any], options: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the flags of one usage."""
    used = [leaf for part in parts for leaf in leaves(part)]
    if any(kind(leaf) == "OptionsShortcut" for leaf, _ in used):
        names = {leaf.name for leaf, _ in used if kind(leaf) == "Option"}
        used += [(one, False) for one in options if one.name not in names]
    position = 0
    for leaf, is_required in used:
        if kind(leaf) == "Option" and leaf.name not in HELP:
            yield option(leaf, is_required=is_required)
        elif kind(leaf) == "Argument":
            position += 1
            yield argument(leaf, position, is_required=is_required)


def leaves(pattern: Any, *, is_required: bool = True) -> Iterator[tuple[Any, bool]]:
    """Yield the options and arguments of a part, and whether they have to be given."""
    inner = getattr(pattern, "children", None)
    if inner is None or kind(pattern) == "OptionsShortcut" or "Shortcut" in kind(pattern):
        yield pattern, is_required
        return
    is_free = kind(pattern) in ("Optional", "NotRequired", "Either")
    for child in inner:
        yield from leaves(child, is_required=is_required and not is_free)


def option(leaf: Any, *, is_required: bool) -> dict[str, Any]:
    """Return the flag of an option."""
    both = [getattr(leaf, "long", None) or getattr(leaf, "longer", None), leaf.short]
    names = [text for text in both if text]
    found = {
        "name": names[0].lstrip("-"),
        "option": names[0],
        "aliases": [text.lstrip("-") for text in names[1:]],
    }
    if leaf.argcount:
        is_list = isinstance(leaf.value, list)
        more = {**valued(leaf.value), "is_repeated": is_list}
        return {**found, **more, "is_required": is_required and leaf.value in (None, [])}
    if isinstance(leaf.value, int) and not isinstance(leaf.value, bool):
        return {**found, "type": "int", "default": 0, "is_counted": True}
    return {**found, "type": "bool", "default": False, "switch_on": names[0]}


def argument(leaf: Any, position: int, *, is_required: bool) -> dict[str, Any]:
    """Return the flag of a positional argument."""
    name = leaf.name.strip("<>")
    is_list = isinstance(leaf.value, list)
    return {
        "name": name if leaf.name.startswith("<") else name.lower(),
        "option": "",
        "aliases": [str(position), leaf.name],
        "position": position,
        "is_required": is_required,
        "takes_many": is_list,
        **valued(None if is_list else leaf.value),
    }


def valued(default: Any) -> dict[str, Any]:
    """Return what a value is like: docopt gives texts, of which the script makes numbers."""
    if isinstance(default, list):
        return {"type": "any", "default": [number(one) for one in default]}
    value = number(default)
    return {"type": "text" if isinstance(value, str) else "any", "default": value}


def number(text: Any) -> Any:
    """Return the number that a text stands for, if it does."""
    for read in (int, float):
        with contextlib.suppress(ValueError, TypeError):
            return read(text)
    return text
