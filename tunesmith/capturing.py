"""The flags of a script, wherever they are found: in its text, or in its parser."""

from pathlib import Path

from tunesmith.errors import HiddenFlagsError
from tunesmith.executor.process_groups import signal_marked
from tunesmith.flags.definition import ScriptFlags
from tunesmith.script.capture import TIMEOUT_S, ScratchCopy, capture_flags
from tunesmith.script.static_flags import is_certain, read_without_running
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.files.snapshots import read_project


def read_script_flags(
    script: Path, *, project: Path, python: str, home: Path, timeout_s: float = TIMEOUT_S
) -> ScriptFlags:
    """Return the flags of a script.

    Where its text does not show all of them, or a converter of its own has to be asked, a copy of
    its source is run up to the parser. Where that fails, what the text shows has to do.

    Args:
        script: The script.
        project: The folder of which a trial sees a copy.
        python: The interpreter with which it is run if it has to be.
        home: The store's folder, which keeps captured flags if it is there.
        timeout_s: Seconds after which a script that is run is ended.

    Raises:
        HiddenFlagsError: It does not show its options.
        ScriptError: It is missing or is not Python, or the interpreter cannot be run.
    """
    found = read_without_running(script)
    if found is not None and is_certain(found):
        return found
    root, place = project.resolve(), script.resolve()
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
    except HiddenFlagsError:
        if found is None:
            raise
        return found
