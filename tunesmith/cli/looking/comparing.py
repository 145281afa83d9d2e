"""Which runs are looked at side by side: executions of the script, not the batches they are of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tunesmith.cli import console
from tunesmith.cli.options.selection import Choice, filter_runs, name_runs, passing_runs, trials_of
from tunesmith.cli.options.store import is_kept
from tunesmith.errors import NotFoundError, UsageError
from tunesmith.query.cell_source import IndexedRuns, fields_for
from tunesmith.query.selection import select
from tunesmith.storage.index.column_list import list_columns
from tunesmith.storage.index.run_list import list_latest, list_runs
from tunesmith.storage.store import Store
from tunesmith.trial import Run, short_id


def chosen_runs(
    every: Sequence[Run], choice: Choice, *, is_with_batches: bool = False
) -> list[Run]:
    """Return the runs to compare; an index counts in the list that ``tunesmith runs`` shows.

    Batches are left out, but a selection of nothing but batches stands for their trials.

    Raises:
        NotFoundError: A text names no run.
        QueryError: A text cannot be read.
    """
    chosen = name_runs(filter_runs(every, choice), choice)
    if is_with_batches:
        return chosen
    if not all(run.is_batch for run in chosen):
        return [run for run in chosen if not run.is_batch]
    trials = trials_of(every, chosen)
    own = choice.trial_filter
    return [trial for batch in chosen for trial in trials[batch.id] if own.matches(trial)]


def indexed_runs(store: Store, *, attributes: Collection[str]) -> IndexedRuns:
    """Return all runs that are no batches, by column, and warn of what could not be read.

    Args:
        store: Where they are.
        attributes: Which attributes will be asked for, beside flags and scalars.
    """
    listed = list_columns(store, fields_for(attributes))
    for warning in listed.warnings:
        console.warn(warning)
    return IndexedRuns(listed.columns)


def chosen_batch(every: Sequence[Run], choice: Choice) -> Run:
    """Return the one batch that a command line names, by itself or by a trial; else the latest.

    Raises:
        NotFoundError: There is none, or what is named is of no batch.
        UsageError: Several runs are named.
    """
    if len(choice.texts) > 1:
        raise UsageError(f"{len(choice.texts)} runs are named: name one batch")
    named = name_runs(filter_runs(every, choice), choice)
    batches = {run.id: run for run in every if run.is_batch}
    found = [batches[run.batch] for run in named if run.batch in batches]
    if found:
        return found[0]
    if named and choice.texts:
        raise NotFoundError(
            f"{short_id(named[0].id)} is a single run: name a batch, as {_example(batches)}"
        )
    raise NotFoundError(
        "there is no batch yet: start one, as in tunesmith run train.py x=[-1,0,1]"
        if choice.is_empty
        else "no batch passes the filters: see all runs with tunesmith runs --all"
    )


def _example(batches: Mapping[str, Run]) -> str:
    return short_id(next(iter(batches), "1933bdcb"))


@dataclass(slots=True, kw_only=True)
class LiveChoice:
    """The runs that a command line selected, read again and again while a view is open."""

    store: Store
    choice: Choice
    is_with_batches: bool = False
    _ids: frozenset[str] = frozenset()
    """What the texts of the command line named when the view was opened."""

    def read_first(self, *, n_latest: int | None = None) -> list[Run]:
        """Return the runs to open a view with.

        Args:
            n_latest: How many of the newest are enough, where no others are asked for; None for
                all.

        Raises:
            NotFoundError: A text names no run.
            QueryError: A text cannot be read.
        """
        if self.choice.is_empty and n_latest is not None:
            return self._shown(list_latest(self.store, n_latest).runs)
        every = self.read_every()
        if self.choice.texts:
            # an index means the run that it named when it was typed, also when newer ones come
            named = select(filter_runs(every, self.choice), self.choice.texts).runs
            self._ids = frozenset(run.id for run in named)
        return chosen_runs(every, self.choice, is_with_batches=self.is_with_batches)

    def read_again(self) -> list[Run]:
        """Return the runs as they are now; new trials of a selected batch are among them."""
        every = self.read_every()
        if not self.choice.texts:
            return self._shown(passing_runs(every, self.choice))
        named = [run for run in every if run.id in self._ids]
        if self.is_with_batches or not all(run.is_batch for run in named):
            return self._shown(named)
        own = self.choice.trial_filter
        trials = (run for run in every if run.is_trial and run.batch in self._ids)
        return [run for run in trials if own.matches(run)]

    def read_every(self) -> list[Run]:
        """Return all runs that are not deleted; what is unreadable is left out without a word."""
        return [run for run in list_runs(self.store).runs if is_kept(run)]

    def _shown(self, runs: Sequence[Run]) -> list[Run]:
        return [run for run in runs if self.is_with_batches or not run.is_batch]
