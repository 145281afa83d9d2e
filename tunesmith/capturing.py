"""Finds the flags of a script: in its text, or in its parser, up to which a copy is run."""

import os
from dataclasses import replace
from pathlib import Path

from tunesmith.errors import HiddenFlagsError
from tunesmith.executor.process_groups import signal_marked
from tunesmith.flags.definition import ScriptFlags
from tunesmith.script.asking.capture import TIMEOUT_S, ScratchCopy, capture_flags
from tunesmith.script.parsers_elsewhere import parses_elsewhere
from tunesmith.script.static_flags import (
    WITHOUT_PARSER,
    ScriptText,
    flags_of,
    is_certain,
    read_script_text,
)
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.files.snapshots import read_project


def read_script_flags(
    script: Path, *, project: Path, python: str, home: Path, timeout_s: float = TIMEOUT_S
) -> ScriptFlags:
    """Return the flags of a script.

    If its text does not show all of them, or it has converters of its own, a copy of its source is
    run up to the parser. If that fails, the flags that the text shows are returned.

    Args:
        script: The script.
        project: The folder of which trials get a copy.
        python: The interpreter that runs it, if necessary.
        home: The store's folder, in which captured flags are cached if it exists.
        timeout_s: Seconds after which a running script is ended, 60 by default.

    Raises:
        HiddenFlagsError: Its options cannot be found.
        ScriptError: It is missing or not Python, or the interpreter cannot be run.
    """
    root, place = project.resolve(), script.resolve()
    text = read_script_text(script)
    found = flags_of(text)
    if found is not None and is_certain(found) and not _is_elsewhere(found, text, place, root):
        return found
    source = read_project(root, place, home.absolute())
    copy = ScratchCopy(
        script=place.relative_to(root).as_posix(),
        digest=source.digest,
        write=source.write,
        end_marked=signal_marked,
    )
    try:
        return capture_flags(
            copy, python=python, cache=Layout(home=home).cache, timeout_s=timeout_s
        )
    except HiddenFlagsError as error:
        if found is None:
            raise
        return replace(found, found_by=f"{found.found_by}; asking the program failed: {error}")


def _is_elsewhere(found: ScriptFlags, text: ScriptText, script: Path, root: Path) -> bool:
    """Return whether other modules read the command line of a script that shows no parser."""
    if found.source not in WITHOUT_PARSER:
        return False
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    inside = (path for one in given if one and (path := Path(one).resolve()).is_relative_to(root))
    return parses_elsewhere(script, text.tree, [*inside, root, root / "src"])
