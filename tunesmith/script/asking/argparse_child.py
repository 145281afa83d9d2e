"""Has argparse answer with its options instead of reading the command line."""

from __future__ import annotations

import argparse
from typing import Any

from . import converters


def install(watch: Any, reply: Any) -> None:
    """Change argparse, which this module imports itself."""

    def dump(parser: Any, *_args: Any, **_keywords: Any) -> None:
        actions = list(parser._actions)
        groups = [one for one in actions if isinstance(one, argparse._SubParsersAction)]
        found = [definition(parser, action) for action in actions]
        names = [name for group in groups for name in group.choices]
        reply("argparse", found, subcommands=names)

    # every way of reading ends there, and derived classes have added their options by then
    setattr(argparse.ArgumentParser, "_parse_known_args", dump)  # noqa: B010  # it has another type


def definition(parser: Any, action: Any) -> dict[str, Any] | None:
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
    return {**found, **valued(parser, action, default)}


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


def valued(parser: Any, action: Any, default: Any) -> dict[str, Any]:
    """Return the flag of an option with values."""
    kind = parser._registry_get("type", action.type, action.type) or str
    if isinstance(kind, argparse.FileType):  # it would open the file
        kind = str
    is_own = kind not in (int, float, str, bool)

    def convert(text: str) -> Any:
        return parser._get_value(action, text) if kind is not str else text

    texts = converters.spelling(convert) if is_own else converters.PLAIN
    if isinstance(default, str):  # argparse converts string defaults, of lists, too
        converted = converters.ask(convert, default)
        default = default if converted is converters.REFUSED else converted
    value, is_computed = converters.default_of(convert, default)
    choices = converters.choices_of(convert, action.choices or ())
    type_name = converters.type_name(convert if is_own else kind, texts)
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
        "has_integer_default": is_own and converters.takes_integers(convert),
        "spelling": texts,
    }
