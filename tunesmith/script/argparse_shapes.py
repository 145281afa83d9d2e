"""Whether a script's text shows all options of its argparse parsers."""

import ast
from collections.abc import Collection, Sequence

from tunesmith.script.call_arguments import last_name

_ADDING = "add_argument"
_MAKING = ("ArgumentParser", "add_argument_group", "add_mutually_exclusive_group")
"""What makes a parser, or a group of one."""
_READING = (
    *("parse_args", "parse_known_args"),
    *("parse_intermixed_args", "parse_known_intermixed_args"),
)
_KNOWN = frozenset(
    {
        *("add_argument", "add_argument_group", "add_mutually_exclusive_group", "error", "exit"),
        *("print_help", "format_help", "print_usage", "format_usage", "get_default"),
        *_READING,
    }
)
"""Methods of a parser that add no options besides those of ``add_argument``."""


def shows_all(tree: ast.Module) -> bool:
    """Return whether the calls that a text shows are all that add options, once each.

    Args:
        tree: The script's syntax tree.
    """
    return not (_is_repeated(tree) or _is_shared(tree) or _has_namespace(tree))


def _has_namespace(tree: ast.Module) -> bool:
    """Return whether a parser reads into a namespace that may hold other defaults already."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    given = [
        value
        for node in calls
        if isinstance(node.func, ast.Attribute) and node.func.attr in _READING
        for value in (
            *node.args[1:2],
            *(one.value for one in node.keywords if one.arg == "namespace"),
        )
    ]
    return any(
        not isinstance(value, ast.Constant)
        and not (isinstance(value, ast.Call) and not (value.args or value.keywords))
        for value in given
    )


def _is_repeated(tree: ast.Module) -> bool:
    """Return whether arguments are added in a loop, or defaults are set elsewhere."""
    loops = (ast.For, ast.While, ast.comprehension, ast.AsyncFor)
    inside = (
        inner for outer in ast.walk(tree) if isinstance(outer, loops) for inner in ast.walk(outer)
    )
    names = {last_name(node.func) for node in inside if isinstance(node, ast.Call)}
    everywhere = {last_name(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    return "add_argument" in names or "set_defaults" in everywhere


def _is_shared(tree: ast.Module) -> bool:
    """Return whether a parser may have options that its calls do not show."""
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    classes = [base for node in nodes if isinstance(node, ast.ClassDef) for base in node.bases]
    made = [node for node in calls if last_name(node.func) == "ArgumentParser"]
    says = {keyword.arg for node in made for keyword in node.keywords}
    parsers = {
        last_name(target)
        for node in nodes
        if isinstance(node, ast.Assign) and node.value in made
        for target in node.targets
    }
    lent = {
        last_name(node.func)
        for node in calls
        for value in (*node.args, *(keyword.value for keyword in node.keywords))
        if isinstance(value, ast.Name) and value.id in parsers
    }
    asked = {
        node.func.attr
        for node in calls
        if isinstance(node.func, ast.Attribute) and last_name(node.func.value) in parsers
    }
    called = {id(node.func) for node in calls}
    return bool(
        asked - _KNOWN
        or any(
            isinstance(node, ast.Attribute) and node.attr == _ADDING and id(node) not in called
            for node in nodes
        )
        or _is_given(nodes, own)
        or says & {"parents", "prefix_chars", "argument_default", "conflict_handler"}
        or lent - own
        or any(last_name(base).endswith("ArgumentParser") for base in classes)
    )


def _is_given(nodes: Sequence[ast.AST], own: Collection[str]) -> bool:
    """Return whether options are added to a parser that a function of another module returns."""
    receivers = {
        node.func.value.id
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == _ADDING
        and isinstance(node.func.value, ast.Name)
    }
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and last_name(node.value.func) not in _MAKING
        and not (isinstance(node.value.func, ast.Name) and node.value.func.id in own)
        and any(last_name(target) in receivers for target in node.targets)
        for node in nodes
    )
