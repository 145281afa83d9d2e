"""A log directory of runs: links to their event files, and event files with hyperparameters.

TensorBoard keeps the first metadata that it reads of a run, so each is written once: the columns
as soon as a run has reported scalars, the start of a session when the run has started, and its end
when the run has ended.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.atomic_file import atomic_folder
from tunesmith.batch import BatchSpec
from tunesmith.errors import TunesmithError
from tunesmith.executor.events import find_event_files, find_event_tags
from tunesmith.flags.values import flags_key
from tunesmith.objective import BUILT_IN, Objective
from tunesmith.scalar import MAX_DRAWN, ScalarColumn, ScalarSeries, thinned
from tunesmith.scalar_names import meant_tag
from tunesmith.storage.store import Store
from tunesmith.tensorboard.bounds import chosen_tags, max_points, max_tags
from tunesmith.tensorboard.event_file import EventFile, Metric, new_event_file
from tunesmith.tensorboard.event_file_links import EventFilePlacer, has_session
from tunesmith.tensorboard.hparams import (
    PRUNED,
    TIME,
    HParamType,
    flags_of,
    hparam_types,
    to_hparams,
)
from tunesmith.trial import Run, TrialStatus, short_id


@dataclass(slots=True, kw_only=True)
class _Session:
    """What has been written for one run."""

    folder: Path
    group: str
    """The name of its row, which runs with the same flags and source share."""
    is_begun: bool = False
    is_ended: bool = False
    linked: set[Path] = field(default_factory=set)
    """The run's event files that have been handled: linked, or left out."""


