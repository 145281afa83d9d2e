import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.report.conftest import made_spec, made_trials
from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.objective import Direction, Objective
from tunesmith.pruning import Pruned
from tunesmith.search.optimizer import Observation
from tunesmith.search.recommendation import Recommendation, recommend
from tunesmith.search.space import SearchSpace
from tunesmith.trial import TrialStatus

TRIALS = made_trials(8, n_failed=1)


class Expecting:
    """A model that expects given costs of trials, and notes what it was told."""

    def __init__(self, means: dict[int, float]) -> None:
        self.means = means
        self.told: list[Observation] = []

    def __call__(
        self, space: SearchSpace, trials: Sequence[Observation]
    ) -> list[tuple[int, float, float]]:
        self.told += trials
        return [(number, mean, 0.5) for number, mean in self.means.items()]


class Failing:
    """A model that cannot be fitted."""

    def __call__(
        self, space: SearchSpace, trials: Sequence[Observation]
    ) -> list[tuple[int, float, float]]:
        raise ValueError("not positive definite")


def spec_of(optimizer: str | None = "gp", direction: Direction = Direction.MINIMIZE) -> BatchSpec:
    chosen = None if optimizer is None else OptimizerSpec(name=optimizer)
    return replace(made_spec(), optimizer=chosen, objective=Objective(direction=direction))


def test_the_trial_with_the_lowest_expected_cost_is_recommended() -> None:
    model = Expecting({2: 0.5, 3: -0.25, 4: 1.0})
    found = recommend(spec_of(), TRIALS, posterior=model)
    assert found == Recommendation(number=3, mean=-0.25, sd=0.5)


def test_the_model_is_told_of_a_pruned_trial_and_does_not_recommend_it() -> None:
    pruned = replace(
        TRIALS[2],
        status=TrialStatus.PRUNED,
        exit_code=None,
        objective=-9.0,
        pruned=Pruned(point=4, estimate=0.75),
    )
    model = Expecting({2: 0.5, 3: -0.25, 4: 1.0})
    found = recommend(spec_of(), [*TRIALS[:2], pruned, *TRIALS[3:]], posterior=model)
    assert found is not None
    assert found.number == 2
    assert {one.number: one.cost for one in model.told}[3] == 0.75


def test_of_an_objective_to_maximize_the_mean_has_the_objectives_sign() -> None:
    model = Expecting({2: 0.5, 3: -0.25})
    spec = spec_of(direction=Direction.MAXIMIZE)
    assert recommend(spec, TRIALS, posterior=model) == Recommendation(number=3, mean=0.25, sd=0.5)
    costs = {one.number: one.cost for one in model.told}
    assert costs[2] == -(TRIALS[1].objective or 0.0)


def test_of_trials_at_one_point_the_best_observed_is_recommended() -> None:
    model = Expecting({run.number: 0.0 for run in TRIALS[1:]})
    found = recommend(spec_of(), TRIALS, posterior=model)
    best = min(TRIALS[1:], key=lambda run: run.objective or 0.0)
    assert found is not None
    assert found.number == best.number


def test_failed_trials_are_told_without_a_cost_and_other_batches_not_at_all() -> None:
    model = Expecting({2: 0.0})
    other = replace(TRIALS[3], id="00" * 16, batch="00" * 16)
    recommend(spec_of(), [*TRIALS, other], posterior=model)
    assert [one.number for one in model.told] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert model.told[0].cost is None


@pytest.mark.parametrize("optimizer", ["random", "sobol"])
def test_nothing_is_recommended_of_a_search_that_does_not_learn(optimizer: str) -> None:
    model = Expecting({2: 0.0})
    assert recommend(spec_of(optimizer), TRIALS, posterior=model) is None
    assert model.told == []


def test_nothing_is_recommended_of_few_results() -> None:
    few = [replace(run, status=TrialStatus.ERROR, exit_code=1) for run in TRIALS[:4]]
    assert recommend(spec_of(), [*few, *TRIALS[4:]], posterior=Expecting({5: 0.0})) is None


def test_a_model_that_cannot_be_fitted_recommends_nothing() -> None:
    assert recommend(spec_of(), TRIALS, posterior=Failing()) is None


def test_the_gaussian_process_sees_through_the_noise() -> None:
    # a bowl in x with its bottom at 0.5, and one lucky trial at the rim
    losses = [(x / 10, (x / 10 - 0.5) ** 2) for x in range(-20, 21, 2)] + [(-1.5, -0.5)]
    trials = [
        replace(run, flags={**run.flags, "x": x, "lr": 1e-3, "kind": "a"}, objective=loss)
        for run, (x, loss) in zip(made_trials(len(losses)), losses, strict=True)
    ]
    found = recommend(spec_of(), trials)
    assert found is not None
    assert 0.0 <= float(str(trials[found.number - 1].flags["x"])) <= 1.0


@pytest.mark.parametrize("n", [12, 40])
def test_of_a_rough_function_without_noise_the_best_observed_trial_is_recommended(n: int) -> None:
    # the ripples are too narrow for any model, which takes them for noise
    xs = [-2.0 + 4.0 * (k * 0.618034 % 1.0) for k in range(n)]
    losses = [(x - 0.5) ** 2 / 4 + 0.3 * math.cos(157.0 * x) for x in xs]
    trials = [
        replace(run, flags={**run.flags, "x": x, "lr": 1e-3, "kind": "a"}, objective=loss)
        for run, x, loss in zip(made_trials(n), xs, losses, strict=True)
    ]
    found = recommend(spec_of(), trials)
    assert found is not None
    assert found.number == 1 + losses.index(min(losses))
    assert found.mean == pytest.approx(min(losses))
