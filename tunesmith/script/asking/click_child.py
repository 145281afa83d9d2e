"""Has click and typer answer with their options instead of reading the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import converters

CLICKS = ("click.core", "typer._click.core")
"""The modules with click's commands: typer has a copy of its own."""

COMPLETION = ("install_completion", "show_completion")
"""Options that typer adds to every application."""


def install(watch: Any, reply: Any) -> None:
    """Change every copy of click that is imported."""

    def dump(command: Any, *_args: Any, **_keywords: Any) -> None:
        options = [one for one in command.params if one.param_type_name == "option"]
        found = [definition(command, option) for option in options]
        reply("click", found, subcommands=sorted(getattr(command, "commands", ())))

    def change(module: Any) -> None:
        owner = next(one for one in module.Command.__mro__ if "make_context" in vars(one))
        owner.make_context = dump

    for name in CLICKS:
        watch(name, change)


def definition(command: Any, option: Any) -> dict[str, Any] | None:
    """Return the flag of a click or typer option; None for an option that is not a flag."""
    longest = next((text for text in option.opts if text.startswith("--")), None)
    is_flag = bool(getattr(option, "is_flag", False))
    is_ending = option.is_eager and is_flag and not option.expose_value  # as --version is
    if longest is None or is_ending or option.name in COMPLETION:
        return None
    default, is_computed = default_of(option)
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
        return {**found, **switch(option, longest, default)}
    return {**found, **valued(command, option, default)}


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
    is_many = bool(option.multiple) or option.nargs != 1
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
        "is_repeated": bool(option.multiple),
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
