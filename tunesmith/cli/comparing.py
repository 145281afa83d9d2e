"""Which runs are looked at side by side: executions of the script, not the batches they are of."""

from collections.abc import Sequence

from tunesmith.cli.selecting import Choice, filter_runs, name_runs, trials_of
from tunesmith.trial import Run


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
