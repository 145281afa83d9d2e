"""Rows of a comparison: one for each candidate where a batch repeats them."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from tunesmith.candidates import one_each
from tunesmith.errors import TunesmithError
from tunesmith.query.results import format_error
from tunesmith.search.repeating import REPEAT
from tunesmith.storage.store import Store
from tunesmith.trial import Run, trial_id


def one_a_candidate(store: Store, runs: Sequence[Run], every: Sequence[Run]) -> list[Run]:
    """Return one row for each candidate of the batches that repeat them, other runs as they are.

    A candidate stands where the first of its runs was. Runs of batches that cannot be read stay.

    Args:
        store: The store.
        runs: The runs to show.
        every: All runs: a candidate is the mean of all of its own, whichever are shown.
    """
    wanted = {run.batch for run in runs if run.origin == REPEAT and run.is_trial}
    rows: dict[str, Run | None] = {run.id: run for run in runs}
    for batch in wanted:
        with suppress(TunesmithError):
            spec = store.batch(batch)
            if spec.repeats is not None:
                own = [run for run in every if run.batch == batch and run.is_trial]
                kept = [run for run in own if not run.is_deleted]
                placed = _placed(runs, one_each(spec, kept))
                rows |= dict.fromkeys(run.id for run in own if run.id in rows)
                rows |= placed
    return [run for run in rows.values() if run is not None]


def _placed(runs: Sequence[Run], candidates: Iterable[Run]) -> dict[str, Run]:
    """Return candidates by the id of the run in whose place each stands, but for those of none."""
    placed: dict[str, Run] = {}
    for one in candidates:
        numbers = (one.number,) if one.repeated is None else one.repeated.numbers
        ids = {trial_id(one.batch, number) for number in numbers}
        place = next((run.id for run in runs if run.id in ids), None)
        if place is not None:
            placed[place] = one
    return placed


def repeats_marks(runs: Iterable[Run]) -> dict[str, str]:
    """Return the error of the mean of each candidate, and how many runs it has, by id."""
    return {run.id: format_error(run.repeated) for run in runs if run.repeated is not None}


def with_all_runs(every: Iterable[Run], rows: Sequence[Run]) -> list[Run]:
    """Return rows with all runs of the candidates among them.

    Args:
        every: All runs.
        rows: Rows of a comparison.
    """
    ids = {
        trial_id(row.batch, number)
        for row in rows
        if row.repeated is not None
        for number in row.repeated.numbers
    }
    single = [row for row in rows if row.repeated is None]
    return [*single, *(run for run in every if run.id in ids)]
