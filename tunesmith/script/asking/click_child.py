"""Has click and typer answer with their options instead of reading the command line."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from . import converters, option_names

CLICKS = ("click.core", "typer._click.core")
"""The modules with click's commands: typer has a copy of its own."""

COMPLETION = ("install_completion", "show_completion")
"""Options that typer adds to every application."""


FOUND_BY = "by asking a copy of the program for its click command"
MAX_DEPTH = 4
"""Subcommands within subcommands."""

Plain = dict[str, Any]
"""The fields of a flag, or of an answer."""


def install(watch: Any, reply: Any) -> None:
    """Change every copy of click that is imported."""

    def answer(command: Any, *_args: Any, **_keywords: Any) -> None:
        reply(**describe(command))

    def change(module: Any) -> None:
        owner = next(one for one in module.Command.__mro__ if "make_context" in vars(one))
        owner.make_context = answer

    for name in CLICKS:
        watch(name, change)


def describe(command: Any, depth: int = 0) -> Plain:
    """Return the answer of a command: its flags, and those of its subcommands."""
    definitions, position = [], 0
    shared = Counter(one.name for one in command.params)
    for one in command.params:
        flag = definition(command, one, position=position + 1)
        if flag is not None:
            position = flag.get("position", position)
            is_shared = shared[one.name] > 1 and one.name != flag["name"]
            names = [name for name in flag["aliases"] if name != one.name or not is_shared]
            definitions.append({**flag, "aliases": names})
    return {
        "source": "click",
        "definitions": definitions,
        "subcommands": {} if depth == MAX_DEPTH else subcommands(command, depth),
        "runs_alone": bool(getattr(command, "invoke_without_command", False)),
        "found_by": FOUND_BY,
    }


def subcommands(command: Any, depth: int) -> Plain:
    """Return the answers of a group's commands; those that cannot be loaded are left out."""
    found = {}
    with contextlib.suppress(Exception):
        context = command.context_class(command)
        for name in command.list_commands(context):
            with contextlib.suppress(Exception):
                found[name] = describe(command.get_command(context, name), depth + 1)
    return found


def definition(command: Any, option: Any, *, position: int = 1) -> Plain | None:
    """Return the flag of a parameter of click or typer; None for one that is not a flag."""
    if option.param_type_name == "argument":
        return argument(command, option, position)
    shown = option_names.shown_option(option.opts)
    is_flag = bool(getattr(option, "is_flag", False))
    is_ending = option.is_eager and is_flag and not option.expose_value  # as --version is
    if is_ending or option.name in COMPLETION or not (shown or option.secondary_opts):
        return None
    default, is_computed = default_of(option)
    name = option_names.bare(shown or option.secondary_opts[0])
    names = [*map(option_names.bare, option.opts), option.name or ""]
    found = {
        "name": name,
        "option": shown,
        "aliases": option_names.aliases(names, name),
        "is_required": bool(option.required),
        "help": option.help or "",
        "is_computed": is_computed,
    }
    if getattr(option, "count", False):
        return {**found, "type": "int", "default": default, "is_counted": True}
    if is_flag:
        return {**found, **switch(option, shown, default)}
    return {**found, **valued(command, option, default)}


def argument(command: Any, option: Any, position: int) -> Plain:
    """Return the flag of a positional argument."""
    default, is_computed = default_of(option)
    found = {
        "name": option.name,
        "option": "",
        "position": position,
        "aliases": [],
        "is_required": bool(option.required) and not is_computed,
        "help": getattr(option, "help", None) or "",
    }
    more = valued(command, option, "computed" if is_computed else default)
    return {**found, **more, "is_repeated": False}


def default_of(option: Any) -> tuple[Any, bool]:
    """Return an option's default, and whether it is computed."""
    default = option.default
    if type(default).__name__ == "Sentinel":  # click 8.3 and later: no default was given
        return None, False
    return (
        ("computed", True)
        if callable(default) and not isinstance(default, type)
        else (default, False)
    )


def switch(option: Any, longest: str, default: Any) -> dict[str, Any]:
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


def valued(command: Any, option: Any, default: Any) -> dict[str, Any]:
    """Return the flag of an option with values."""
    convert, kind, choices = converter(command, option)
    texts = converters.GUESSED if kind else converters.spelling(convert)
    is_repeated = bool(getattr(option, "multiple", False))
    is_many = is_repeated or option.nargs != 1
    value, is_text = (
        ("computed", True) if default == "computed" else converters.default_of(convert, default)
    )
    found = converters.choices_of(convert, choices)
    return {
        "type": "text" if choices and not kind else kind or converters.type_name(convert, texts),
        "default": value if value != [] or not is_many else None,
        "is_computed": is_text,
        "choices": found,
        "takes_many": option.nargs != 1,
        "n_values": 0 if is_repeated else option_names.fixed_number(option.nargs),
        "is_repeated": is_repeated,
        "has_integer_default": kind == "" and converters.takes_integers(convert),
        "spelling": texts,
    }


def converter(command: Any, option: Any) -> tuple[Callable[[str], Any], str, list[Any]]:
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
