"""Decides which of a program's parsers is its last.

Some programs read a part of their command line first, with ``parse_known_args``, and make the
parser of the rest by what it says. Such a program goes on after the first parser, with no
arguments given, up to the last line that its text shows to read the command line.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from . import reading_calls

LIMIT_S = 20.0
"""Seconds that a program may take from its first parser to its last."""
MAX_DEPTH = 6
"""Functions within functions in which a reading call is looked for."""

trees: dict[str, ast.Module | None] = {}
"""The syntax trees of the program's files that were read."""


def is_answered(
    parser: Any, frame: FrameType, reply: Any, describe: Callable[[], dict[str, Any]]
) -> bool:
    """Reply and end the process, unless the program goes on.

    Args:
        parser: The parser, one of whose methods is running.
        frame: The frame of that method.
        reply: Takes the answer, as pending or at once.
        describe: Returns the parser's answer.

    Returns:
        Whether the program goes on with this as its first answer; False where it reads a list
        that stands in its text, which is no command line.
    """
    caller, is_complete = caller_of(parser, frame)
    if any(map(reading_calls.has_list, calls_at(caller, reply.folder))):
        return False
    following = outer_reading(parser, caller)
    if following is None and not is_complete:
        following = last_reading(caller, reply.folder)
    reply.add(**describe())
    if following is None:
        reply.send()
    else:
        go_on(*following, reply)
    return True


def caller_of(parser: Any, frame: FrameType | None) -> tuple[FrameType | None, bool]:
    """Return the frame that asked a parser to read, and whether it has to know all options."""
    is_complete = False
    while frame is not None and frame.f_locals.get("self") is parser:
        name = frame.f_code.co_name
        is_complete = is_complete or name.startswith(("parse_args", "parse_intermixed"))
        frame = frame.f_back
    return frame, is_complete


def outer_reading(parser: Any, frame: FrameType | None) -> tuple[FrameType, int] | None:
    """Return the method of another parser that is reading, for which this one reads a part."""
    while frame is not None:
        other = frame.f_locals.get("self")
        is_parser = isinstance(other, argparse.ArgumentParser) and other is not parser
        if is_parser and frame.f_code.co_name.startswith(reading_calls.READING):
            return frame, sys.maxsize
        frame = frame.f_back
    return None


@contextlib.contextmanager
def nothing_required(parser: Any) -> Iterator[None]:
    """Have a parser accept that nothing is given."""
    changed = [
        one for one in (*parser._actions, *parser._mutually_exclusive_groups) if one.required
    ]
    for one in changed:
        one.required = False
    yield
    for one in changed:
        one.required = True


def tree_of(
    file: str, folder: str, known: dict[str, ast.Module | None] | None = None
) -> ast.Module | None:
    """Return the syntax tree of a file of the program; None for other files.

    Args:
        file: The file.
        folder: The folder of the program.
        known: The trees that were read, of which this becomes one; ``trees`` by default.
    """
    path = os.path.abspath(file)  # noqa: PTH100  # it keeps links
    known = trees if known is None else known
    if path not in known:
        known[path] = None
        if path.startswith(folder + os.sep) and path.endswith(".py"):
            with contextlib.suppress(OSError, SyntaxError, ValueError):
                known[path] = ast.parse(Path(path).read_bytes())
    return known[path]


def calls_at(frame: FrameType | None, folder: str) -> list[ast.Call]:
    """Return the reading calls in the line at which a frame is."""
    tree = None if frame is None else tree_of(frame.f_code.co_filename, folder)
    if tree is None or frame is None:
        return []
    calls = reading_calls.reading_calls(ast.walk(tree))
    return [one for one in calls if one.lineno <= frame.f_lineno <= (one.end_lineno or 0)]


def last_reading(frame: FrameType | None, folder: str) -> tuple[FrameType, int] | None:
    """Return where the program reads last: the outermost frame that will, and its line there."""
    found = None
    while frame is not None:
        tree = tree_of(frame.f_code.co_filename, folder)
        body = None if tree is None else scope_of(tree, frame)
        if body is not None:
            ends = [
                node.end_lineno or 0
                for node in reading_calls.own_nodes(body)
                if isinstance(node, ast.Call)
                and node.lineno > frame.f_lineno
                and reads(node, MAX_DEPTH)
            ]
            found = (frame, max(ends)) if ends else found
        frame = frame.f_back
    return found


def scope_of(tree: ast.Module, frame: FrameType) -> list[ast.stmt] | None:
    """Return the statements of the function or module that a frame runs."""
    if frame.f_code.co_name == "<module>":
        return tree.body
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min(one.lineno for one in (node, *node.decorator_list))
            if node.name == frame.f_code.co_name and first == frame.f_code.co_firstlineno:
                return node.body
    return None


def reads(call: ast.Call, depth: int) -> bool:
    """Return whether a call reads the command line, or a function of the program that does."""
    if reading_calls.reading_calls([call]):
        return not reading_calls.has_list(call)
    name = reading_calls.called_name(call)
    return depth > 0 and any(
        isinstance(inner, ast.Call) and reads(inner, depth - 1)
        for function in functions_of(name)
        for inner in reading_calls.own_nodes(function.body)
    )


def functions_of(name: str) -> Iterator[ast.FunctionDef]:
    """Yield the functions of a name in the files that were read, and what makes such objects."""
    for tree in list(trees.values()):
        for node in () if tree is None else ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == name:
                yield node
            if isinstance(node, ast.ClassDef) and node.name == name:
                yield from (one for one in node.body if isinstance(one, ast.FunctionDef))


def go_on(frame: FrameType, line: int, reply: Any) -> None:
    """Let the program go on up to the end of a line of a frame, and reply then at the latest."""

    def follow(current: FrameType, event: str, _argument: Any) -> Any:
        if event == "return" or (event == "line" and current.f_lineno > line):
            reply.send()
        return follow

    frame.f_trace = follow
    sys.settrace(lambda *_: None)  # without one, frames are not traced
    timer = threading.Timer(LIMIT_S, reply.send)
    timer.daemon = True
    timer.start()
