"""``tunesmith run --save-sweep``: what was typed, as a file that asks for the same."""

import shlex
from dataclasses import replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.errors import UsageError
from tunesmith.output_file import write_output_file
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.sweeps.opening import SUFFIXES
from tunesmith.sweeps.writing import write_sweep


def save_sweep(request: SweepRequest, spec: BatchSpec, file: str) -> int:
    """Write a sweep file; return the exit code.

    Args:
        request: What was asked for.
        spec: The specification that came of it.
        file: The path of the file.

    Raises:
        UsageError: The file's name is not that of a sweep file.
        SpecificationError: A flag's setting has no form in a file.
        TunesmithError: The file cannot be written.
    """
    path = Path(file)
    if path.suffix.lower() not in SUFFIXES and (path.is_file() or not path.exists()):
        raise UsageError(f"--save-sweep is {file!r}: a sweep file ends in {', '.join(SUFFIXES)}")
    found = spec.optimizer
    whole = replace(
        request,
        optimizer=None if found is None else found.name,
        optimizer_flags=None if found is None else found.settings or None,
    )
    given = {name: setting for name, setting in spec.settings.items() if name in spec.given_names}
    for name in sorted(spec.secrets):
        console.say(f"note: {name} is a secret, and is not written")
    write_output_file(path, write_sweep(whole, given, name=file))
    console.say(f"Wrote {file}; run it with tunesmith run {shlex.quote(file)}")
    return 0
