"""Flags of a script that reads its command line with argparse."""

import ast
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from tunesmith.flags.definition import COMPUTED, FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.spelling import PLAIN, Spelling
from tunesmith.flags.values import FlagValue
from tunesmith.script.argparse_shapes import shows_all
from tunesmith.script.asking.option_names import (
    aliases,
    bare,
    destination_of,
    fixed_number,
    shown_option,
)
from tunesmith.script.call_arguments import (
    PATHS,
    TYPES,
    Call,
    ComputedError,
    calls_of,
    items_of,
    last_name,
    module_constants,
)

FOUND_BY = "in the text: the options of its argparse parser"

_SWITCHES = {
    *("store_true", "store_false", "store_const", "append_const"),
    "BooleanOptionalAction",
}
_ADDING = "add_argument"
_NO_FLAG = {"help", "version"}
_REST = ("...", "A...")
"""The ``nargs`` of options that take whatever follows."""


def read_argparse(tree: ast.Module) -> ScriptFlags | None:
    """Return the arguments that a script adds to its parsers; None where any is computed.

    Args:
        tree: The script's syntax tree.
    """
    constants = module_constants(tree)
    if calls_of(tree, "add_subparsers", constants) or not shows_all(tree):
        return None
    calls = calls_of(tree, "add_argument", constants)
    parsers = calls_of(tree, "ArgumentParser", constants)
    try:
        found = [(flag, call) for call in calls if (flag := _definition(call)) is not None]
        counts = Counter(_destination(call) for call in calls)
        named = [_with_aliases(flag, call, counts) for flag, call in reversed(found)]
        negated = [flag for one in found if (flag := _negated(*one, counts)) is not None]
    except ComputedError:
        return None
    n_positions = sum(flag.option == "" for flag, _ in found)
    if (not named and not parsers) or (n_positions and len(parsers) != 1):
        return None
    return ScriptFlags(
        source=FlagSource.ARGPARSE,
        definitions=with_positions(reversed({flag.name: flag for flag in named}.values())),
        unlisted=tuple(negated),
        found_by=FOUND_BY,
    )


def read_some_argparse(tree: ast.Module) -> ScriptFlags | None:
    """Return the options that a script's text shows, though there may be others; None for none.

    What its text does not show of an option is left open.

    Args:
        tree: The script's syntax tree.
    """
    constants = module_constants(tree)
    if calls_of(tree, "add_subparsers", constants):
        return None
    calls = calls_of(tree, _ADDING, constants)
    found: dict[str, FlagDefinition] = {}
    for call in calls:
        with suppress(ComputedError):
            flag = _definition_or_name(call)
            if flag is not None and flag.option:
                found[flag.name] = _with_aliases(flag, call, Counter({_destination(call): 1}))
    return (
        ScriptFlags(
            source=FlagSource.ARGPARSE, definitions=tuple(found.values()), found_by=FOUND_BY
        )
        if found
        else None
    )


def _definition_or_name(call: Call) -> FlagDefinition | None:
    """Return the flag of an ``add_argument``; without its default where that is computed."""
    try:
        return _definition(call)
    except ComputedError:
        option = shown_option(text for text in call.texts() if text.startswith("-"))
        if _action(call) not in {"", "store"} or call.keyword("nargs") is not None:
            raise
        kind, spelling = FlagType.ANY, None
        with suppress(ComputedError):
            kind, spelling = _type(call)
        return FlagDefinition(
            name=bare(option),
            type=kind,
            default=COMPUTED,
            is_computed=True,
            option=option,
            spelling=spelling,
        )


def _with_aliases(flag: FlagDefinition, call: Call, counts: Counter[str]) -> FlagDefinition:
    """Return a flag with its other names: not the destination that several options share."""
    names = [bare(text) for text in call.texts()]
    destination = _destination(call)
    if counts[destination] == 1 and _action(call) != "store_false":
        names.append(destination)
    return replace(flag, aliases=tuple(aliases(names, flag.name)))


