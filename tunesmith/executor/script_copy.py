"""What a trial's script is run from: the copy of its source, with its flags written into it."""

from contextlib import suppress
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import TunesmithError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.links import Placing
from tunesmith.flags.definition import FlagSource
from tunesmith.flags.secret_values import reveal
from tunesmith.flags.values import Flags, FlagValue
from tunesmith.script.rewrite import rewrite_globals
from tunesmith.script.source import encode_source, read_source
from tunesmith.storage.files.confined_writes import replace_file_within
from tunesmith.storage.objects.os_errors import explained
from tunesmith.trial import PlannedTrial


def prepare(
    context: BatchContext, planned: PlannedTrial, directory: Path, placing: Placing
) -> Path:
    """Fill the run's directory, and return the script to run."""
    spec = context.spec
    if spec.execution.is_in_place and spec.script_flags.source is not FlagSource.GLOBALS:
        return Path(spec.project) / spec.script
    context.store.source.place(spec.source_digest, directory, folders=placing.folder)
    placing.link_into(directory)
    script = directory.joinpath(*placing.folder, spec.script)
    if spec.script_flags.source is FlagSource.GLOBALS:
        flags = reveal(planned.flags, context.spec.secrets)
        _write_script(context, flags, directory, placing)
    return script


def _write_script(context: BatchContext, flags: Flags, directory: Path, placing: Placing) -> None:
    """Write a copy of the script in which its globals have other values."""
    spec = context.spec
    script = context.store.source.file(spec.source_digest, spec.script)
    original = read_source(script)
    changed = rewrite_globals(original, _globals(spec, flags))
    if changed != original:
        place = (*placing.folder, *Path(spec.script).parts)
        with explained("write to", directory):
            replace_file_within(directory, place, encode_source(changed, path=script))


def hide_again(
    context: BatchContext, planned: PlannedTrial, directory: Path, placing: Placing
) -> None:
    """Remove the secrets from the copy of a script with globals after its run."""
    if context.spec.secrets and context.spec.script_flags.source is FlagSource.GLOBALS:
        with suppress(TunesmithError):  # the script may have removed its folder
            _write_script(context, planned.flags, directory, placing)


def _globals(spec: BatchSpec, flags: Flags) -> dict[str, FlagValue]:
    """Return the flags that are assignments in the script, without forced ones."""
    names = {flag.name for flag in spec.script_flags.settable}
    return {name: value for name, value in spec.passed(flags).items() if name in names}
