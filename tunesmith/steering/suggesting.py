"""Ask: the trials that a search proposes to whoever runs them by themselves."""

from dataclasses import replace

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.executor.proposing import plan_trials
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, short_id


def suggest(store: Store, batch: str, *, n: int) -> list[PlannedTrial]:
    """Propose trials, which the store has durably once this returns.

    Trials without a result are pending: they are not proposed again, whoever runs them.

    Args:
        store: The store of the batch.
        batch: The batch's id.
        n: Maximum number of trials; fewer come back where the search space is exhausted.

    Raises:
        LeaseHeldError: A process runs the batch.
        SpecificationError: It searches nothing, or the number is less than one.
        NotFoundError: There is no such batch.
    """
    check_number(n)
    with store.hold(batch):
        spec = searching(store, batch)
        trials = RecordedTrials()
        trials.load(spec, store)
        first = max(trials.planned, default=0) + 1
        proposed = plan_trials(spec, trials, number=first, n=n)
        planned = [replace(one, is_asked=True) for one in proposed]
        store.put_plan(batch, planned)
    return planned


def check_number(n: int) -> None:
    """Check how many trials are asked for.

    Raises:
        SpecificationError: It is less than one.
    """
    if n < 1:
        raise SpecificationError(f"{n} suggestions were asked for: expected 1 or more")


def unfinished(store: Store, batch: str) -> list[PlannedTrial]:
    """Return the planned trials of a batch that have no result, in the order of their numbers."""
    done = {record.number for record in store.recorded(batch).records}
    return [one for one in store.plan(batch) if one.number not in done]


def searching(store: Store, batch: str) -> BatchSpec:
    """Return the specification of a batch that searches.

    Raises:
        SpecificationError: It is a single run.
        NotFoundError: There is no such batch.
    """
    spec = store.batch(batch)
    if spec.is_single:
        raise SpecificationError(
            f"{short_id(batch)} is a single run of {spec.operation}, which searches nothing: name "
            "a batch"
        )
    return spec
