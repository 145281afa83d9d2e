"""Runs a script until it reads its command line, and writes down which options it has.

Run by path with the user's interpreter, which need not have Tunesmith: standard library only.
Arguments: the file that is to be written, then the script.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

REPLIED = 86
"""The exit code of a run that wrote its options down."""


def write(path: str, source: str, definitions: list[Any]) -> None:
    """Write the options down and end before the script does any work."""
    Path(path).write_text(json.dumps({"source": source, "definitions": definitions}))
    sys.stdout.flush()
    os._exit(REPLIED)


def plain(value: Any) -> Any:
    """Return a value as JSON has it; what JSON has not, as text."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def type_name(kind: Any, default: Any) -> str:
    """Return the name of an option's type."""
    names = {int: "int", float: "float", str: "text"}
    if kind is None:
        return "text" if default is None or isinstance(default, str) else "any"
    return names.get(kind, "any")


def argparse_definition(action: argparse.Action) -> dict[str, Any] | None:
    """Return what an argparse option says of its flag; None for one that is no flag."""
    option = next((text for text in action.option_strings if text.startswith("--")), None)
    kinds = ("_HelpAction", "_VersionAction", "_CountAction", "_AppendConstAction")
    kind = type(action).__name__
    if option is None or kind in kinds or kind == "_StoreConstAction":
        return None
    name = option[2:]
    is_pair = kind == "BooleanOptionalAction"
    is_switch = is_pair or kind in ("_StoreTrueAction", "_StoreFalseAction")
    default = action.default if action.default != argparse.SUPPRESS else None
    help_text = action.help if action.help not in (None, argparse.SUPPRESS) else ""
    return {
        "name": name,
        "type": "bool" if is_switch else type_name(action.type, default),
        "default": (plain(default) if is_pair else False) if is_switch else plain(default),
        "choices": plain(list(action.choices)) if action.choices and not is_switch else [],
        "is_required": bool(action.required),
        "help": help_text,
        "option": option,
        "switch_on": option if is_switch else "",
        "switch_off": "--no-" + name if is_pair else "",
        "takes_many": action.nargs not in (None, "?", 0) and not is_switch,
        "is_repeated": kind == "_AppendAction",
    }


def capture_argparse(path: str) -> None:
    """Let argparse write its options down instead of reading the command line."""

    def dump(parser: argparse.ArgumentParser, *_args: Any, **_keywords: Any) -> None:
        found = [argparse_definition(action) for action in parser._actions]
        write(path, "argparse", [flag for flag in found if flag is not None])

    for method in ("parse_args", "parse_known_args"):
        setattr(argparse.ArgumentParser, method, dump)


def click_definition(option: Any) -> dict[str, Any] | None:
    """Return what a click option says of its flag; None for one that is no flag."""
    longest = next((text for text in option.opts if text.startswith("--")), None)
    if longest is None or getattr(option, "count", False):
        return None
    off = next((text for text in option.secondary_opts if text.startswith("--")), "")
    is_switch = bool(getattr(option, "is_flag", False)) and option.type.name == "boolean"
    default = option.default() if callable(option.default) else option.default
    if type(default).__name__ == "Sentinel":  # click 8.3 and later: no default was given
        default = None
    names = {"integer": "int", "float": "float", "text": "text", "choice": "text"}
    names.update({"integer range": "int", "float range": "float"})
    return {
        "name": longest[2:],
        "type": "bool" if is_switch else names.get(option.type.name, "any"),
        "default": bool(default) if is_switch else plain(default),
        "choices": plain(list(getattr(option.type, "choices", ()))),
        "is_required": bool(option.required),
        "help": option.help or "",
        "option": longest,
        "switch_on": longest if is_switch else "",
        "switch_off": off if is_switch else "",
        "takes_many": option.nargs != 1 and not is_switch,
        "is_repeated": bool(option.multiple),
    }


def capture_click(path: str) -> None:
    """Let click write its options down instead of reading the command line."""
    try:
        import click
    except ImportError:
        return

    def dump(command: Any, *_args: Any, **_keywords: Any) -> None:
        options = [one for one in command.params if isinstance(one, click.Option)]
        found = [click_definition(option) for option in options]
        write(path, "click", [flag for flag in found if flag is not None])

    setattr(click.Command, "main", dump)  # noqa: B010 - a method is replaced on purpose


def main() -> None:
    """Run the script that the arguments name."""
    path, script = sys.argv[1:3]
    capture_argparse(path)
    text = Path(script).read_bytes()
    if b"click" in text or b"typer" in text:
        capture_click(path)
    sys.argv = [script]
    sys.path[0] = str(Path(script).resolve().parent)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
