"""Has tyro answer with its arguments instead of reading the command line."""

from __future__ import annotations

import re
import sys
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from . import converters, option_names, values

WORDS = {"true": "True", "false": "False", "none": "None", "form": "words"}


def install(watch: Any, reply: Any) -> None:
    """Change what makes the description of a command line, while ``tyro.cli`` runs."""
    is_reading = [False]

    def change_cli(module: Any) -> None:
        run = module._cli_impl

        def read(*positional: Any, args: Any = None, **keywords: Any) -> Any:
            is_reading[0] = not keywords.get("return_parser")
            is_reading[0] &= args is None or list(args) == sys.argv[1:]
            return run(*positional, args=args, **keywords)

        module._cli_impl = read

    def change_parsers(module: Any) -> None:
        make = module.ParserSpecification.from_callable_or_type

        def dump(*args: Any, **keywords: Any) -> Any:
            is_outer, is_reading[0] = is_reading[0], False
            specification = make(*args, **keywords)
            if is_outer:
                found = described(specification)
                reply(
                    "tyro",
                    found["definitions"],
                    subcommands=found["subcommands"],
                    runs_alone=found["runs_alone"],
                    found_by="by asking a copy of the program for what tyro fills",
                )
            return specification

        module.ParserSpecification.from_callable_or_type = staticmethod(dump)

    watch("tyro._cli", change_cli)
    watch("tyro._parsers", change_parsers)


def described(specification: Any) -> dict[str, Any]:
    """Return the flags of a parser, and those of its first group of subcommands."""
    position = iter(range(1, 1_000))
    found = [definition(one, position) for one in arguments(specification)]
    groups = list(specification.subparsers_from_intern_prefix.values())
    parsers: Mapping[str, Any] = groups[0].parser_from_name if groups else {}
    return {
        "source": "tyro",
        "definitions": [one for one in found if one is not None],
        "subcommands": {name: described(evaluated(one)) for name, one in parsers.items()},
        "runs_alone": bool(groups) and not any(one.required for one in groups),
    }


def evaluated(parser: Any) -> Any:
    """Return a parser that newer versions make only when it is needed."""
    return parser.evaluate() if hasattr(parser, "evaluate") else parser


def arguments(specification: Any) -> Iterator[Any]:
    """Yield the arguments of a parser and of the structures that it contains."""
    yield from specification.args
    for child in specification.child_from_prefix.values():
        yield from arguments(child)


def definition(argument: Any, position: Iterator[int]) -> dict[str, Any] | None:
    """Return the flag of an argument; None for one that cannot be set."""
    lowered, field = argument.lowered, argument.field
    if argument.is_suppressed() or lowered.is_fixed():
        return None
    default = None if type(field.default).__name__.endswith("MissingType") else field.default
    found = {
        "help": helped(lowered.help),
        "is_required": default is None and bool(lowered.required),
    }
    if argument.is_positional():
        name = str(lowered.name_or_flags[-1]).replace("-", "_")
        found.update(name=name, option="", position=next(position))
    else:
        options = [text for text in lowered.name_or_flags if text.startswith("--")]
        name = options[-1][2:]
        others = [text.lstrip("-") for text in lowered.name_or_flags if text != options[-1]]
        found.update(name=name.replace("-", "_"), option=options[-1], aliases=[name, *others])
    if lowered.action == "boolean_optional_action":
        switches = {"switch_on": found["option"], "switch_off": inverse(argument)}
        return {**found, **switches, "type": "bool", "default": default}
    if lowered.action == "count":
        return {**found, "type": "int", "default": default, "is_counted": True}
    return {**found, **valued(argument, default)}


def valued(argument: Any, default: Any) -> dict[str, Any]:
    """Return what an argument's values are like."""
    lowered, field = argument.lowered, argument.field

    def convert(text: str) -> Any:
        return lowered.instance_from_str([text])

    hint = getattr(field, "type_stripped", None) or getattr(field, "type", None)
    declared = values.declared_type(hint)
    literals = [one for one in typing.get_args(hint) if isinstance(one, (str, int))]
    is_literal = typing.get_origin(hint) is typing.Literal
    choices = literals if is_literal else list(lowered.choices or ())
    is_many = lowered.nargs not in (None, 1, "?")
    is_repeated = lowered.action == "append"
    value, is_computed = converters.default_of(str if is_many else convert, default)
    kind = "any" if declared is None else values.ANNOTATED[declared]
    if choices and all(isinstance(one, str) for one in choices):
        kind = "text"
    return {
        "type": kind,
        "default": value,
        "is_computed": is_computed,
        "choices": [one for one in choices if one != "None"],
        "takes_many": is_many,
        "n_values": 0 if is_repeated else option_names.fixed_number(lowered.nargs),
        "is_repeated": is_repeated,
        "spelling": WORDS,
    }


def inverse(argument: Any) -> str:
    """Return the option that means no."""
    invert = sys.modules["tyro._arguments"].flag_to_inverse
    options = [text for text in argument.lowered.name_or_flags if text.startswith("--")]
    return str(invert(options[-1]))


def helped(text: Any) -> str:
    """Return the help of an argument, which newer versions compute."""
    try:
        found = str(text() if callable(text) else text or "")
        return re.sub(r"\s*\((default|required|optional).*\)\s*\Z", "", found)
    except Exception:  # noqa: BLE001  # it reads the source of the user's classes
        return ""
