"""A search of several objectives: the improvement that it maximizes, and what it proposes."""

import itertools
import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from tests.search.test_contract import FINITE, LINE, MIXED, SEED
from tunesmith.flags.values import FlagValue, flags_key
from tunesmith.pareto import front_of, hypervolume
from tunesmith.search.gp.boxes import Boxes
from tunesmith.search.gp.expected_hypervolume import (
    ExpectedHypervolumeImprovement,
    MixedPosterior,
)
from tunesmith.search.gp.fit import Fit
from tunesmith.search.gp.kernel import Kernel
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.registry import build_optimizer, takes_several
from tunesmith.search.space import SearchSpace


def model(seed: int, *, n: int = 6) -> MixedPosterior:
    """Two models of the same random targets over the unit square, mixed."""
    generator = np.random.default_rng(seed)
    points, targets = generator.random((n, 2)), generator.standard_normal((n, 1))
    kernels = [
        Kernel(
            amplitude=1.0,
            weights=np.full(2, length**-2),
            is_categorical=np.zeros(2, dtype=bool),
        )
        for length in (0.4, 0.9)
    ]
    parts = [Posterior.of(Fit(kernel=one, noise=1e-2), points, targets) for one in kernels]
    return MixedPosterior(parts=tuple(parts), shares=np.array([0.3, 0.7]))


def improvement(front: np.ndarray, reference: np.ndarray) -> ExpectedHypervolumeImprovement:
    posteriors = tuple(model(seed) for seed in range(len(reference)))
    return ExpectedHypervolumeImprovement(posteriors=posteriors, boxes=Boxes.of(front, reference))


FRONTS = {
    "two": (np.array([[-1.0, 0.5], [-0.2, 0.0], [0.4, -0.9]]), np.array([1.0, 1.0])),
    "three": (
        np.array([[-1.0, 0.5, 0.2], [-0.2, 0.0, 0.4], [0.4, -0.9, 0.1], [0.3, 0.3, -1.0]]),
        np.array([1.0, 1.0, 1.0]),
    ),
    "two, nothing known": (np.zeros((0, 2)), np.array([1.0, 1.0])),
}
every_front = pytest.mark.parametrize("name", FRONTS)


@every_front
def test_it_is_the_mean_growth_of_the_hypervolume_by_sampling(name: str) -> None:
    front, reference = FRONTS[name]
    acquisition = improvement(front, reference)
    at = np.array([[0.3, 0.6], [0.8, 0.1]])
    generator = np.random.default_rng(7)
    before = hypervolume(front.tolist(), reference.tolist())
    for row, value in zip(at, acquisition.values(at), strict=True):
        found = [one.predict(row[None, :]) for one in acquisition.posteriors]
        drawn = np.column_stack(
            [
                mean[0] + math.sqrt(variance[0]) * generator.standard_normal(2000)
                for mean, variance in found
            ]
        )
        grown = [
            hypervolume([*front.tolist(), one], reference.tolist()) - before
            for one in drawn.tolist()
        ]
        error = float(np.std(grown)) / math.sqrt(len(grown))
        assert math.exp(value) == pytest.approx(float(np.mean(grown)), abs=5 * error)


@every_front
def test_its_derivatives_are_those_of_its_values(name: str) -> None:
    acquisition = improvement(*FRONTS[name])
    at = np.array([[0.3, 0.6], [0.85, 0.15]])
    values, slopes = acquisition.gradient(at)
    assert values == pytest.approx(acquisition.values(at))
    for row, slope in zip(at, slopes, strict=True):
        expected = approx_fprime(row, lambda x: float(acquisition.values(x[None, :])[0]), 1e-6)
        assert slope == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_it_still_tells_a_direction_where_no_gain_is_expected() -> None:
    front = np.array([[-80.0, 0.0], [0.0, -80.0]])
    acquisition = improvement(front, np.array([-30.0, -30.0]))
    values, slopes = acquisition.gradient(np.array([[0.3, 0.6]]))
    assert np.isfinite(values).all()
    assert np.isfinite(slopes).all()
    assert np.abs(slopes).max() > 0


corner = st.integers(0, 5).map(float)