class LogDirectory:
    """A log directory that can be updated while its runs are running. It is not thread-safe."""

    def __init__(self, root: Path, store: Store, *, is_copied: bool = False) -> None:
        """Take an empty folder.

        Args:
            root: The folder.
            store: The store of the runs.
            is_copied: Whether to copy event files, so that the folder can be moved; else they are
                linked.
        """
        self._root = root
        self._store = store
        self._placer = EventFilePlacer(is_copied=is_copied)
        self._sessions: dict[str, _Session] = {}
        self._groups: dict[str, str] = {}
        self._types: dict[str, HParamType] = {}
        self._tags: list[str] = []
        self._left_out: frozenset[str] = frozenset()
        """The scalars beyond what TensorBoard can show."""
        self._max_points = MAX_DRAWN
        self._is_thinned = False
        self._has_experiment = False
        self._measured: tuple[str, ...] = ()
        """What runs used that is an objective, or constrained, and that they do not print."""
        self._marks_pruned = False
        """Whether runs may be pruned, and no scalar has the name of the column that says so."""

    @property
    def flags(self) -> Sequence[str]:
        """The names of the columns that are flags."""
        return sorted(self._types)

    @property
    def metrics(self) -> Sequence[str]:
        """The names of the columns that are scalars."""
        return [*self._tags, *self._measured, *([PRUNED] if self._marks_pruned else []), TIME]

    @property
    def n_runs(self) -> int:
        """The number of runs in it."""
        return len(self._sessions)

    @property
    def notes(self) -> list[str]:
        """Notes on the scalars that it does not hold; the store keeps every point."""
        found = []
        if self._left_out:
            n_all = len(self._tags) + len(self._left_out)
            found.append(f"the TensorBoard files hold {len(self._tags)} of {n_all} scalars")
        if self._is_thinned:
            found.append(
                f"the TensorBoard files hold at most {self._max_points} points of each series, "
                "including the lowest and the highest; to export all points: "
                "tunesmith tensorboard --export-scalars FILE"
            )
        return found

    def update(self, runs: Sequence[Run]) -> set[str]:
        """Write what is new.

        Args:
            runs: The current state of the runs; batches and runs not started are left out.

        Returns:
            The flags and scalars that TensorBoard will not show, since the columns are fixed.
        """
        started = [run for run in runs if run.started is not None and not run.is_batch]
        if not self._has_experiment:
            self._choose_columns(started)
        is_one_batch = len({run.batch for run in started}) == 1
        for run in sorted(started, key=lambda one: (one.batch, one.number)):
            if run.id not in self._sessions:
                self._add(run, is_one_batch=is_one_batch)
        for run in started:
            session = self._sessions[run.id]
            if not session.is_ended:
                self._link_event_files(run)
            if not session.is_begun and not run.status.is_finished:
                with new_event_file(session.folder, name="start") as file:
                    self._begin(run, file)
        finished = [run for run in started if run.status.is_finished]
        self._end([run for run in finished if not self._sessions[run.id].is_ended])
        return self._without_column(started)

    def _choose_columns(self, runs: Sequence[Run]) -> None:
        """Choose the columns, and write them as soon as a run has finished."""
        self._types = hparam_types(runs)
        known = {tag for run in runs for tag in run.scalars} - {TIME}
        first = self._objectives(runs, known) if len(known) > max_tags(runs) else ()
        self._tags = chosen_tags(runs, first=first)
        self._left_out = frozenset(known.difference(self._tags))
        wanted = {tag for spec in self._specs(runs) for tag in spec.wanted_tags}
        self._measured = tuple(one for one in BUILT_IN if one in wanted - known)
        is_pruning = any(spec.pruning is not None for spec in self._specs(runs))
        is_pruned = any(run.status is TrialStatus.PRUNED for run in runs)
        self._marks_pruned = (is_pruning or is_pruned) and PRUNED not in known
        if not any(run.status.is_finished for run in runs):
            return
        metrics = [Metric.from_tag(tag) for tag in self.metrics]
        created = min(run.started or 0.0 for run in runs)
        with new_event_file(self._root, name="columns") as file:
            file.write_experiment(self._types, metrics, created=created)
        self._has_experiment = True

    def _objectives(self, runs: Iterable[Run], known: Collection[str]) -> set[str]:
        """Return the objectives of the runs' batches."""
        names = (tag for spec in self._specs(runs) for tag in spec.wanted_tags)
        return {meant_tag(name, known) or "" for name in names}

    def _specs(self, runs: Iterable[Run]) -> Iterator[BatchSpec]:
        """Yield the specifications of the runs' batches that are readable."""
        for batch in {run.batch for run in runs if run.is_trial}:
            with suppress(TunesmithError):
                yield self._store.batch(batch)

    def _add(self, run: Run, *, is_one_batch: bool) -> None:
        name = _folder_name(run, is_one_batch=is_one_batch)
        key = f"{run.operation}:{run.source_digest}:{flags_key(run.flags)}"
        group = self._groups.setdefault(key, name)
        self._sessions[run.id] = _Session(folder=self._root / name, group=group)

    def _begin(self, run: Run, file: EventFile) -> None:
        session = self._sessions[run.id]
        hparams = to_hparams(run, self._types)
        file.write_start(hparams, group=session.group, started=run.started or 0.0)
        session.is_begun = True

    def _end(self, runs: Sequence[Run]) -> None:
        """Write the scalars, the time and the status of runs that have ended.

        If the start of a run has not been written yet, it goes to the same file: creating files is
        what takes time.
        """
        self._max_points = min(self._max_points, max_points(runs, n_tags=len(self._tags)))
        for run, series in _with_series(self._store, runs):
            self._write_end(run, self._unlinked(run, series))
            self._sessions[run.id].is_ended = True

    def _write_end(self, run: Run, groups: dict[str, list[ScalarSeries]]) -> None:
        session = self._sessions[run.id]
        stopped = run.stopped or run.started or 0.0
        is_pruned = run.status is TrialStatus.PRUNED
        with new_event_file(session.folder, name="end") as file:
            if not session.is_begun:
                self._begin(run, file)
            self._write_series(file, groups.pop("", []))
            # TensorBoard's parallel coordinates leave out a run without a time
            file.write_scalar(TIME, run.seconds or 0.0, step=0, moment=stopped)
            for name in self._measured:
                used = Objective(column=ScalarColumn(tag=name)).read(run)
                file.write_scalar(name, math.nan if used is None else used, step=0, moment=stopped)
            if self._marks_pruned:
                file.write_scalar(PRUNED, float(is_pruned), step=0, moment=stopped)
            # nothing went wrong with a pruned run
            is_success = is_pruned or run.status is TrialStatus.COMPLETED
            file.write_end(is_success=is_success, stopped=stopped)
        for group, members in groups.items():
            with new_event_file(session.folder / group, name="scalars") as file:
                self._write_series(file, members)

    def _write_series(self, file: EventFile, series: Iterable[ScalarSeries]) -> None:
        for one in series:
            drawn = thinned(one, self._max_points)
            self._is_thinned = self._is_thinned or drawn is not one
            file.write_series(drawn, tag=Metric.from_tag(one.tag).tag)

    def _unlinked(self, run: Run, series: Sequence[ScalarSeries]) -> dict[str, list[ScalarSeries]]:
        """Return the scalars that no linked event file has, by the folder of their prefix."""
        known = set()
        if self._links(run):
            known = find_event_tags(self._directory(run), {one.tag for one in series})
        groups: dict[str, list[ScalarSeries]] = defaultdict(list)
        for one in series:
            if one.tag not in known and one.tag != TIME and one.tag not in self._left_out:
                groups[Metric.from_tag(one.tag).group].append(one)
        return groups

    def _directory(self, run: Run) -> Path:
        return self._store.layout.trial_directory(run.batch, run.id)

    def _links(self, run: Run) -> list[Path]:
        """Return the script's event files that are in the log directory."""
        linked = self._sessions[run.id].linked
        return [path for path in linked if not has_session(path)]

    def _link_event_files(self, run: Run) -> None:
        """Link or copy the event files that the script has written so far.

        A file with hyperparameters of its own would hide ours, so its scalars are written instead.
        """
        directory, session = self._directory(run), self._sessions[run.id]
        if self._placer.is_copied and not run.status.is_finished:
            return
        for path in find_event_files(directory):
            if path in session.linked:
                continue
            session.linked.add(path)
            if not has_session(path):
                self._placer.place(path, session.folder / path.relative_to(directory))

    def _without_column(self, runs: Iterable[Run]) -> set[str]:
        if not self._has_experiment:
            return set()
        names = {name for run in runs for name, one in flags_of(run).items() if one is not None}
        tags = {tag for run in runs for tag in run.scalars}
        return (names - self._types.keys()) | (tags - {*self._tags, *self._left_out, TIME})


