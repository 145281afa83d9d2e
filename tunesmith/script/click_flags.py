"""Flags of a script that reads its command line with click or typer."""

import ast
from collections.abc import Mapping

from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.spelling import UNASKED, Spelling
from tunesmith.flags.values import FlagValue
from tunesmith.script.argparse_flags import with_positions
from tunesmith.script.asking.option_names import aliases, bare, fixed_number, shown_option
from tunesmith.script.call_arguments import (
    PATHS,
    TYPES,
    Call,
    ComputedError,
    calls_of,
    items_of,
    last_name,
    module_constants,
    read_value,
)

FOUND_BY = "in the text: the options of its click command"

_NUMERIC_TYPES = {"IntRange": FlagType.INT, "FloatRange": FlagType.FLOAT, **TYPES}
_CLICK_TYPES = {
    **TYPES,
    "INT": FlagType.INT,
    "FLOAT": FlagType.FLOAT,
    "STRING": FlagType.TEXT,
    "BOOL": FlagType.BOOL,
}
_GROUPING = ("group", "Group", "add_command", "CommandCollection", "callback", "add_typer")
"""Calls that create commands with subcommands."""
_MAKING = ("command", "group", "Command", "Group", "Typer", "run")
"""Calls that create a command, or run one."""
_PLAIN_DETAILS = frozenset({"default", "help", "min", "max", "show_default", "rich_help_panel"})
"""Keywords of a typer option that do not change its kind."""


def read_click(tree: ast.Module) -> ScriptFlags | None:
    """Return the options of a script's one click or typer command; None where any is computed.

    Args:
        tree: The script's syntax tree.
    """
    constants = module_constants(tree)
    n_commands = len(calls_of(tree, "command", constants))
    if n_commands > 1 or any(calls_of(tree, name, constants) for name in _GROUPING):
        return None
    try:
        options = [_click_option(call) for call in calls_of(tree, "option", constants)]
        placed = [_click_argument(call) for call in calls_of(tree, "argument", constants)]
        named = [flag for flag in options if flag is not None]
        found = [*named, *placed] or _typer_options(tree, constants)
    except ComputedError:
        return None
    if found is None:
        return None
    unique = {flag.name: flag for flag in reversed(found)}
    definitions = with_positions(reversed(unique.values()))
    return ScriptFlags(source=FlagSource.CLICK, definitions=definitions, found_by=FOUND_BY)


def has_command(tree: ast.Module) -> bool:
    """Return whether a script makes a command, rather than only printing with click."""
    return any(calls_of(tree, name, {}) for name in _MAKING)


def _click_option(call: Call) -> FlagDefinition | None:
    """Return the flag of one ``click.option``; None for one without a spelling."""
    texts = call.texts()
    shown = shown_option(text for text in texts if text.startswith("-"))
    if not shown:
        return None
    on, _, off = (part.strip() for part in shown.partition("/"))
    names = [bare(text.partition("/")[0].strip()) for text in texts]
    is_named = any(not text.startswith("-") for text in texts)
    variable = [] if is_named else [bare(on).replace("-", "_").lower()]
    default = call.read("default")
    is_switch = bool(off) or call.read("is_flag") is True
    kind, choices, spelling = _click_type(call, default)
    if call.read("count") is True or call.read("flag_value") is not None or call.keyword("cls"):
        raise ComputedError("an option that counts, stands for a value, or has a class of its own")
    if is_switch and not off and default:
        raise ComputedError("what such a switch means depends on click's version")
    return FlagDefinition(
        name=bare(on),
        aliases=tuple(aliases([*names, *variable], bare(on))),
        type=FlagType.BOOL if is_switch else kind,
        default=(default if default is not None else False) if is_switch else default,
        choices=choices,
        is_required=call.read("required") is True,
        help=str(call.read("help") or ""),
        option=on,
        switch_on=on if is_switch else "",
        switch_off=off,
        takes_many=isinstance(call.read("nargs"), int) and call.read("nargs") != 1,
        n_values=0 if call.read("multiple") is True else fixed_number(call.read("nargs")),
        is_repeated=call.read("multiple") is True,
        spelling=spelling,
    )


def _click_argument(call: Call) -> FlagDefinition:
    """Return the flag of one ``click.argument``."""
    names = call.texts()
    if call.keyword("cls") or call.keyword("callback") or len(names) != 1:
        raise ComputedError("an argument of a kind of its own")
    default, required, n = call.read("default"), call.read("required"), call.read("nargs")
    kind, choices, spelling = _click_type(call, default)
    return FlagDefinition(
        name=names[0].lower().replace("-", "_"),
        type=kind,
        default=default,
        choices=choices,
        is_required=(default is None and n != -1) if required is None else bool(required),
        takes_many=isinstance(n, int) and n != 1,
        n_values=fixed_number(n),
        spelling=spelling,
    )


