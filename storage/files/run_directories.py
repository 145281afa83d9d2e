"""Run directories: made when a trial starts, with a note of when and where it did."""

import errno
import json
import os
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tunesmith.atomic_file import write_atomically
from tunesmith.identity import is_count
from tunesmith.regular_file import open_regular
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.objects.os_errors import explained
from tunesmith.trial import trial_id

MAX_NOTE_BYTES = 64 * 1024
"""The longest note that is read: a script may have put anything in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """When and where the latest attempt of a trial started."""

    number: int
    attempt: int
    started: float
    """Seconds since 1970, UTC."""
    pid: int
    """The process that started it; 0 where it is not known."""
    host: str
    """The name of its machine; empty where it is not known."""


def start_trial(layout: Layout, batch_id: str, start: Start) -> Path:
    """Make a trial's run directory, empty but for ``.run``, note the start, and return it.

    What an earlier attempt left is kept in ``.run``: its files as ``files.<attempt>``, its output
    as ``output.<attempt>``, with 0 for an attempt that left no note.

    Args:
        layout: The store's paths.
        batch_id: The batch's id.
        start: The start of the new attempt.

    Raises:
        StoreAccessError: The directory cannot be made.
    """
    trial = trial_id(batch_id, start.number)
    directory, metadata = (
        layout.trial_directory(batch_id, trial),
        layout.run_metadata(batch_id, trial),
    )
    with explained("write to", directory):
        make_batch_directory(layout, batch_id)
        for folder in (directory, metadata):
            _make_own(folder)
        earlier = read_start(layout, batch_id, start.number)
        _put_aside(directory, metadata, attempt=earlier.attempt if earlier else 0)
        _write(layout.started(batch_id, trial), start)
    return directory


def make_batch_directory(layout: Layout, batch_id: str) -> None:
    """Make the folder of a batch's trials where it is missing.

    Raises:
        OSError: A link is in its place, or the system refuses.
    """
    if not layout.trials.is_dir():
        layout.trials.mkdir(mode=0o700)
    folder = layout.batch_directory(batch_id)
    if folder.is_symlink():  # not ours: neither to follow nor to remove
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))
    folder.mkdir(mode=0o700, exist_ok=True)


def read_start(layout: Layout, batch_id: str, number: int) -> Start | None:
    """Return the start of a trial's latest attempt, or None where there is no note of one.

    A note that was cut off by a loss of power still says that the trial has started.
    """
    path = layout.started(batch_id, trial_id(batch_id, number))
    try:
        with open_regular(path) as file:
            text, modified = file.read(MAX_NOTE_BYTES), os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
    unclear = Start(number=number, attempt=1, started=modified, pid=0, host="")
    try:
        fields = json.loads(text)
        start = Start(
            number=fields["number"],
            attempt=fields["attempt"],
            started=float(fields["started"]),
            pid=int(fields["pid"]),
            host=str(fields["host"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return unclear
    return start if is_count(start.number) and is_count(start.attempt) else unclear


def started_ids(layout: Layout, batch_id: str) -> frozenset[str]:
    """Return the ids of a batch's trials that have a run directory: one listing for all."""
    try:
        return frozenset(entry.name for entry in os.scandir(layout.batch_directory(batch_id)))
    except OSError:
        return frozenset()


def _put_aside(directory: Path, metadata: Path, *, attempt: int) -> None:
    """Move what an attempt left, so that the next one starts in an empty directory."""
    for entry in list(os.scandir(metadata)):
        is_aside = entry.name.rpartition(".")[2].isdecimal()
        is_note = entry.name == "started.json" and entry.is_file(follow_symlinks=False)
        if not is_note and not is_aside:
            Path(entry.path).replace(metadata / f"{entry.name}.{attempt}")
    left = [entry for entry in os.scandir(directory) if entry.name != metadata.name]
    if not left:
        return
    aside = metadata / f"files.{attempt}"
    _make_own(aside)
    for entry in left:
        with suppress(FileNotFoundError):
            Path(entry.path).rename(aside / entry.name)


def _make_own(folder: Path) -> None:
    """Make a folder of ours; a script may have laid a file or a link there: neither is kept."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        folder.unlink()
    folder.mkdir(mode=0o700, exist_ok=True)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):  # it may have shut it, too
        folder.chmod(0o700)


def _write(path: Path, start: Start) -> None:
    """Write the note as a whole or not at all; it need not survive the loss of power."""
    write_atomically(path, json.dumps(asdict(start)).encode())


def new_start(number: int, *, attempt: int, started: float) -> Start:
    """Return the start of an attempt by this process.

    Args:
        number: The trial's number.
        attempt: Counts from 1.
        started: Seconds since 1970, UTC.
    """
    return Start(
        number=number,
        attempt=attempt,
        started=started,
        pid=os.getpid(),
        host=socket.gethostname(),
    )
