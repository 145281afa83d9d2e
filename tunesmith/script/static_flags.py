"""Which flags a script's text shows."""

from pathlib import Path

from tunesmith.flags.definition import ScriptFlags
from tunesmith.flags.secret_values import mask_defaults
from tunesmith.script.argparse_flags import check_reading, read_argparse
from tunesmith.script.click_flags import read_click
from tunesmith.script.global_flags import read_globals
from tunesmith.script.imports import imported_modules
from tunesmith.script.source import parse_source, read_source


def is_certain(script_flags: ScriptFlags) -> bool:
    """Return whether nothing of the flags has to be asked of the script's own functions."""
    return all(flag.spelling is not None for flag in script_flags.definitions)


def read_without_running(path: Path) -> ScriptFlags | None:
    """Return the flags that a script's text shows; None where its options are computed.

    Raises:
        ScriptError: The script is missing, or is not Python.
    """
    found = _read_text(path)
    return None if found is None else mask_defaults(found)


def _read_text(path: Path) -> ScriptFlags | None:
    text = read_source(path)
    tree = parse_source(text, path.name)
    modules = imported_modules(tree)
    if "argparse" in modules and "ArgumentParser" in text:
        check_reading([tree], path.name)
        return read_argparse(tree)
    if modules & {"click", "typer"}:
        return read_click(tree)
    return read_globals(text, tree)
