"""Flags of a script that reads its command line with argparse."""

import ast

from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.script.calls import (
    TYPES,
    Call,
    ComputedError,
    calls_of,
    items_of,
    last_name,
    module_constants,
)

_SWITCHES = {"store_true", "store_false", "BooleanOptionalAction"}
_NO_VALUE = {"help", "version", "count", "store_const", "append_const"}


def read_argparse(tree: ast.Module) -> ScriptFlags | None:
    """Return the long options that a script adds to its parsers; None where any is computed.

    Positional arguments are no flags: they are passed after ``--``.

    Args:
        tree: The script's syntax tree.
    """
    constants = module_constants(tree)
    if calls_of(tree, "add_subparsers", constants) or _is_repeated(tree):
        return None
    definitions: dict[str, FlagDefinition] = {}
    try:
        for call in calls_of(tree, "add_argument", constants):
            flag = _definition(call)
            if flag is not None:
                definitions.setdefault(flag.name, flag)
    except ComputedError:
        return None
    if not definitions and not calls_of(tree, "ArgumentParser", constants):
        return None
    return ScriptFlags(source=FlagSource.ARGPARSE, definitions=tuple(definitions.values()))


def _is_repeated(tree: ast.Module) -> bool:
    """Return whether arguments are added in a loop, or defaults are set elsewhere."""
    loops = (ast.For, ast.While, ast.comprehension, ast.AsyncFor)
    inside = (
        inner for outer in ast.walk(tree) if isinstance(outer, loops) for inner in ast.walk(outer)
    )
    names = {last_name(node.func) for node in inside if isinstance(node, ast.Call)}
    everywhere = {last_name(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    return "add_argument" in names or "set_defaults" in everywhere


def _definition(call: Call) -> FlagDefinition | None:
    """Return the flag of one ``add_argument``; None for a positional or a short option."""
    options = [text for text in call.texts() if text.startswith("--") and text != "--"]
    action = _action(call)
    if not options or action in _NO_VALUE:
        return None
    if action not in {"", "store", "append", "extend", *_SWITCHES}:
        raise ComputedError(f"action {action}")
    option = options[0]
    name = option.removeprefix("--")
    if action in _SWITCHES:
        return _switch(call, name=name, option=option, action=action)
    return FlagDefinition(
        name=name,
        type=_type(call),
        default=call.read("default"),
        choices=items_of(call.read("choices")),
        is_required=call.read("required") is True,
        help=str(call.read("help") or ""),
        option=option,
        takes_many=call.read("nargs") not in (None, "?"),
        is_repeated=action == "append",
    )


def _switch(call: Call, *, name: str, option: str, action: str) -> FlagDefinition:
    """Return a switch; its value says whether it is given: ``no-cache=yes`` is --no-cache."""
    has_both = action == "BooleanOptionalAction"
    return FlagDefinition(
        name=name,
        type=FlagType.BOOL,
        default=call.read("default") if has_both else False,
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


def _type(call: Call) -> FlagType:
    """Return the flag's type; argparse hands over text where none is given."""
    node = call.keyword("type")
    if node is None:
        default = call.read("default")
        is_text = default is None or isinstance(default, str)
        return FlagType.TEXT if is_text else FlagType.ANY
    if isinstance(node, ast.Name) and node.id in TYPES:
        # argparse's type=bool takes every text but the empty one for true
        return FlagType.ANY if node.id == "bool" else TYPES[node.id]
    return FlagType.ANY
