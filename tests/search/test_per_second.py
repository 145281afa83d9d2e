"""``gp`` with cost=seconds: what a trial may gain, by the seconds that it is expected to take."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from tunesmith.errors import SpecificationError
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.values import FlagValue
from tunesmith.search.gp.acquisition import ExpectedImprovement, incumbents
from tunesmith.search.gp.fit import fit
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.per_second import MIN_TIMED, PerSecond, TrialSeconds
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.gp.prior import SHORT
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.registry import build_optimizer, optimizers_with
from tunesmith.search.space import SearchSpace

SPACE = SearchSpace.from_settings({"x": read_setting("[0.0:1.0]"), "y": read_setting("[0.0:1.0]")})


def two_bowls(x: float, y: float) -> float:
    """Two equal minima: at x = 0.2 and at x = 0.8."""
    return float(min((x - 0.2) ** 2, (x - 0.8) ** 2) + 0.3 * (y - 0.5) ** 2)


def dear_at_the_right(x: float, _y: float) -> float:
    return 5.0 if x < 0.5 else 500.0


def observed(
    number: int, x: float, y: float, seconds: Callable[[float, float], float | None]
) -> Observation:
    return Observation(
        number=number, flags={"x": x, "y": y}, cost=two_bowls(x, y), seconds=seconds(x, y)
    )


def sample(
    n: int, seconds: Callable[[float, float], float | None] = dear_at_the_right
) -> list[Observation]:
    points = np.random.default_rng(5).random((n, 2)).tolist()
    return [observed(number, x, y, seconds) for number, (x, y) in enumerate(points, start=1)]


def proposed(trials: Sequence[Observation], **settings: FlagValue) -> list[Candidate]:
    return build_optimizer("gp", settings).propose(SPACE, trials, [], 1, seed=3)


def training_data(trials: Sequence[Observation]) -> TrainingData:
    data = TrainingData.of(SPACE, trials)
    assert data is not None
    return data


def search(n: int, seed: int = 3, **settings: FlagValue) -> list[Observation]:
    optimizer, trials = build_optimizer("gp", settings), list[Observation]()
    for number in range(1, n + 1):
        (one,) = optimizer.propose(SPACE, trials, [], 1, seed)
        x, y = float(str(one.flags["x"])), float(str(one.flags["y"]))
        trials.append(observed(number, x, y, dear_at_the_right))
    return trials


def test_of_two_equal_valleys_the_cheap_one_is_searched() -> None:
    plain, weighed = search(20), search(20, cost="seconds")

    def total(trials: Sequence[Observation]) -> float:
        return sum(trial.seconds or 0.0 for trial in trials)

    assert total(weighed) < total(plain) / 2
    assert min(trial.cost or 0.0 for trial in weighed) < 1e-3


def test_what_trials_take_is_predicted_where_none_has_been() -> None:
    seconds = TrialSeconds.of(training_data(sample(30)))

    assert seconds is not None
    low, high = np.exp(seconds.logs(np.array([[0.1, 0.1], [0.9, 0.9]])))
    assert low == pytest.approx(6.0, rel=0.5)
    assert high == pytest.approx(501.0, rel=0.5)


def test_the_gradient_is_that_of_differences() -> None:
    data = training_data(sample(20))
    targets = data.targets.values
    (found,) = fit(data.rows, targets, data.cube.is_categorical, [SHORT])
    posterior = Posterior.of(found, data.rows, targets[:, None])
    seconds = TrialSeconds.of(data)
    assert seconds is not None
    acquisition = PerSecond(
        acquisition=ExpectedImprovement(posterior=posterior, incumbents=incumbents(posterior)),
        seconds=seconds,
        exponent=0.7,
    )
    at = np.random.default_rng(2).random((5, 2))

    def value(row: Array) -> float:
        return float(acquisition.values(row[None, :])[0])

    values, slopes = acquisition.gradient(at)

    assert values == pytest.approx(acquisition.values(at))
    for row, slope in zip(at, slopes, strict=True):
        assert slope == pytest.approx(approx_fprime(row, value, 1e-7), rel=1e-3, abs=1e-3)


def test_without_the_setting_seconds_change_nothing() -> None:
    timed, untimed = sample(12), sample(12, lambda _x, _y: None)

    assert proposed(timed) == proposed(untimed) == proposed(timed, cost="none")
    assert proposed(timed, cost="seconds") != proposed(timed)
    assert proposed(timed, cost="seconds") == proposed(timed, cost="seconds")


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(lambda _x, _y: None, id="unknown"),
        pytest.param(lambda _x, _y: 7.0, id="equal"),
    ],
)
def test_where_seconds_tell_nothing_the_search_is_as_without(
    seconds: Callable[[float, float], float | None],
) -> None:
    trials = sample(12, seconds)

    assert proposed(trials, cost="seconds") == proposed(trials)


def test_a_few_seconds_tell_nothing_and_those_of_other_batches_never_do() -> None:
    few = [*sample(12, lambda _x, _y: None)[MIN_TIMED - 1 :], *sample(MIN_TIMED - 1)]
    others = [Observation(number=0, flags=one.flags, cost=one.cost, seconds=9.0) for one in few]

    assert TrialSeconds.of(training_data(few)) is None
    assert TrialSeconds.of(training_data(others)) is None


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e9), min_size=MIN_TIMED, max_size=8))
def test_seconds_of_any_size_are_taken(seconds: list[float]) -> None:
    trials = [
        Observation(number=number, flags={"x": number / 9, "y": 0.5}, cost=1.0, seconds=one)
        for number, one in enumerate(seconds, start=1)
    ]

    found = TrialSeconds.of(training_data(trials))

    assert found is None or np.isfinite(found.logs(np.random.default_rng(0).random((9, 2)))).all()


def test_a_record_of_hundreds_of_trials_is_sampled() -> None:
    found = TrialSeconds.of(training_data(sample(400)))

    assert found is not None
    assert len(found.posterior.points) == 150
    assert math.isclose(float(found.posterior.targets.mean()), 0.0, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"cost": "minutes"}, "choose one of none, seconds"),
        ({"cost": "seconds", "acq-func": "LCB"}, "choose one of AEI, EI, PI"),
        ({"cost": "seconds", "acq-func": "gp_hedge"}, "choose one of AEI, EI, PI"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, FlagValue], words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        build_optimizer("gp", settings)


def test_gp_is_the_one_that_weighs_seconds() -> None:
    assert optimizers_with("cost") == ["gp"]
