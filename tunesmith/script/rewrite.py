"""A copy of a script in which flags have other values: a real script, line for line the same."""

import ast
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tunesmith.errors import FlagError
from tunesmith.flags.values import FlagValue
from tunesmith.script.source import parse_source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """The place of a value in the text: line numbers from 1, columns in bytes of UTF-8."""

    line: int
    column: int
    end_line: int
    end_column: int


def rewrite_globals(text: str, values: Mapping[str, FlagValue]) -> str:
    """Return the script with the first assignment of each name set to its value.

    Values are written as literals on the lines that they had, so that every other line keeps its
    number: tracebacks, pickling and spawned processes work as in the original. A name whose
    literal has that value already is left as it is.

    Args:
        text: The script.
        values: The value of each flag.

    Raises:
        FlagError: The script assigns no such name.
        ScriptError: The text is not Python.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    tree = parse_source(body, "the script")
    found: dict[str, ast.expr] = {}
    for name, node in _assignments(tree.body):
        found.setdefault(name, node)
    missing = sorted(set(values) - set(found))
    if missing:
        raise FlagError(f"the script assigns no {missing[0]!r} that could be set")
    changes = {}
    for name, value in values.items():
        if not _has_value(found[name], value):
            changes[_span(found[name])] = literal_of(value)
    return mark + _replace(body, changes)


def literal_of(value: FlagValue) -> str:
    """Return Python code on one line that evaluates to the value."""
    if isinstance(value, tuple):
        return f"[{', '.join(literal_of(item) for item in value)}]"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value!r}")'
    return repr(value)


def _assignments(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Yield names and values in the order of the text, inside if, with and try too."""
    for node in body:
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            yield from ((name, node.value) for name in names)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if node.value is not None:
                yield node.target.id, node.value
        elif isinstance(node, ast.If | ast.With | ast.Try):
            for inner in _blocks(node):
                yield from _assignments(inner)


def _blocks(node: ast.If | ast.With | ast.Try) -> list[list[ast.stmt]]:
    if isinstance(node, ast.With):
        return [node.body]
    if isinstance(node, ast.If):
        return [node.body, node.orelse]
    handlers = [handler.body for handler in node.handlers]
    return [node.body, *handlers, node.orelse, node.finalbody]


def _has_value(node: ast.expr, value: FlagValue) -> bool:
    try:
        return repr(ast.literal_eval(node)) == repr(_as_literal(value))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False


def _as_literal(value: FlagValue) -> object:
    return [_as_literal(item) for item in value] if isinstance(value, tuple) else value


def _span(node: ast.expr) -> _Span:
    return _Span(
        line=node.lineno,
        column=node.col_offset,
        end_line=node.end_lineno or node.lineno,
        end_column=node.end_col_offset or node.col_offset,
    )


def _replace(text: str, changes: Mapping[_Span, str]) -> str:
    """Return the text with each span replaced, the last one first so that places stay true."""
    lines = _lines(text)
    for span in sorted(changes, key=lambda one: (one.line, one.column), reverse=True):
        first, last = lines[span.line - 1], lines[span.end_line - 1]
        before = first.encode()[: span.column].decode()
        after = last.encode()[span.end_column :].decode()
        n_lost = span.end_line - span.line
        value = changes[span]
        if (
            n_lost
        ):  # inside parentheses a line may end, so the lines that follow keep their numbers
            value = f"({value}{_line_end(first) * n_lost})"
        new = f"{before}{value}{after}"
        lines[span.line - 1 : span.end_line] = _lines(new)
    return "".join(lines)


def _lines(text: str) -> list[str]:
    """Return the lines with their ends as Python counts them: not at form feeds or U+2028."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)


def _line_end(line: str) -> str:
    for end in ("\r\n", "\n", "\r"):
        if line.endswith(end):
            return end
    return "\n"
