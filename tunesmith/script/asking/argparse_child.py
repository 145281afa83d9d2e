"""Has argparse answer with its options instead of reading the command line."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections import Counter
from typing import Any

from . import converters, option_names, stages, type_hints

FOUND_BY = "by asking a copy of the program for its argparse parser"

ENDING = frozenset({
    "_HelpAction", "_VersionAction", "NonParsingAction", "ActionFail", "_ActionConfigLoad",
})  # fmt: skip
"""The kinds of actions that end the program, and of jsonargparse those that stand for groups."""

Plain = dict[str, Any]
"""The fields of a flag, or of an answer."""


def install(watch: Any, reply: Any) -> None:
    """Change argparse, which this module imports itself."""
    original: Any = argparse.ArgumentParser._parse_known_args

    def answer(parser: Any, *arguments: Any, **keywords: Any) -> Any:
        caller = sys._getframe(1)
        namespace = arguments[1] if len(arguments) > 1 else keywords.get("namespace")

        def described() -> Plain:
            start_from(parser, namespace)
            return describe(parser)

        if not stages.is_answered(parser, caller, reply, described):
            return original(parser, *arguments, **keywords)
        with stages.nothing_required(parser):
            return original(parser, *arguments, **keywords)

    # every way of reading ends there, and derived classes have added their options by then
    setattr(argparse.ArgumentParser, "_parse_known_args", answer)  # noqa: B010  # of another type


def describe(parser: Any) -> Plain:
    """Return the answer of a parser: its flags, and those of its subcommands."""
    shared = Counter(str(action.dest) for action in parser._actions)
    definitions, unlisted, position = [], [], 0
    for action in parser._actions:
        if not isinstance(action, argparse.Action):  # of a library that is not installed
            continue
        flag = definition(parser, action, position=position + 1)
        if flag is None:
            continue
        position = flag.get("position", position)
        is_shared = shared[str(action.dest)] > 1
        flag["aliases"] = aliases(parser, action, flag["name"], is_shared=is_shared)
        definitions.append(flag)
        unlisted += [] if is_shared else [destination(action, flag)]
        unlisted += type_hints.parts(action, flag["option"])
    return {
        "source": "argparse",
        "definitions": definitions,
        "unlisted": [flag for flag in unlisted if flag is not None],
        "subcommands": subcommands(parser),
        "found_by": FOUND_BY,
    }


def start_from(parser: Any, namespace: Any) -> None:
    """Give options the defaults that a reading starts from.

    They are those of the namespace that it is given, as libraries fill it from files, and of
    ConfigArgParse's files, whose lines it puts before the arguments.
    """
    for action in parser._actions:
        with contextlib.suppress(AttributeError, KeyError, TypeError):
            is_nested = hasattr(namespace, "__getitem__")  # as jsonargparse's, by dotted names
            dest = action.dest
            action.default = namespace[dest] if is_nested else getattr(namespace, dest)
    known = set()
    for source, settings in getattr(parser, "_source_to_settings", {}).items():
        for action, value in settings.values() if source.startswith("config_file") else ():
            is_plain = isinstance(value, str) and getattr(action, "nargs", 0) is None
            if is_plain and action.dest not in known:
                known.add(action.dest)  # of several files the first counts
                action.default, action.required = value, False


def is_apart(action: Any) -> bool:
    """Return whether an option is none to set, as ``--help`` and ``--version``."""
    names = {kind.__name__ for kind in type(action).__mro__}
    return not names.isdisjoint(ENDING)


def subcommands(parser: Any) -> Plain:
    """Return the answers of a parser's subcommands, each by its first name."""
    groups = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    found: dict[int, tuple[Any, list[str]]] = {}
    for group in groups:
        for name, inner in (group.choices or {}).items():
            found.setdefault(id(inner), (inner, []))[1].append(name)
    return {
        name: {**describe(inner), "other_words": others}
        for inner, (name, *others) in found.values()
    }


