"""The numerics of the Gaussian process, against closed forms, differences and other libraries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.stats import norm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from tunesmith.flags.grammar import read_setting
from tunesmith.flags.values import FlagValue
from tunesmith.search.gp.acquisition import (
    Acquisition,
    ExpectedImprovement,
    Feasible,
    LowerBound,
    Mixture,
    ProbabilityOfImprovement,
    incumbents,
    log_h,
    log_h_slope,
)
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.expected import posterior_at_trials
from tunesmith.search.gp.fit import JITTER, Fit, _Pairs, _Problem, fit
from tunesmith.search.gp.kernel import (
    LEVEL_SHARE,
    Array,
    Kernel,
    differences,
    matern,
    matern_and_slope,
)
from tunesmith.search.gp.maximize import maximize
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.gp.prior import LONG, SHORT, Prior
from tunesmith.search.gp.targets import Targets
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.optimizer import Observation
from tunesmith.search.space import SearchSpace

NUMBERS = np.array([False, False])
MIXED = np.array([False, False, True])


def data(n: int = 20) -> tuple[Array, Array]:
    """Return n points of two numbers and a category of three, and noisy targets."""
    generator = np.random.default_rng(3)
    points = generator.random((n, 3))
    points[:, 2] = generator.integers(0, 3, n)
    values = np.sin(5 * points[:, 0]) + points[:, 2] + 0.3 * generator.standard_normal(n)
    return points, (values - values.mean()) / values.std()


def posterior() -> Posterior:
    points, targets = data()
    return Posterior.of(fit(points, targets, MIXED, [SHORT])[0], points, targets[:, None])


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings({name: read_setting(text) for name, text in texts.items()})


def test_the_kernel_and_the_posterior_are_scikit_learns() -> None:
    generator = np.random.default_rng(1)
    points, at = generator.random((12, 2)), generator.random((7, 2))
    targets = np.sin(4 * points.sum(1))
    kernel = Kernel(weights=1 / np.array([0.3, 0.7]) ** 2, amplitude=1.7, is_categorical=NUMBERS)
    theirs = GaussianProcessRegressor(
        ConstantKernel(1.7) * Matern(length_scale=[0.3, 0.7], nu=2.5),
        alpha=0.01 + JITTER,
        optimizer=None,
    ).fit(points, targets)
    mean, sd = theirs.predict(at, return_std=True)

    ours = Posterior.of(Fit(kernel=kernel, noise=0.01), points, targets[:, None])
    means, variances = ours.predict(at)

    assert np.allclose(means[:, 0], mean, atol=1e-10)
    assert np.allclose(ours.means_at_points(), ours.predict(points)[0], atol=1e-10)
    assert np.allclose(np.sqrt(variances), sd, atol=1e-8)


def test_categories_count_by_whether_they_differ() -> None:
    kernel = Kernel(
        weights=np.array([1.0, 4.0]), amplitude=1.0, is_categorical=np.array([False, True])
    )
    rows = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 7.0], [0.5, 0.0]])
    expected = matern(np.array([0.0, 4.0, 4.0, 0.25]))
    assert np.allclose(kernel.matrix(rows[:1], rows)[0], expected)


def test_the_slope_of_the_kernel_is_its_derivative_by_the_square() -> None:
    squares = np.array([1e-6, 0.1, 1.0, 9.0])
    _, slope = matern_and_slope(squares)
    step = 1e-7
    numeric = (matern(squares + step) - matern(squares - step)) / (2 * step)
    assert np.allclose(slope, numeric, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("prior", [LONG, SHORT], ids=["long", "short"])
def test_the_gradient_of_the_fit_is_that_of_differences(prior: Prior) -> None:
    points, targets = data()
    pairs = _Pairs.of(targets, differences(points, MIXED))
    problem = _Problem(pairs, prior.means(3), prior.sds(3))
    at = prior.means(3) + np.array([0.1, -0.3, 0.2, 0.4, -0.2])
    numeric = approx_fprime(at, lambda p: problem.cost(p)[0], 1e-6)
    assert np.allclose(problem.cost(at)[1], numeric, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("deciding", [[True, False, False], [False, False, True]])
def test_branches_have_a_level_of_their_own(deciding: list[bool]) -> None:
    points, targets = data()
    mask = np.array(deciding)
    (found,) = fit(points, targets, MIXED, [SHORT], is_deciding=mask)
    kernel = found.kernel
    covariance = kernel.matrix(points, points)
    alone = Kernel(weights=kernel.weights * mask, amplitude=1.0, is_categorical=MIXED)
    whole = Kernel(weights=kernel.weights, amplitude=1.0, is_categorical=MIXED)
    both = LEVEL_SHARE * alone.matrix(points, points)
    both += (1 - LEVEL_SHARE) * whole.matrix(points, points)

    assert np.allclose(covariance, kernel.amplitude * both)
    assert np.allclose(covariance.diagonal(), kernel.amplitude)
    assert np.linalg.eigvalsh(covariance).min() > -1e-9


@pytest.mark.parametrize("deciding", [[True, False, False], [False, False, True]])
def test_the_gradients_with_branches_are_those_of_differences(deciding: list[bool]) -> None:
    points, targets = data()
    mask = np.array(deciding)
    pairs = _Pairs.of(targets, differences(points, MIXED), mask)
    problem = _Problem(pairs, SHORT.means(3), SHORT.sds(3))
    at = SHORT.means(3) + np.array([0.1, -0.3, 0.2, 0.4, -0.2])
    numeric = approx_fprime(at, lambda p: problem.cost(p)[0], 1e-6)
    assert np.allclose(problem.cost(at)[1], numeric, rtol=1e-4, atol=1e-4)

    (found,) = fit(points, targets, MIXED, [SHORT], is_deciding=mask)
    model = Posterior.of(found, points, targets[:, None])
    for acquisition in acquisitions(model).values():
        row = np.array([[0.31, 0.62, 1.0]])
        _, slopes = acquisition.gradient(row)
        for place in (0, 1):
            step = np.zeros((1, 3))
            step[0, place] = 1e-6
            up, down = acquisition.values(row + step), acquisition.values(row - step)
            assert slopes[0, place] == pytest.approx((up - down)[0] / 2e-6, rel=1e-3, abs=1e-4)


def test_the_evidence_of_a_fit_is_scikit_learns_likelihood() -> None:
    points, targets = data()
    points = points[:, :2]
    (found,) = fit(points, targets, NUMBERS, [SHORT])
    theirs = GaussianProcessRegressor(
        ConstantKernel(found.kernel.amplitude)
        * Matern(length_scale=found.kernel.weights**-0.5, nu=2.5),
        alpha=found.noise + JITTER,
        optimizer=None,
    ).fit(points, targets)
    constant = -0.5 * len(targets) * np.log(2 * np.pi)
    likelihood = theirs.log_marginal_likelihood_value_
    assert found.evidence + constant == pytest.approx(likelihood, abs=1e-6)


def acquisitions(model: Posterior) -> dict[str, Acquisition]:
    best = incumbents(model)
    improvement = ExpectedImprovement(posterior=model, incumbents=best, noise=model.noise)
    bound = LowerBound(posterior=model, kappa=1.9)
    return {
        "EI": ExpectedImprovement(posterior=model, incumbents=best),
        "AEI": improvement,
        "PI": ProbabilityOfImprovement(posterior=model, incumbents=best),
        "LCB": bound,
        "mixture": Mixture(parts=(improvement, bound), log_weights=np.log([0.3, 0.7])),
        "feasible": Feasible(acquisition=improvement, classifier=posterior()),
    }


@pytest.mark.parametrize("name", ["EI", "AEI", "PI", "LCB", "mixture", "feasible"])
@pytest.mark.parametrize("has_pending", [False, True], ids=["alone", "pending"])
def test_the_gradient_of_an_acquisition_is_that_of_differences(
    name: str, has_pending: bool
) -> None:
    model = posterior()
    if has_pending:
        pending = np.array([[0.2, 0.9, 1.0], [0.8, 0.1, 2.0]])
        model = model.fantasize(pending, 5, np.random.default_rng(0))
    acquisition, at = acquisitions(model)[name], np.array([0.31, 0.62, 1.0])
    values, slopes = acquisition.gradient(np.array([[0.9, 0.2, 0.0], at]))
    value, slope = values[1], slopes[1]
    numeric = approx_fprime(at[:2], lambda x: acquisition.values(np.array([[*x, 1.0]]))[0], 1e-6)
    assert value == pytest.approx(float(acquisition.values(at[None, :])[0]), abs=1e-6)
    assert np.allclose(slope[:2], numeric, rtol=1e-3, atol=1e-3)
    assert slope[2] == 0


@given(st.floats(min_value=-8, max_value=8))
def test_log_h_is_the_logarithm_of_the_closed_form(z: float) -> None:
    expected = np.log(norm.pdf(z) + z * norm.cdf(z)) if z > -5 else None
    found = float(log_h(np.array(z)))
    if expected is not None:
        assert found == pytest.approx(expected, abs=1e-8)
    assert np.isfinite(found)


def test_log_h_is_smooth_and_increasing_however_far_down() -> None:
    z = np.concatenate([-np.logspace(8, 0, 4000), np.linspace(-1, 5, 1000)[1:]])
    values = log_h(z)
    assert np.isfinite(values).all()
    assert (np.diff(values) > 0).all()
    slopes = log_h_slope(z, values)
    assert np.isfinite(slopes).all()
    assert (slopes > 0).all()


@given(
    # of differences that are much smaller an offset leaves rounding
    st.lists(st.integers(min_value=-(10**6), max_value=10**6), min_size=2, max_size=30),
    st.floats(min_value=1e-6, max_value=1e6),
    st.floats(min_value=-1e3, max_value=1e3),
)
def test_another_unit_or_offset_of_the_costs_changes_no_target(
    costs: list[int], factor: float, offset: float
) -> None:
    values = np.array(costs, dtype=float)
    plain = Targets.of(values).values
    assert np.allclose(Targets.of(values * factor).values, plain, atol=1e-6)
    assert np.allclose(Targets.of(values + offset).values, plain, atol=1e-3)


@given(st.lists(st.floats(min_value=-1e300, max_value=1e300), min_size=1, max_size=20))
def test_a_target_stands_for_its_cost(costs: list[float]) -> None:
    values = np.array(costs)
    targets = Targets.of(values)
    assert np.isfinite(targets.values).all()
    back = np.array([targets.to_cost(float(one)) for one in targets.values])
    assert np.allclose(back, values, rtol=1e-6, atol=1e-6 * np.abs(values).max())


def test_a_bad_tail_is_compressed_and_keeps_its_order() -> None:
    costs = np.array([0.0, 1.0, 2.0, 3.0, 1e6, 1e9])
    values = Targets.of(costs).values
    assert (np.diff(values) > 0).all()
    assert values[-1] - values[0] < 30 * (values[3] - values[0])


def test_a_cost_that_explodes_leaves_the_others_apart() -> None:
    costs = np.array([0.5, 0.49, 0.53, 0.7, 1.1, 0.51])
    values = Targets.of(np.append(costs, 8e8)).values
    assert np.argsort(values).tolist() == np.argsort(np.append(costs, 8e8)).tolist()
    assert values[4] - values[1] > 0.4


def test_a_process_that_believes_its_means_expects_the_same_and_learns_nothing_there() -> None:
    model, failed = posterior(), np.array([[0.2, 0.9, 1.0], [0.6, 0.1, 0.0]])
    at = np.vstack([failed, np.random.default_rng(3).random((20, 3)).round()])
    believing = model.believe(failed)
    means, variances = model.predict(at)
    believed, left = believing.predict(at)
    assert np.allclose(believed, means, atol=1e-8)
    assert (left <= variances + 1e-12).all()
    assert (left[: len(failed)] <= model.noise + 1e-6).all()


def test_fantasies_have_the_posteriors_mean_and_spread() -> None:
    model, pending = posterior(), np.array([[0.2, 0.9, 1.0], [0.25, 0.9, 1.0]])
    worlds = model.fantasize(pending, 20_000, np.random.default_rng(0))
    drawn = worlds.targets[-2:]
    means, variances = model.predict(pending)
    assert np.allclose(drawn.mean(1), means[:, 0], atol=0.02)
    assert np.allclose(drawn.var(1), variances + model.noise, rtol=0.05)
    assert np.corrcoef(drawn).min() > 0.3  # drawn jointly: the two are close to each other


def test_maximize_finds_the_top_of_a_known_acquisition() -> None:
    cube = Cube(space_of(a="[0.0:1.0]", b="[0.0:1.0]", k="[p,q,r]", n="[1:20]"))
    place = {name: i for i, name in enumerate(d.name for d in cube.dimensions)}

    class Hill:
        def values(self, at: Array) -> Array:
            return self.gradient(at)[0]

        def gradient(self, at: Array) -> tuple[Array, Array]:
            found = [self._gradient(row) for row in at]
            return np.array([value for value, _ in found]), np.array([slope for _, slope in found])

        def _gradient(self, at: Array) -> tuple[float, Array]:
            a, b = at[place["a"]] - 0.3, at[place["b"]] - 0.9
            n = cube.dimensions[place["n"]].from_unit(float(at[place["n"]]))
            assert isinstance(n, int)
            slope = np.zeros(4)
            slope[place["a"]], slope[place["b"]] = -2 * a, -2 * b
            return -(a**2) - b**2 - (at[place["k"]] != 2) - 0.01 * (n - 13) ** 2, slope

    start = np.array([cube.row({"a": 0.5, "b": 0.5, "k": "p", "n": 3})])
    best = cube.flags(maximize(Hill(), cube, start, np.random.default_rng(0), n_spread=8)[0])
    assert (best["k"], best["n"]) == ("r", 13)
    assert best["a"] == pytest.approx(0.3, abs=1e-3)
    assert best["b"] == pytest.approx(0.9, abs=1e-3)


def test_rows_stand_for_the_points_they_were_made_of() -> None:
    space = space_of(x="loguniform[1e-5:1e-1]", n="[1:7]", k="[a,b,c]", f="3")
    cube = Cube(space)
    flags: dict[str, FlagValue] = {"x": 1e-3, "n": 5, "k": "b", "f": 3}
    row = cube.row(flags)
    assert row is not None
    back = cube.flags(np.array(row))
    assert back["x"] == pytest.approx(1e-3)
    assert {**back, "x": 1e-3} == flags
    assert cube.row({**flags, "f": 4}) is None


def test_the_posterior_at_the_trials_is_of_the_batchs_own_and_in_the_unit_of_the_costs() -> None:
    space = space_of(x="[0.0:1.0]")
    trials = [
        Observation(number=k, flags={"x": k / 10}, cost=1000.0 + 50 * (k / 10 - 0.4) ** 2)
        for k in range(10)
    ]
    trials.append(Observation(number=11, flags={"x": 0.55}, cost=None))
    found = posterior_at_trials(space, trials)
    assert [number for number, _, _ in found] == list(range(1, 10))
    best = min(found, key=lambda one: one[1])
    assert best[0] == 4
    assert best[1] == pytest.approx(1000.0, abs=1.0)


def test_of_many_trials_the_best_third_and_a_sample_of_the_others_are_fitted() -> None:
    space = space_of(x="[0.0:1.0]")
    trials = [
        Observation(number=k, flags={"x": k / 3000}, cost=float((k - 100) ** 2))
        for k in range(1, 2500)
    ]
    data = TrainingData.of(space, trials)
    assert data is not None
    assert len(data.rows) == 2499
    assert len(posterior_at_trials(space, trials)) == 2499
