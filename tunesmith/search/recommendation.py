"""The trial to recommend: the one that a model of all trials expects to be the best.

With a noisy objective the best observed value is partly luck. A model that averages over the noise
estimates the mean objective at each evaluated point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.ranking import cost_of
from tunesmith.search.observations import observations
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import is_sequential
from tunesmith.search.space import SearchSpace
from tunesmith.trial import Run, TrialRecord

MIN_RESULTS = 5
"""With fewer results, a model adds nothing to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A trial, and the model's posterior at its point, in the objective's sign and unit."""

    number: int
    """The trial's number within its batch."""
    mean: float
    sd: float


class Posterior(Protocol):
    """A model of the costs, evaluated at each trial."""

    def __call__(
        self, space: SearchSpace, trials: Sequence[Observation], /
    ) -> list[tuple[int, float, float]]:
        """Return number, mean and standard deviation, in the unit of the costs.

        Of every trial that has a cost and lies inside the space.
        """
        ...


def is_recommending(spec: BatchSpec) -> bool:
    """Return whether a batch gets a recommendation: where its optimizer learns from its trials.

    The trials of a grid or a random search are compared by their results alone.
    """
    try:
        return is_sequential(spec.optimizer)
    except SpecificationError:  # results are shown even if the optimizer is not installed
        return True


def recommend(
    spec: BatchSpec,
    trials: Sequence[Run | TrialRecord],
    *,
    posterior: Posterior | None = None,
) -> Recommendation | None:
    """Return the evaluated trial with the best expected objective, of the space searched now.

    None where the batch does not learn from its trials, where it has few results or several
    objectives, or where no model can be fitted to them.

    Args:
        spec: Of the batch.
        trials: Its trials; those of other batches are left out.
        posterior: The model; None for the Gaussian process.
    """
    if spec.more_objectives:  # there is no best trial, but a front
        return None
    if spec.repeats is not None:  # what is expected decides already which one is the best
        return None
    own = [trial for trial in trials if trial.batch == spec.id and trial.number > 0]
    observed = observations(own, (spec.objective,), batch=spec.id)
    costs = {one.number: cost for one in own if (cost := cost_of(spec, one)) is not None}
    # counted first: to ask the optimizer loads it, with numpy
    if len(costs) < MIN_RESULTS or not is_recommending(spec):
        return None
    if posterior is None:
        # scipy takes half a second to import, and only a batch that learns needs it
        from tunesmith.search.gp.expected import posterior_at_trials

        posterior = posterior_at_trials
    try:
        expected = posterior(SearchSpace.of(spec), observed)
    except (ArithmeticError, ValueError):  # a fit may fail: the view is shown without it
        return None
    expected = [one for one in expected if one[0] in costs]
    if not expected:
        return None
    # of trials at one point, which the model cannot tell apart, the best observed
    number, mean, sd = min(expected, key=lambda one: (one[1], costs[one[0]], one[0]))
    return Recommendation(number=number, mean=spec.objective.from_cost(mean), sd=sd)