def _negated(flag: FlagDefinition, call: Call, counts: Counter[str]) -> FlagDefinition | None:
    """Return what ``--no-cache`` sets as a flag of its own, ``cache``; None for other options."""
    name = _destination(call)
    if _action(call) != "store_false" or name == flag.name or counts[name] > 1:
        return None
    default = call.read("default")
    return replace(
        flag,
        name=name,
        default=True if default is None else default,
        switch_on="",
        switch_off=flag.option,
    )


def _destination(call: Call) -> str:
    given = call.read("dest")
    return str(given) if given is not None else destination_of(call.texts())


def with_positions(flags: Iterable[FlagDefinition]) -> tuple[FlagDefinition, ...]:
    """Return flags in their order, with those that have no option numbered from 1."""
    found: list[FlagDefinition] = []
    position = 0
    for flag in flags:
        position += flag.option == ""
        found.append(flag if flag.option else replace(flag, position=position))
    return tuple(found)


def _definition(call: Call) -> FlagDefinition | None:
    """Return the flag of one ``add_argument``; None for one that is none, as ``--version``."""
    texts, action = call.texts(), _action(call)
    option = shown_option(text for text in texts if text.startswith("-"))
    if not texts or action in _NO_FLAG or call.read("nargs") in _REST:
        return None
    if action not in {"", "store", "append", "extend", "count", *_SWITCHES}:
        raise ComputedError(f"action {action}")
    name = bare(option or texts[0])
    if action in _SWITCHES:
        return _switch(call, name=name, option=option, action=action)
    kind, spelling = _type(call)
    is_counted, adds = action == "count", action in ("append", "extend", "count")
    return FlagDefinition(
        name=name,
        type=FlagType.INT if is_counted else kind,
        default=_default(call, kind),
        choices=items_of(call.read("choices")),
        is_required=_is_required(call, option),
        help=str(call.read("help") or ""),
        option=option,
        takes_many=call.read("nargs") not in (None, "?"),
        n_values=0 if adds else fixed_number(call.read("nargs")),
        is_repeated=action == "append",
        is_counted=is_counted,
        adds_to_default=adds,
        spelling=spelling,
    )


def _is_required(call: Call, option: str) -> bool:
    """Return whether an argument has to be given: a positional one, unless it is optional."""
    if option:
        return call.read("required") is True
    return call.read("nargs") not in ("?", "*")


def _switch(call: Call, *, name: str, option: str, action: str) -> FlagDefinition:
    """Return a switch, whose value says whether it is given: ``no-cache=yes`` means --no-cache.

    If the option sets a destination to true, the value is that of the destination.
    """
    has_both = action == "BooleanOptionalAction"
    has_truth = has_both or (action == "store_true" and call.keyword("default") is not None)
    return FlagDefinition(
        name=name,
        type=FlagType.BOOL,
        default=call.read("default") if has_truth else False,
        help=str(call.read("help") or ""),
        is_required=call.read("required") is True,
        option=option,
        switch_on=option,
        switch_off=f"--no-{name}" if has_both else "",
    )


def _action(call: Call) -> str:
    node = call.keyword("action")
    if node is None:
        return ""
    if isinstance(node, ast.Attribute | ast.Name):
        return last_name(node)
    return str(call.value(node))


def _default(call: Call, kind: FlagType) -> FlagValue:
    default = call.read("default")
    if isinstance(default, str) and kind not in (FlagType.TEXT, FlagType.ANY):
        raise ComputedError("a string that the option's type converts")
    return default


def _type(call: Call) -> tuple[FlagType, Spelling | None]:
    """Return the flag's type and how its converter reads values; without one it is text."""
    node = call.keyword("type")
    if node is None:
        is_text = all(isinstance(one, str) for one in items_of(call.read("default")))
        return FlagType.TEXT if is_text else FlagType.ANY, PLAIN
    if isinstance(node, ast.Name) and node.id in TYPES:
        return TYPES[node.id], PLAIN
    if last_name(node) in PATHS:
        return FlagType.TEXT, PLAIN
    return FlagType.ANY, None
