"""Which flags a script has: read from its text, or else captured from its parser."""

from pathlib import Path

from tunesmith.flags.definition import ScriptFlags
from tunesmith.script.argparse_flags import read_argparse
from tunesmith.script.capture import capture_flags
from tunesmith.script.click_flags import read_click
from tunesmith.script.globals import read_globals
from tunesmith.script.imports import imported_modules
from tunesmith.script.source import parse_source, read_source


def read_script_flags(path: Path, *, python: str, cache: Path | None = None) -> ScriptFlags:
    """Return the flags of a script; it is run only where its options are computed.

    Args:
        path: The script.
        python: The interpreter with which it is run if it has to be.
        cache: Where captured flags are kept; None for nowhere.

    Raises:
        ScriptError: The script is missing, is not Python, or does not show its options.
    """
    return read_without_running(path) or capture_flags(path, python=python, cache=cache)


def read_without_running(path: Path) -> ScriptFlags | None:
    """Return the flags that a script's text shows; None where its options are computed.

    Raises:
        ScriptError: The script is missing, or is not Python.
    """
    text = read_source(path)
    tree = parse_source(text, path.name)
    modules = imported_modules(tree)
    if "argparse" in modules and "ArgumentParser" in text:
        return read_argparse(tree)
    if modules & {"click", "typer"}:
        return read_click(tree)
    return read_globals(text, tree)
