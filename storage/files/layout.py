"""The paths of a store."""

import os
from dataclasses import dataclass
from pathlib import Path

from tunesmith.storage.objects.object_names import checked_id

FOLDERS = (
    "batches",
    "plan",
    "parts",
    "runs",
    "series",
    "edits",
    "leases",
    "trials",
    "source",
    "quarantine",
    "cache",
)
"""Every folder of a store."""

METADATA = ".run"
"""The folder of Tunesmith's own files at the top of a run's directory."""


def is_in_place(path: Path, root: Path) -> bool:
    """Return whether no link below a root leads to a path: what one leads to is the user's own.

    A script may have laid one in the place of its folder, or of a file of ours.
    """
    return os.path.realpath(path) == str(Path(os.path.realpath(root), path.relative_to(root)))


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one store."""

    home: Path
    """The ``.tunesmith`` folder itself."""

    def make_folders(self) -> None:
        """Make the store's folders, for its owner alone, where they are missing.

        Raises:
            OSError: The system refuses.
        """
        for folder in (self.home, *(self.home / name for name in FOLDERS)):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def manifest(self) -> Path:
        """The file that says which format the store has."""
        return self.home / "STORE.json"

    @property
    def batches(self) -> Path:
        """Specifications, and how generations ended."""
        return self.home / "batches"

    @property
    def plan(self) -> Path:
        """Proposals, written before they run."""
        return self.home / "plan"

    @property
    def parts(self) -> Path:
        """Finished attempts that are not compacted yet, a folder for each batch."""
        return self.home / "parts"

    @property
    def runs(self) -> Path:
        """Segments, one row a trial: what pandas, DuckDB and Polars read."""
        return self.home / "runs"

    @property
    def series(self) -> Path:
        """Every point of every scalar of the compacted trials."""
        return self.home / "series"

    @property
    def edits(self) -> Path:
        """Labels, tags, deletions."""
        return self.home / "edits"

    @property
    def leases(self) -> Path:
        """Files that running batches hold locked."""
        return self.home / "leases"

    @property
    def trials(self) -> Path:
        """Working directories, a folder for each batch."""
        return self.home / "trials"

    @property
    def source(self) -> Path:
        """Snapshots of projects, by digest."""
        return self.home / "source"

    @property
    def deployments(self) -> Path:
        """Batch files of deployments, by digest."""
        return self.home / "deployments"

    @property
    def quarantine(self) -> Path:
        """Damaged objects that were moved out of the way."""
        return self.home / "quarantine"

    @property
    def cache(self) -> Path:
        """Files that can be rebuilt; they may be deleted at any time."""
        return self.home / "cache"

    @property
    def kept_data(self) -> Path:
        """Copies of data that trials get, by the digest of their state."""
        return self.cache / "data"

    @property
    def shared_source(self) -> Path:
        """Files that trials which have ended share, by the digest of their source."""
        return self.cache / "source"

    @property
    def index(self) -> Path:
        """The SQLite index."""
        return self.cache / "index-v1.sqlite"

    def lease(self, batch_id: str) -> Path:
        """Return the file that a running batch holds locked."""
        return self.leases / checked_id(batch_id)

    def compaction_lock(self, batch_id: str) -> Path:
        """Return the file that is locked while a batch's parts are compacted.

        Its name is that of earlier versions, which may work on the store at the same time.
        """
        return self.leases / f"{checked_id(batch_id)}.seal"

    def handovers(self, batch_id: str) -> Path:
        """Return the folder in which a batch's driver and the workers elsewhere meet."""
        return self.home / "handover" / checked_id(batch_id)

    def batch_directory(self, batch_id: str) -> Path:
        """Return the folder of a batch's working directories."""
        return self.trials / checked_id(batch_id)

    def summaries(self, batch_id: str) -> Path:
        """Return the folder that TensorBoard reads for a batch."""
        return self.batch_directory(batch_id) / "tensorboard"

    def report(self, batch_id: str) -> Path:
        """Return the page that reports on a batch; beside it is the same as Markdown."""
        return self.batch_directory(batch_id) / "report.html"

    def command_log(self, batch_id: str) -> Path:
        """Return the file with the output of a command that runs a batch in the background."""
        return self.batch_directory(batch_id) / "command.log"

    def trial_directory(self, batch_id: str, trial: str) -> Path:
        """Return the working directory of a trial, by the ids of both."""
        return self.batch_directory(batch_id) / checked_id(trial)

    def run_metadata(self, batch_id: str, trial: str) -> Path:
        """Return the folder of Tunesmith's own files in a trial's working directory."""
        return self.trial_directory(batch_id, trial) / METADATA

    def output(self, batch_id: str, trial: str) -> Path:
        """Return the file with the script's output in its latest attempt."""
        return self.run_metadata(batch_id, trial) / "output"

    def started(self, batch_id: str, trial: str) -> Path:
        """Return the file that says when and where the latest attempt started."""
        return self.run_metadata(batch_id, trial) / "started.json"
