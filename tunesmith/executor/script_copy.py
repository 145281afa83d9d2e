"""What a trial's script is run from: the copy of its source, with its flags written into it."""

from contextlib import suppress
from pathlib import Path, PurePath

from tunesmith.addresses.files import (
    encode_text,
    is_environment_file,
    read_text,
    write_values,
)
from tunesmith.batch import BatchSpec
from tunesmith.errors import TunesmithError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.links import Placing
from tunesmith.executor.program_start import CONFIG_PLACE, config_of, needs_config
from tunesmith.executor.trial_data import note_changes, place_all
from tunesmith.flags.definition import FlagSource
from tunesmith.flags.secret_values import reveal
from tunesmith.flags.values import Flags, FlagValue
from tunesmith.program import ProgramKind
from tunesmith.script.notebook import NOTEBOOK, rewrite_notebook
from tunesmith.script.rewrite import rewrite_globals
from tunesmith.storage.files.confined_writes import (
    remove_file_within,
    replace_file_within,
    write_file_within,
)
from tunesmith.storage.objects.os_errors import explained
from tunesmith.trial import PlannedTrial

_ASSIGNED = (FlagSource.GLOBALS, FlagSource.NOTEBOOK)
"""The sources whose flags are assignments."""


def prepare(
    context: BatchContext, planned: PlannedTrial, directory: Path, placing: Placing
) -> Path:
    """Fill the run's directory, and return the script to run."""
    spec = context.spec
    if needs_config(spec):
        _write_config(context, planned, directory)
    is_written = spec.program.kind is ProgramKind.NOTEBOOK  # with what comes of it
    if spec.execution.is_in_place and not (is_written or _is_rewritten(spec)):
        return Path(spec.project) / spec.script
    context.store.source.place(spec.source_digest, directory, folders=placing.folder)
    placing.link_into(directory)
    data, source = context.data, spec.source_digest
    place_all(context.store.layout, placing, data, directory, source=source)
    if _is_rewritten(spec):
        _write_values(context, reveal(planned.flags, spec.secrets), directory, placing)
    return directory.joinpath(*placing.folder, spec.script)


def _write_config(context: BatchContext, planned: PlannedTrial, directory: Path) -> None:
    """Write the file with flags that a command names as ``{config}``."""
    text = config_of(context.spec, planned.flags)
    with explained("write to", directory):
        write_file_within(directory, PurePath(CONFIG_PLACE).parts, text.encode())


def hide_again(
    context: BatchContext, planned: PlannedTrial, directory: Path, placing: Placing
) -> None:
    """Remove the secrets from what was written into a copy, after its run."""
    if not _is_rewritten(context.spec):
        return
    with suppress(TunesmithError, OSError):  # the script may have removed its folder
        if context.spec.secrets:
            _write_values(context, planned.flags, directory, placing)
        for file in filter(is_environment_file, _by_file(context.spec, planned.flags)):
            remove_file_within(directory, (*placing.folder, *Path(file).parts))


def save_room(
    context: BatchContext, placing: Placing, directory: Path, *, is_complete: bool
) -> None:
    """Share what an ended trial has left unchanged: its source, and for later ones its data.

    Args:
        context: The batch.
        placing: Where its data is.
        directory: The run's directory.
        is_complete: Whether the trial has completed, so that it shows what others change.
    """
    spec, layout = context.spec, context.store.layout
    data = {link.typed: context.data[link.typed] for link in placing.data}
    if is_complete:
        note_changes(layout, placing, data, directory, source=spec.source_digest)
    if not spec.execution.is_in_place:
        folder = directory.joinpath(*placing.folder)
        context.store.source.share(spec.source_digest, folder)


def _is_rewritten(spec: BatchSpec) -> bool:
    """Return whether values are written into files of the copy."""
    is_global = spec.script_flags.source in _ASSIGNED
    return is_global or any(flag.address for flag in spec.script_flags.definitions)


def _write_values(context: BatchContext, flags: Flags, directory: Path, placing: Placing) -> None:
    """Write the files of a copy in which globals and addresses have other values."""
    spec = context.spec
    for file, values in _by_file(spec, flags).items():
        is_apart = is_environment_file(file)  # no copy has it, since it may hold secrets
        source = (
            Path(spec.project) / file
            if is_apart
            else context.store.source.file(spec.source_digest, file)
        )
        original = read_text(source)
        changed = original
        if file == spec.script:
            rewrite = rewrite_notebook if file.endswith(NOTEBOOK) else rewrite_globals
            changed = rewrite(changed, _globals(spec, flags))
        if values:
            changed = write_values(changed, values, name=file)
        if changed != original or is_apart:
            write = write_file_within if is_apart else replace_file_within
            with explained("write to", directory):
                write(
                    directory,
                    (*placing.folder, *Path(file).parts),
                    encode_text(changed, path=source),
                )


def _by_file(spec: BatchSpec, flags: Flags) -> dict[str, dict[str, FlagValue]]:
    """Return the values to write by file and address; the script may have none but globals."""
    is_global = spec.script_flags.source in _ASSIGNED
    found: dict[str, dict[str, FlagValue]] = {spec.script: {}} if is_global else {}
    for name, value in spec.passed(flags).items():
        flag = spec.script_flags.get(name)
        if flag is not None and flag.address:
            file, _, address = flag.address.rpartition(":")
            found.setdefault(file, {})[address] = value
    return found


def _globals(spec: BatchSpec, flags: Flags) -> dict[str, FlagValue]:
    """Return the flags that are assignments in the script, without forced ones."""
    if spec.script_flags.source not in _ASSIGNED:
        return {}
    written = (one for one in spec.script_flags.settable if not one.address and not one.is_passed)
    names = {flag.name for flag in written}
    return {name: value for name, value in spec.passed(flags).items() if name in names}
