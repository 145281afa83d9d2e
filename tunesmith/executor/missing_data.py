"""Files of the project that a trial has missed: they are given to it, and to the later ones."""

import os
from pathlib import Path

from tunesmith.errors import TunesmithError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.failure_hints import N_READ, find_missing
from tunesmith.executor.links import place_links
from tunesmith.executor.output_log import tail_lines
from tunesmith.storage.files.data_state import DataRules, DataState, read_state
from tunesmith.storage.files.kept_data import KeptData
from tunesmith.storage.files.project_files import is_module
from tunesmith.storage.files.secret_files import is_secret_file
from tunesmith.storage.files.source_kinds import left_by_runs
from tunesmith.trial import TrialRecord, TrialStatus


def take_missing(context: BatchContext, record: TrialRecord) -> str | None:
    """Take what a failed trial has missed into the batch's data, and return its path.

    Return None where nothing is missing, or where it is not to be taken without being asked for: a
    secret, what another run has left behind, or too much of it.

    Args:
        context: The batch.
        record: The trial.
    """
    spec, project = context.spec, Path(context.spec.project)
    is_taken = record.status is TrialStatus.ERROR and not spec.execution.is_in_place
    if not is_taken or context.stop.is_draining:
        return None
    layout = context.store.layout
    placing = place_links(project, spec.script, spec.execution.links, context.data)
    name = find_missing(
        tail_lines(layout.output(record.batch, record.id), N_READ),
        project=project,
        directory=layout.trial_directory(record.batch, record.id).joinpath(*placing.folder),
        folder=Path(spec.script).parent,
    )
    if name is None or _is_apart(project, spec.script, name):
        return None
    for path in _wholes(name):
        if path not in context.data and (state := _read(context, project / path)) is not None:
            try:
                digest = KeptData(context.store.layout).keep(_real(project / path), state)
            except TunesmithError:
                return None
            context.missed_data[path] = digest
            return path
    return None


def _wholes(name: str) -> list[str]:
    """Return what to take for a missing file: its folder, whose other files come next, or it."""
    folder = name.rpartition("/")[0]
    is_alone = is_module(name) or folder.rpartition("/")[2] in ("", "..")
    return [name] if is_alone else [folder, name]


def _read(context: BatchContext, path: Path) -> DataState | None:
    """Return what a path has; None where that is too much, or the project itself."""
    target = _real(path)
    if _real(Path(context.spec.project)).is_relative_to(target):
        return None
    try:
        state = read_state(target, DataRules(home=context.store.layout.home))
    except OSError:
        return None
    return state if state.is_whole and state.files else None


def _is_apart(project: Path, script: str, name: str) -> bool:
    left = left_by_runs(project, script)
    return is_secret_file(name) or any(f"{name}/".startswith(f"{one}/") for one in left)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
