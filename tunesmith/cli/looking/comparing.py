"""Which runs are compared: executions of the script, not the batches that they belong to."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from tunesmith.cli import console
from tunesmith.cli.looking.candidate_rows import one_a_candidate
from tunesmith.cli.options.chosen_runs import (
    choose_runs,
    filter_runs,
    name_all,
    name_runs,
    passing_runs,
    trials_of,
)
from tunesmith.cli.options.selection import Choice
from tunesmith.cli.options.store import is_kept
from tunesmith.errors import NotFoundError, TunesmithError, UsageError
from tunesmith.query.cell_source import IndexedRuns, fields_for
from tunesmith.query.results import marks_of, result_columns
from tunesmith.scalar import ScalarColumn
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus, short_id

N_READ = 8
"""Batches whose specifications are read for their objectives."""


def chosen_runs(
    every: Sequence[Run], choice: Choice, *, is_with_batches: bool = False
) -> list[Run]:
    """Return the runs to compare; an index counts within the list that ``tunesmith runs`` shows.

    Batches are left out; but where only batches are selected, their trials are returned.

    Args:
        every: All runs.
        choice: What the command line selects.
        is_with_batches: Whether to keep batches.

    Raises:
        NotFoundError: An argument names no run.
        QueryError: An argument is invalid.
    """
    chosen = _named(every, choice, is_with_batches=is_with_batches)
    if is_with_batches:
        return chosen
    if not all(run.is_batch for run in chosen):
        return [run for run in chosen if not run.is_batch]
    trials = trials_of(every, chosen)
    own = choice.trial_filter
    return [trial for batch in chosen for trial in trials[batch.id] if own.matches(trial)]


def is_of_trials(every: Sequence[Run], choice: Choice) -> bool:
    """Return whether a command line names single runs or trials, not only batches."""
    return bool(choice.texts) and not all(
        run.is_batch for run in _named(every, choice, is_with_batches=False)
    )


def _named(every: Sequence[Run], choice: Choice, *, is_with_batches: bool) -> list[Run]:
    passing = filter_runs(every, choice)
    return name_runs(passing, choice) if is_with_batches else name_all(every, passing, choice)


def indexed_runs(store: Store, *, attributes: Collection[str]) -> IndexedRuns:
    """Return all runs but the batches, by column; print a warning for each unreadable object.

    Args:
        store: The store.
        attributes: The attributes that are needed beside flags and scalars.
    """
    listed = store.list_columns(fields_for(attributes))
    for warning in listed.warnings:
        console.warn(warning)
    return IndexedRuns(listed.columns)


def objectives(store: Store, batches: Iterable[str]) -> Iterator[ScalarColumn]:
    """Yield the objectives of the first few batches, by id; unreadable ones are left out."""
    for batch in islice(dict.fromkeys(batches), N_READ):
        with suppress(TunesmithError):
            yield from result_columns(store.batch(batch))


def front_marks(store: Store, every: Sequence[Run], chosen: Sequence[Run]) -> dict[str, str]:
    """Return the mark of each trial on the front of its batch, by id.

    A front is that of a whole batch, whichever of its trials are chosen. Batches of one objective
    have none, nor have those that cannot be read.

    Args:
        store: The store.
        every: All runs.
        chosen: Those of whose batches the fronts are wanted.
    """
    marks: dict[str, str] = {}
    wanted = {run.batch for run in chosen if run.is_trial}
    for batch, trials in _by_batch(run for run in every if run.batch in wanted).items():
        with suppress(TunesmithError):
            spec = store.batch(batch)
            if spec.more_objectives:
                marks |= marks_of(spec, trials)
    return marks


def _by_batch(runs: Iterable[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        if run.is_trial:
            found.setdefault(run.batch, []).append(run)
    return found


def hold_marks(store: Store, chosen: Sequence[Run]) -> dict[str, str]:
    """Return whether each completed trial meets the constraints of its batch, by id.

    Trials of batches without constraints, or of unreadable ones, are left out.
    """
    marks: dict[str, str] = {}
    for batch, trials in _by_batch(chosen).items():
        with suppress(TunesmithError):
            spec = store.batch(batch)
            marks |= {
                run.id: "no" if spec.violation(run) else "yes"
                for run in trials
                if spec.subject_to and run.status is TrialStatus.COMPLETED
            }
    return marks


def on_front(chosen: Sequence[Run], marks: Mapping[str, str]) -> list[Run]:
    """Return the runs that have a mark, along the front of each batch.

    Raises:
        UsageError: None has one.
    """
    by_id = {run.id: run for run in chosen}
    found = [by_id[one] for one in marks if one in by_id]
    if not found:
        raise UsageError(
            "--pareto shows the best trials of a batch with several objectives, and none is "
            "selected: name one, or start one, as in --minimize loss --minimize seconds"
        )
    return found


def chosen_batch(every: Sequence[Run], choice: Choice) -> Run:
    """Return the one batch that a command line names, itself or by a trial; else the latest.

    Raises:
        NotFoundError: There is no batch, or the named run belongs to none.
        UsageError: Several runs are named.
    """
    if len(choice.texts) > 1:
        raise UsageError(f"expected one batch, and {len(choice.texts)} runs are named: name one")
    named = choose_runs(every, choice)
    batches = {run.id: run for run in every if run.is_batch}
    found = [batches[run.batch] for run in named if run.batch in batches]
    if found:
        return found[0]
    if named and choice.texts:
        raise NotFoundError(
            f"{short_id(named[0].id)} is a single run: name a batch, such as {_example(batches)}"
        )
    raise NotFoundError(
        "there is no batch yet: start one, as in tunesmith run train.py x=[-1,0,1]"
        if choice.is_empty
        else "no batch matches the filters: list all runs with tunesmith runs --all"
    )


def _example(batches: Mapping[str, Run]) -> str:
    return short_id(next(iter(batches), "1933bdcb"))


@dataclass(slots=True, kw_only=True)
class LiveChoice:
    """The runs that a command line selects, read repeatedly while a view is open."""

    store: Store
    choice: Choice
    is_with_batches: bool = False
    is_front_only: bool = False
    is_by_candidate: bool = False
    """Whether repeated candidates have one row each."""
    _ids: frozenset[str] = frozenset()
    """The runs that the RUN arguments named when the view was opened."""

    def read_first(self, *, n_latest: int | None = None) -> list[Run]:
        """Return the runs to open a view with.

        Args:
            n_latest: If nothing is selected, how many of the newest runs to return; None for all.

        Raises:
            NotFoundError: An argument names no run.
            QueryError: An argument is invalid.
        """
        if self.choice.is_empty and n_latest is not None:
            latest = self.store.list_latest(n_latest).runs
            return self._rows(self._shown(latest), latest)
        every = self.read_every()
        if self.choice.texts:
            # an index keeps naming the run that it named at first, even when newer runs appear
            named = _named(every, self.choice, is_with_batches=self.is_with_batches)
            self._ids = frozenset(run.id for run in named)
        chosen = chosen_runs(every, self.choice, is_with_batches=self.is_with_batches)
        chosen = self._rows(chosen, every)
        if not self.is_front_only:
            return chosen
        return on_front(chosen, front_marks(self.store, every, chosen))

    def read_again(self) -> list[Run]:
        """Return the current state of the runs, including new trials of a selected batch."""
        every = self.read_every()
        found = self._rows(self._selected(every), every)
        if not self.is_front_only:
            return found
        marks = front_marks(self.store, every, found)
        return [run for run in found if run.id in marks]

    def _rows(self, runs: list[Run], every: Sequence[Run]) -> list[Run]:
        if not self.is_by_candidate or self._ids - {run.batch for run in runs}:
            return runs  # trials were named, and not their batch
        return one_a_candidate(self.store, runs, every)

    def _selected(self, every: Sequence[Run]) -> list[Run]:
        """Return the runs that are selected, as they are now."""
        if not self.choice.texts:
            return self._shown(passing_runs(every, self.choice))
        named = [run for run in every if run.id in self._ids]
        if self.is_with_batches or not all(run.is_batch for run in named):
            return self._shown(named)
        own = self.choice.trial_filter
        trials = (run for run in every if run.is_trial and run.batch in self._ids)
        return [run for run in trials if own.matches(run)]

    def read_every(self) -> list[Run]:
        """Return all runs that are not deleted; unreadable ones are silently left out."""
        return [run for run in self.store.list_runs().runs if is_kept(run)]

    def _shown(self, runs: Sequence[Run]) -> list[Run]:
        return [run for run in runs if self.is_with_batches or not run.is_batch]
