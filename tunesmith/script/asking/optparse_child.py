"""Has optparse answer with its options instead of reading the command line."""

from __future__ import annotations

import optparse
import sys
from typing import Any

from . import converters, option_names

FOUND_BY = "by asking a copy of the program for its optparse parser"

TYPES = {"int": "int", "long": "int", "float": "float", "string": "text", "choice": "text"}
"""The names of a flag's types by those of optparse; all others are converted by the program."""

Plain = dict[str, Any]
"""The fields of a flag."""


def install(watch: Any, reply: Any) -> None:
    """Change optparse, once it is imported."""

    def change(module: Any) -> None:
        original = module.OptionParser.parse_args

        def answer(parser: Any, args: Any = None, values: Any = None) -> Any:
            if args is not None and list(args) != sys.argv[1:]:
                return original(parser, args, values)
            return reply("optparse", described(parser), found_by=FOUND_BY)

        module.OptionParser.parse_args = answer

    watch("optparse", change)


def described(parser: Any) -> list[Plain]:
    """Return the flags of a parser, those of its groups too."""
    options = [*parser.option_list]
    options += [one for group in parser.option_groups for one in group.option_list]
    defaults = vars(parser.get_default_values())
    return [flag for one in options if (flag := definition(one, defaults)) is not None]


def definition(option: Any, defaults: Plain) -> Plain | None:
    """Return the flag of an option; None for one that only calls or prints something."""
    names = [*option._long_opts, *option._short_opts]
    shown = option_names.shown_option(names)
    if option.action in ("help", "version") or (option.action == "callback" and not option.type):
        return None
    default = defaults.get(option.dest)
    found = {
        "name": option_names.bare(shown),
        "option": shown,
        "help": option.help if option.help not in (None, optparse.SUPPRESS_HELP) else "",
    }
    others = [option_names.bare(one) for one in names]
    found["aliases"] = option_names.aliases([*others, option.dest or ""], found["name"])
    if option.action == "count":
        return {**found, "type": "int", "default": default or 0, "is_counted": True,
                "adds_to_default": True}  # fmt: skip
    if option.action in ("store_true", "store_false", "store_const", "append_const"):
        is_on = option.action == "store_true" and bool(default)
        return {**found, "type": "bool", "default": is_on, "switch_on": shown}
    return {**found, **valued(option, default)}


def valued(option: Any, default: Any) -> Plain:
    """Return the flag of an option with a value."""

    def convert(text: str) -> Any:
        return option.convert_value(shown_name, text)

    shown_name = option.get_opt_string()
    kind = TYPES.get(option.type, "")
    texts = converters.PLAIN if kind else converters.spelling(convert)
    value, is_computed = converters.default_of(convert, default)
    is_list = option.action == "append"
    return {
        "type": kind or converters.type_name(convert, texts),
        "default": value,
        "is_computed": is_computed,
        "choices": list(option.choices or ()),
        "takes_many": (option.nargs or 1) > 1,
        "n_values": 0 if is_list else option_names.fixed_number(option.nargs),
        "is_repeated": is_list,
        "adds_to_default": is_list,
        "spelling": texts,
    }