@settings(deadline=None)
@given(data=st.data(), n=st.integers(1, 3))
def test_the_boxes_are_what_no_point_dominates(data: st.DataObject, n: int) -> None:
    front = np.array(data.draw(st.lists(st.tuples(*[corner] * n), max_size=6))).reshape(-1, n)
    boxes = Boxes.of(front, np.full(n, 5.0))
    centres = np.stack(np.meshgrid(*[np.arange(-1, 6) + 0.5] * n), axis=-1).reshape(-1, n)
    inside = (boxes.lower[None] < centres[:, None]) & (centres[:, None] < boxes.upper[None])
    n_boxes = inside.all(axis=2).sum(axis=1)
    is_dominated = np.any((front[None] <= centres[:, None]).all(axis=2), axis=1)
    wanted = ~is_dominated & np.all(centres < 5.0, axis=1)
    assert n_boxes.tolist() == wanted.astype(int).tolist()


def costs_of(flags: Mapping[str, FlagValue], n: int) -> tuple[float, ...]:
    """Costs that conflict: each is lowest at another value of x."""
    x, size = flags.get("x", 0.0), flags.get("n", 1)
    assert isinstance(x, float)
    assert isinstance(size, int)
    return tuple((x - k) ** 2 + size / 50 for k in range(n))


def search(
    name: str, space: SearchSpace, n_trials: int, *, n: int = 2, failing: int = 0
) -> list[Observation]:
    trials: list[Observation] = []
    for number in range(1, n_trials + 1):
        (found,) = build_optimizer(name, {}).propose(space, trials, [], 1, SEED)
        trials.append(
            observed(number, found, n, is_failed=bool(failing and number % failing == 0))
        )
    return trials


def observed(number: int, found: Candidate, n: int, *, is_failed: bool = False) -> Observation:
    costs = () if is_failed else costs_of(found.flags, n)
    cost = costs[0] if costs else None
    return Observation(number=number, flags=found.flags, cost=cost, costs=costs)


@pytest.mark.parametrize(
    ("name", "n", "n_trials"),
    [("gp", 2, 9), ("gp", 3, 9), ("gp", 4, 9), ("optuna:tpe", 2, 15), ("optuna:nsgaii", 2, 60)],
)
def test_no_point_is_tried_twice_and_the_search_can_be_repeated(
    name: str, n: int, n_trials: int
) -> None:
    trials = search(name, MIXED, n_trials, n=n, failing=4)
    assert len({flags_key(one.flags) for one in trials}) == n_trials
    assert search(name, MIXED, n_trials, n=n, failing=4) == trials


def test_optuna_s_tpe_and_nsga_ii_take_several_and_its_cma_es_does_not() -> None:
    assert takes_several("optuna:tpe")
    assert takes_several("optuna:nsgaii")
    assert takes_several("grid")
    assert not takes_several("optuna:cmaes")
    assert not takes_several("forest")


def test_pending_trials_are_not_proposed_again_nor_anything_next_to_them() -> None:
    trials = search("gp", LINE, 6)
    optimizer = build_optimizer("gp", {})
    proposed = optimizer.propose(LINE, trials, [], 4, SEED)
    first = optimizer.propose(LINE, trials, [], 1, SEED)
    rest = optimizer.propose(LINE, trials, [first[0].flags], 3, SEED)
    assert [*first, *rest] == proposed
    places = sorted(float(str(one.flags["x"])) for one in proposed)
    assert min(b - a for a, b in itertools.pairwise(places)) > 0.01


def test_a_finite_space_ends() -> None:
    trials = search("gp", FINITE, 6)
    assert build_optimizer("gp", {}).propose(FINITE, trials, [], 1, SEED) == []


@pytest.mark.parametrize("n", [2, 3])
def test_it_finds_more_of_the_front_than_chance(n: int) -> None:
    reference = (4.0,) * n
    volumes = {}
    for name in ("gp", "random"):
        points = [one.costs for one in search(name, MIXED, 20, n=n)]
        volumes[name] = hypervolume(points, reference)
        assert len(front_of(points)) > 1
    assert volumes["gp"] > volumes["random"]


@pytest.mark.parametrize("scale", [1e-12, 1e12], ids=str)
@pytest.mark.parametrize("constant", [False, True], ids=["two that vary", "one that does not"])
def test_any_units_and_equal_costs_are_taken(scale: float, constant: bool) -> None:
    trials = [
        Observation(number=k, flags=flags, cost=costs[0], costs=costs)
        for k, one in enumerate(build_optimizer("sobol", {}).propose(MIXED, [], [], 6, SEED), 1)
        for flags in [one.flags]
        for costs in [(scale * costs_of(flags, 1)[0], 1.0 if constant else float(k) / scale)]
    ]
    (found,) = build_optimizer("gp", {}).propose(MIXED, trials, [], 1, SEED)
    assert found.origin == "gp"
    assert MIXED.contains(found.flags)
    assert found.prediction is not None
    assert math.isfinite(found.prediction.mean)
    assert math.isfinite(found.prediction.acquisition)
