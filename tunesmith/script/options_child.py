"""Describes the options of a parser as flags in plain JSON.

Part of ``capture_child.py``: standard library only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

PLAIN = {"true": "1", "false": "", "none": None, "form": "words"}
GUESSED = {"true": "true", "false": "false", "none": None, "form": "words"}
"""The spellings for Python's own types and those of click."""

COMPLETION = ("install_completion", "show_completion")
"""Options that typer adds to every application."""


def argparse_definition(parser: Any, action: Any, asking: Any) -> dict[str, Any] | None:
    """Return the flag of an argparse option; None for an option that is not a flag."""
    option = next((text for text in action.option_strings if text.startswith("--")), None)
    ignored = (argparse._HelpAction, argparse._VersionAction)
    if option is None or isinstance(action, ignored) or action.nargs in ("...", "A..."):
        return None
    found = {
        "name": option[2:],
        "option": option,
        "is_required": bool(action.required),
        "help": action.help if action.help not in (None, argparse.SUPPRESS) else "",
    }
    default = None if action.default is argparse.SUPPRESS else action.default
    if isinstance(action, argparse._CountAction):
        more = {"type": "int", "default": default, "is_counted": True, "adds_to_default": True}
        return {**found, **more}
    if action.nargs == 0:
        return {**found, **switch(action, option, default)}
    return {**found, **valued(parser, action, default, asking)}


def switch(action: Any, option: str, default: Any) -> dict[str, Any]:
    """Return the flag of an option without a value: for most, whether it is given."""
    is_pair = len(action.option_strings) > 1 and type(action).__name__ == "BooleanOptionalAction"
    has_truth = is_pair or isinstance(action, argparse._StoreTrueAction)
    return {
        "type": "bool",
        "default": (None if default is None else bool(default)) if has_truth else False,
        "switch_on": option,
        "switch_off": "--no-" + option[2:] if is_pair else "",
    }


def valued(parser: Any, action: Any, default: Any, asking: Any) -> dict[str, Any]:
    """Return the flag of an option with values."""
    kind = parser._registry_get("type", action.type, action.type) or str
    if isinstance(kind, argparse.FileType):  # it would open the file
        kind = str
    is_own = kind not in (int, float, str, bool)

    def convert(text: str) -> Any:
        return parser._get_value(action, text) if kind is not str else text

    texts = asking.spelling(convert) if is_own else PLAIN
    if isinstance(default, str):  # argparse converts string defaults, of lists, too
        converted = asking.ask(convert, default)
        default = default if converted is asking.REFUSED else converted
    value, is_computed = asking.default_of(convert, default)
    choices = asking.choices_of(convert, action.choices or ())
    type_name = asking.type_name(convert if is_own else kind, texts)
    items = default if isinstance(default, (list, tuple)) else (default,)
    if action.type is None and not all(one is None or isinstance(one, str) for one in items):
        type_name = "any"
    if choices and any(isinstance(one, str) for one in choices):
        type_name = "text"
    is_list = isinstance(action, (argparse._AppendAction,))
    return {
        "type": type_name,
        "default": value,
        "is_computed": is_computed,
        "choices": choices,
        "takes_many": action.nargs not in (None, "?"),
        "is_repeated": is_list and type(action).__name__ != "_ExtendAction",
        "adds_to_default": is_list,
        "has_integer_default": is_own and asking.takes_integers(convert),
        "spelling": texts,
    }


def click_definition(command: Any, option: Any, asking: Any) -> dict[str, Any] | None:
    """Return the flag of a click or typer option; None for an option that is not a flag."""
    longest = next((text for text in option.opts if text.startswith("--")), None)
    is_flag = bool(getattr(option, "is_flag", False))
    is_ending = option.is_eager and is_flag and not option.expose_value  # as --version is
    if longest is None or is_ending or option.name in COMPLETION:
        return None
    default, is_computed = click_default(option)
    found = {
        "name": longest[2:],
        "option": longest,
        "is_required": bool(option.required),
        "help": option.help or "",
        "is_computed": is_computed,
    }
    if getattr(option, "count", False):
        return {**found, "type": "int", "default": default, "is_counted": True}
    if is_flag:
        return {**found, **click_switch(option, longest, default)}
    return {**found, **click_valued(command, option, default, asking)}


def click_default(option: Any) -> tuple[Any, bool]:
    """Return an option's default, and whether it is computed."""
    default = option.default
    if type(default).__name__ == "Sentinel":  # click 8.3 and later: no default was given
        return None, False
    return (
        ("computed", True)
        if callable(default) and not isinstance(default, type)
        else (default, False)
    )


def click_switch(option: Any, longest: str, default: Any) -> dict[str, Any]:
    """Return the flag of a switch; of one with a value, whether that value is chosen."""
    value = getattr(option, "flag_value", True)
    if type(value).__name__ == "Sentinel":  # click 8.3 and later: the switch means yes
        value = True
    off = next((text for text in option.secondary_opts if text.startswith("--")), "")
    if off:
        known = default if isinstance(default, bool) else None
        return {"type": "bool", "default": known, "switch_on": longest, "switch_off": off}
    on, off = (longest, "") if value is not False else ("", longest)
    is_chosen = default is True or (default == value and not isinstance(value, bool))
    return {"type": "bool", "default": is_chosen, "switch_on": on, "switch_off": off}


def click_valued(command: Any, option: Any, default: Any, asking: Any) -> dict[str, Any]:
    """Return the flag of an option with values."""
    convert, kind, choices = click_converter(command, option)
    texts = GUESSED if kind else asking.spelling(convert)
    is_many = bool(option.multiple) or option.nargs != 1
    value, is_text = (
        ("computed", True) if default == "computed" else asking.default_of(convert, default)
    )
    found = asking.choices_of(convert, choices)
    return {
        "type": "text" if choices and not kind else kind or asking.type_name(convert, texts),
        "default": value if value != [] or not is_many else None,
        "is_computed": is_text,
        "choices": found,
        "takes_many": option.nargs != 1,
        "is_repeated": bool(option.multiple),
        "has_integer_default": kind == "" and asking.takes_integers(convert),
        "spelling": texts,
    }


def click_converter(command: Any, option: Any) -> tuple[Callable[[str], Any], str, list[Any]]:
    """Return the converter of one text, the name of its type if it is plain, and its choices."""
    context = command.context_class(command)
    names = {"integer": "int", "float": "float", "text": "text", "boolean": "bool"}
    names.update({"path": "text", "file": "text", "directory": "text", "filename": "text"})
    names["choice"] = "text"
    names.update({"integer range": "int", "float range": "float"})
    kind = getattr(option, "type", None)
    if kind is not None:
        is_exact = getattr(kind, "case_sensitive", True)
        choices = list(getattr(kind, "choices", ())) if is_exact else []
        name = names.get(str(kind.name), "any" if getattr(kind, "is_composite", False) else "")
        return lambda text: kind.convert(text, option, context), name, choices
    described = option.type_descriptor  # typer since 0.26 has its own option classes
    plain = {int: "int", float: "float", str: "text", bool: "bool"}
    is_many = described.is_list

    def convert(text: str) -> Any:
        found = option.get_runtime_param().coerce([text] if is_many else text, option, context)
        return found[0] if is_many else found

    inner = described.annotation.__args__[0] if is_many else described.annotation
    name = "any" if described.is_tuple else plain.get(inner, "") if isinstance(inner, type) else ""
    return convert, name, list(described.choices or ()) if described.case_sensitive else []