def _click_type(
    call: Call, default: FlagValue
) -> tuple[FlagType, tuple[FlagValue, ...], Spelling | None]:
    """Return an option's type, its choices, and how its converter reads values."""
    node = call.keyword("type")
    if node is None:
        return _type_of(default), (), UNASKED
    if isinstance(node, ast.Call):
        inner = Call(node=node, constants=call.constants)
        if inner.name == "Choice":
            if inner.read("case_sensitive") is False:
                return FlagType.TEXT, (), UNASKED
            return FlagType.TEXT, items_of(inner.value(node.args[0])), UNASKED
        name = inner.name
    else:
        name = last_name(node)
    kind = {**_NUMERIC_TYPES, **_CLICK_TYPES}.get(name)
    if name in PATHS:
        return FlagType.TEXT, (), UNASKED
    return (FlagType.ANY, (), None) if kind is None else (kind, (), UNASKED)


def _type_of(default: FlagValue) -> FlagType:
    """Return the type that click infers from a default."""
    if isinstance(default, bool):
        return FlagType.BOOL
    if isinstance(default, int):
        return FlagType.INT
    if isinstance(default, float):
        return FlagType.FLOAT
    return FlagType.TEXT if default is None or isinstance(default, str) else FlagType.ANY


def _typer_options(
    tree: ast.Module, constants: Mapping[str, ast.expr]
) -> list[FlagDefinition] | None:
    """Return the options of the one function that typer runs; None where there may be others."""
    function = _typer_function(tree, constants)
    if function is None:
        return None
    arguments = function.args
    names = [*arguments.args, *arguments.kwonlyargs]
    first = len(arguments.args) - len(arguments.defaults)
    defaults: list[ast.expr | None] = [*([None] * first), *arguments.defaults]
    defaults += arguments.kw_defaults
    return [
        _typer_option(name, default, constants)
        for name, default in zip(names, defaults, strict=True)
    ]


def _typer_function(tree: ast.Module, constants: Mapping[str, ast.expr]) -> ast.FunctionDef | None:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for call in calls_of(tree, "run", constants):
        if call.node.args and (name := last_name(call.node.args[0])) in functions:
            return functions[name]
    commands = [
        function
        for function in functions.values()
        if any(
            isinstance(one, ast.Call) and last_name(one.func) == "command"
            for one in function.decorator_list
        )
    ]
    return commands[0] if len(commands) == 1 else None


def _typer_option(
    argument: ast.arg, default: ast.expr | None, constants: Mapping[str, ast.expr]
) -> FlagDefinition:
    annotation, details = _unwrap(argument.annotation)
    if isinstance(default, ast.Call):
        details = Call(node=default, constants=constants)
        default = default.args[0] if default.args else details.keyword("default")
    elif details is not None:
        details = Call(node=details.node, constants=constants)
    is_required = default is None or (
        isinstance(default, ast.Constant) and default.value is Ellipsis
    )
    value = None if is_required or default is None else read_value(default, constants)
    kind = _annotated_type(annotation, details)
    is_placed = details is None if is_required else False
    if is_placed or (details is not None and details.name == "Argument"):
        if kind is FlagType.BOOL:
            raise ComputedError("a positional boolean")
        return FlagDefinition(
            name=argument.arg,
            type=kind,
            default=value,
            is_required=is_required,
            help=str(details.read("help") or "") if details else "",
            spelling=UNASKED,
        )
    name = argument.arg.replace("_", "-")
    is_switch = kind is FlagType.BOOL
    return FlagDefinition(
        name=name,
        aliases=tuple(aliases([argument.arg], name)),
        type=kind,
        default=value,
        is_required=is_required,
        help=str(details.read("help") or "") if details else "",
        option=f"--{name}",
        switch_on=f"--{name}" if is_switch else "",
        switch_off=f"--no-{name}" if is_switch else "",
        spelling=UNASKED,
    )


def _annotated_type(annotation: ast.expr | None, details: Call | None) -> FlagType:
    """Return the type of a parameter's annotation.

    Raises:
        ComputedError: For this type typer makes another kind of option.
    """
    if details is not None:
        others = {keyword.arg for keyword in details.node.keywords} - _PLAIN_DETAILS
        if others or any(
            isinstance(one, ast.Constant) and str(one.value).startswith("-")
            for one in details.node.args
        ):
            raise ComputedError(f"an option with {sorted(map(str, others))}")
    name = last_name(annotation) if annotation else ""
    if name in PATHS:
        return FlagType.TEXT
    if name not in TYPES:
        raise ComputedError(f"a parameter of type {name or 'unknown'}")
    return TYPES[name]


def _unwrap(annotation: ast.expr | None) -> tuple[ast.expr | None, Call | None]:
    """Return the type in ``Annotated[type, typer.Option()]`` and its call; or the annotation."""
    if (
        isinstance(annotation, ast.Subscript)
        and last_name(annotation.value) == "Annotated"
        and isinstance(annotation.slice, ast.Tuple)
    ):
        kind, *rest = annotation.slice.elts
        call = next((one for one in rest if isinstance(one, ast.Call)), None)
        return kind, None if call is None else Call(node=call, constants={})
    return annotation, None
