"""The files of one run: its folder, its output, and paths within the folder."""

import os
from collections.abc import Iterator
from pathlib import Path

from tunesmith.errors import NotFoundError, UsageError
from tunesmith.storage.files.layout import METADATA, is_in_place
from tunesmith.storage.store import Store
from tunesmith.trial import Run, short_id


def folder_of(store: Store, run: Run) -> Path:
    """Return the folder of a run; for a batch, the folder that holds its trials' folders.

    Raises:
        NotFoundError: The folder is gone, a link is in its place, or the run has not started.
    """
    layout = store.layout
    folder = (
        layout.batch_directory(run.batch)
        if run.is_batch
        else layout.trial_directory(run.batch, run.id)
    )
    if not folder.is_dir():
        raise NotFoundError(
            f"{short_id(run.id)} ({run.status}) has no folder: name a run that has started"
        )
    return _in_place(store, folder)


def _in_place(store: Store, path: Path) -> Path:
    """Return a path of a run, unless it can only be reached by a link.

    Raises:
        NotFoundError: The script has put a link into the path.
    """
    if not is_in_place(path, store.layout.trials):
        raise NotFoundError(f"{path} is behind a link, which is not followed: look there yourself")
    return path


def file_of(folder: Path, name: str) -> Path:
    """Return a file or folder within a run's folder.

    Raises:
        UsageError: The path leads out of the folder, directly or by a link.
        NotFoundError: There is no such file.
    """
    try:
        root, path = folder.resolve(), (folder / name).resolve()
    except (RuntimeError, OSError) as error:  # a circle of links
        raise UsageError(f"{name} cannot be resolved: name a path within the folder") from error
    if path != root and root not in path.parents:
        raise UsageError(f"{name} leads out of the run's folder: name a path within it")
    if not path.exists():
        raise NotFoundError(
            f"{name} is not in the run's folder: list it with tunesmith cat --list"
        )
    return path


def output_of(store: Store, run: Run, *, attempt: int | None = None) -> Path:
    """Return the file with the output of a run.

    Args:
        store: The store.
        run: The run, which must not be a batch.
        attempt: The number of an attempt, from 1; None for the latest.

    Raises:
        UsageError: The run is a batch.
        NotFoundError: There is no such output.
    """
    if run.is_batch:
        raise UsageError(
            f"{short_id(run.id)} is a batch and has no output of its own: name one of its trials, "
            "as listed by tunesmith runs"
        )
    output = store.layout.output(run.batch, run.id)
    if attempt is not None:
        # the output of an earlier attempt is set aside, even where the next one left no record
        aside = output.with_name(f"{output.name}.{attempt}")
        output = aside if aside.is_file() or attempt != run.attempt else output
    if not output.is_file():
        which = "" if attempt is None else f" of attempt {attempt}"
        raise NotFoundError(
            f"{short_id(run.id)} ({run.status}) has no output{which}: list its files with "
            "tunesmith cat --list"
        )
    return _in_place(store, output)


def files_in(folder: Path) -> Iterator[str]:
    """Yield the paths of the files in a run's folder by name, without Tunesmith's own files."""
    for root, folders, names in os.walk(folder):
        place = Path(root).relative_to(folder)
        folders[:] = sorted(name for name in folders if name != METADATA)
        for name in sorted(names):
            yield (place / name).as_posix()