def aliases(parser: Any, action: Any, name: str, *, is_shared: bool) -> list[str]:
    """Return the other names of an option: its other spellings and its destination.

    Left out are a destination that several options share, that of an option which sets it to
    false, and the spellings of a pair that say no.
    """
    off = switch_off(action)
    options = (text for text in action.option_strings if text != off and text[-1:] != "+")
    prefixes = parser.prefix_chars
    found = [option_names.bare(text, prefixes) for text in options]
    if not is_shared and not isinstance(action, argparse._StoreFalseAction):
        found.append(action.dest)
    return option_names.aliases(found, name)


def switch_off(action: Any) -> str:
    """Return the option of a pair that says no, as ``--no-shuffle``; empty for others."""
    if type(action).__name__ not in ("BooleanOptionalAction", "ActionYesNo") or action.nargs != 0:
        return ""
    return next((text for text in action.option_strings if text.startswith(option_names.NO)), "")


def destination(action: Any, flag: Plain) -> Plain | None:
    """Return what ``--no-cache`` sets as a flag of its own, ``cache``; None for other options."""
    if not isinstance(action, argparse._StoreFalseAction) or action.dest == flag["name"]:
        return None
    default = True if action.default is None else bool(action.default)
    switches = {"switch_on": "", "switch_off": flag["option"]}
    return {**flag, "name": action.dest, "default": default, "aliases": [], **switches}


def definition(parser: Any, action: Any, *, position: int = 0) -> Plain | None:
    """Return the flag of an argparse action; None for one that is not a flag."""
    option = option_names.shown_option(action.option_strings)
    is_rest = saved(action, "nargs") in ("...", "A...")
    if is_rest or is_apart(action) or (not option and action.dest in (None, argparse.SUPPRESS)):
        return None
    found: Plain = {
        "name": option_names.bare(option, parser.prefix_chars) if option else action.dest,
        "option": option,
        "is_required": type_hints.is_required(parser, action),
        "help": helped(action),
    }
    if not option:
        is_optional = saved(action, "nargs") in ("?", "*")
        found.update(position=position, is_required=not is_optional)
    default = saved(action, "default")
    default = None if default is argparse.SUPPRESS else default
    if isinstance(action, argparse._CountAction):
        more = {"type": "int", "default": default, "is_counted": True, "adds_to_default": True}
        return {**found, **more}
    if action.nargs == 0 and option:
        return {**found, **switch(action, option, default)}
    return {**found, **valued(parser, action, default)}


def helped(action: Any) -> str:
    """Return the help of an action, without what formatters fill in and simple-parsing's mark."""
    text = "" if action.help in (None, argparse.SUPPRESS) else str(action.help)
    return text.replace("<__TEMP__>", "").replace("(default: %(default)s)", "").strip()


def saved(action: Any, name: str) -> Any:
    """Return a field of an action, which intermixed parsing of older Pythons has set aside."""
    return getattr(action, f"save_{name}", getattr(action, name))


def switch(action: Any, option: str, default: Any) -> Plain:
    """Return the flag of an option without a value: for most, whether it is given."""
    off = switch_off(action)
    has_truth = bool(off) or isinstance(action, argparse._StoreTrueAction)
    return {
        "type": "bool",
        "default": (None if default is None else bool(default)) if has_truth else False,
        "switch_on": option,
        "switch_off": off,
    }


def valued(parser: Any, action: Any, default: Any) -> Plain:
    """Return the flag of an option with values."""
    if type_hints.is_hinted(action):
        return type_hints.valued(action, default)
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
        "takes_many": saved(action, "nargs") not in (None, "?"),
        "n_values": 0 if is_list else option_names.fixed_number(saved(action, "nargs")),
        "is_repeated": is_list and type(action).__name__ != "_ExtendAction",
        "adds_to_default": is_list,
        "has_integer_default": is_own and converters.takes_integers(convert),
        "spelling": texts,
    }
