"""Flags of a script that keeps them in module-level assignments."""

import ast
import io
import math
import tokenize
from collections.abc import Iterator

from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.values import FlagValue

_NO_LITERAL = object()


def read_globals(text: str, tree: ast.Module) -> ScriptFlags:
    """Return a flag for each module-level ``NAME = literal``; the first assignment counts.

    Names that begin with ``_`` are left out. A comment on the assignment's line is the help.

    Args:
        text: The script.
        tree: Its syntax tree.
    """
    comments = _comments(text)
    definitions: dict[str, FlagDefinition] = {}
    seen: set[str] = set()
    for name, value, line in _assignments(tree):
        if name in seen or name.startswith("_"):
            continue
        seen.add(name)
        default = _flag_value(value)
        if default is not _NO_LITERAL:
            definitions[name] = _definition(name, default, comments.get(line, ""))
    return ScriptFlags(source=FlagSource.GLOBALS, definitions=tuple(definitions.values()))


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr, int]]:
    """Yield name, value and last line of each assignment at the module's level."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            line = node.end_lineno or node.lineno
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value, line
        elif (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.value is not None
        ):
            yield node.target.id, node.value, node.end_lineno or node.lineno


def _flag_value(node: ast.expr) -> object:
    """Return a literal's value, or ``_NO_LITERAL`` for what no flag can have."""
    if isinstance(node, ast.Tuple | ast.Dict | ast.Set):
        return _NO_LITERAL
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _NO_LITERAL
    return _from_literal(value)


def _from_literal(value: object) -> object:
    if isinstance(value, list):
        items = [_from_literal(item) for item in value]
        return _NO_LITERAL if _NO_LITERAL in items else tuple(items)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _NO_LITERAL
    return _NO_LITERAL


def _definition(name: str, default: object, comment: str) -> FlagDefinition:
    kind = FlagType.ANY
    if isinstance(default, bool):
        kind = FlagType.BOOL
    elif isinstance(default, int | float):
        kind = FlagType.NUMBER
    elif isinstance(default, str):
        kind = FlagType.TEXT
    value: FlagValue = default  # type: ignore[assignment]  # _flag_value lets nothing else pass
    return FlagDefinition(
        name=name,
        type=kind,
        default=value,
        help=comment,
        has_integer_default=isinstance(default, int) and not isinstance(default, bool),
    )


def _comments(text: str) -> dict[int, str]:
    """Return the comment that ends each line of code, by line number."""
    comments: dict[int, str] = {}
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text.removeprefix("\ufeff")).readline))
    except (tokenize.TokenError, SyntaxError):
        return comments
    for token in tokens:
        is_trailing = token.line[: token.start[1]].strip() != ""
        if token.type == tokenize.COMMENT and is_trailing:
            comments[token.start[0]] = token.string.lstrip("#").strip()
    return comments