def write_batch_summaries(store: Store, batch: str, runs: Sequence[Run]) -> LogDirectory:
    """Write the log directory of a batch beside its trials, and replace an older one.

    Returns:
        The log directory, which must not be updated.
    """
    with atomic_folder(store.layout.summaries(batch)) as draft:
        directory = LogDirectory(draft, store)
        directory.update(runs)
    return directory


def _folder_name(run: Run, *, is_one_batch: bool) -> str:
    """Return a name that sorts by the trial's number; TensorBoard shows it as the trial's id."""
    if not run.is_trial:
        return short_id(run.id)
    name = f"{run.number:04}-{short_id(run.id)}"
    return name if is_one_batch else f"{short_id(run.batch)}-{name}"


def _with_series(
    store: Store, runs: Iterable[Run]
) -> Iterator[tuple[Run, Sequence[ScalarSeries]]]:
    """Yield each run with its scalars; unreadable scalars are left out."""
    by_batch: dict[str, dict[str, Run]] = defaultdict(dict)
    for run in runs:
        by_batch[run.batch][run.id] = run
    for batch, members in by_batch.items():
        wanted = [run.id for run in members.values() if run.scalars]
        with suppress(TunesmithError, KeyError):
            for run_id, series in store.each_series(batch, wanted):
                yield members.pop(run_id), series
        for run in members.values():
            yield run, ()
