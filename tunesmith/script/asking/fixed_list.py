"""Refuses programs that read a list of their own instead of the command line."""

import ast
from collections.abc import Iterable

from tunesmith.errors import ScriptError
from tunesmith.script.asking.reading_calls import has_list, reading_calls


def check_reading(trees: Iterable[ast.Module], script: str) -> None:
    """Check that a script reads its command line, and not only a fixed list: ``parse_args([])``.

    Raises:
        ScriptError: All its parsers get a fixed list, so that no flag would reach it.
    """
    calls = reading_calls(node for tree in trees for node in ast.walk(tree))
    if calls and all(map(has_list, calls)):
        raise ScriptError(
            f"{script} parses a fixed list in line {calls[0].lineno} instead of its "
            "command line, so no flag reaches it: write parse_args()"
        )
