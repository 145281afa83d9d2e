"""Rewrites a script with other values for its flags; every other line stays the same."""

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.errors import FlagError
from tunesmith.flags.values import FlagValue
from tunesmith.script.bindings import Binding, module_bindings, settable
from tunesmith.script.call_arguments import to_flag_value
from tunesmith.script.constant_expressions import constant
from tunesmith.script.source import parse_source


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The place of a value in the text: line numbers from 1, columns in bytes of UTF-8."""

    line: int
    column: int
    end_line: int
    end_column: int


def rewrite_globals(text: str, values: Mapping[str, FlagValue]) -> str:
    """Return the script with the effective assignment of each name set to its value.

    Values are written as literals on the lines that they had, so that every other line keeps its
    number: tracebacks, pickling and spawned processes work as in the original. Where names share
    one value, as in ``x = y = 1``, an assignment of its own follows: ``x = y = 1; x = 5``. A name
    that has the value already is left as it is.

    Args:
        text: The script.
        values: The value of each flag.

    Raises:
        FlagError: The script assigns no such name.
        ScriptError: The text is not Python.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    found = module_bindings(parse_source(body, "the script"))
    changes: dict[Span, str] = {}
    for name, value in values.items():
        place = settable(found.get(name, []))
        if place is None or place.value is None:
            raise FlagError(f"the script assigns no {name!r} that can be set")
        old = constant(place.value)
        if repr(to_flag_value(old)) != repr(value):
            span, new = _change(place, place.value, literal_of(value, like=old))
            changes[span] = changes.get(span, "") + new
    return mark + replace_spans(body, changes)


def literal_of(value: FlagValue, *, like: object = None) -> str:
    """Return Python code on one line that evaluates to the value.

    Args:
        value: The value.
        like: The script's own value: a list is written as a tuple if this is one.
    """
    if isinstance(value, tuple):
        olds = [*like] if isinstance(like, list | tuple) else []
        olds += olds[:1] * (len(value) - len(olds)) if olds else [None] * len(value)
        items = [literal_of(item, like=old) for item, old in zip(value, olds, strict=False)]
        listed = ", ".join(items)
        if isinstance(like, tuple):
            return f"({listed},)" if len(items) == 1 else f"({listed})"
        return f"[{listed}]"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value!r}")'
    return repr(value)


def _change(place: Binding, old: ast.expr, literal: str) -> tuple[Span, str]:
    """Return the span to replace and the new code: the value, or an assignment that follows."""
    if not place.shares_its_value:
        return span_of(old), literal
    end = span_of(place.statement)
    return (
        Span(end.end_line, end.end_column, end.end_line, end.end_column),
        f"; {place.name} = {literal}",
    )


def span_of(node: ast.expr | ast.stmt) -> Span:
    """Return the place of an expression or a statement."""
    return Span(
        node.lineno,
        node.col_offset,
        node.end_lineno or node.lineno,
        node.end_col_offset or node.col_offset,
    )


def replace_spans(text: str, changes: Mapping[Span, str]) -> str:
    """Return the text with each span replaced, the last one first so that positions stay valid."""
    lines = _lines(text)
    for span in sorted(changes, reverse=True):
        first, last = lines[span.line - 1], lines[span.end_line - 1]
        before = first.encode()[: span.column].decode()
        after = last.encode()[span.end_column :].decode()
        n_lost = span.end_line - span.line
        value = changes[span]
        if n_lost:  # line breaks within parentheses keep the numbers of the lines below
            value = f"({value}{_line_end(first) * n_lost})"
        new = f"{before}{value}{after}"
        lines[span.line - 1 : span.end_line] = _lines(new)
    return "".join(lines)


def _lines(text: str) -> list[str]:
    """Return the lines with their ends as Python counts them: not split at form feeds."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)


def _line_end(line: str) -> str:
    for end in ("\r\n", "\n", "\r"):
        if line.endswith(end):
            return end
    return "\n"
