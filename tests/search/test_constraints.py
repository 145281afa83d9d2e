"""A search with constraints, and with trials that fail for different causes."""

import math

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from tests.batches import make_record
from tests.query.conftest import summary
from tests.search.test_contract import MIXED, SEED, space_of
from tunesmith.constraint import read_constraints
from tunesmith.flags.values import flags_key
from tunesmith.objective import Objective
from tunesmith.search.gp.feasibility import Flat, feasible
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.observations import failing_what_misses, observations
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.trial import TrialRecord, TrialStatus

SQUARE = space_of(x="[0.0:1.0]", y="[0.0:1.0]")
BATCH = "b" * 32
OUT_OF_MEMORY = {
    "status": TrialStatus.TERMINATED,
    "exit_code": None,
    "signal": 9,
    "reason": "killed by signal 9",
}


def observed(number: int, found: Candidate, *, bound: float, several: bool) -> Observation:
    """The lowest cost lies at x = y = 1, and x + y may be at most ``bound``."""
    x, y = (float(str(found.flags[name])) for name in ("x", "y"))
    cost = (1 - x) ** 2 + (1 - y) ** 2
    costs = (cost, x) if several else ()
    margins = (x + y - bound,)
    return Observation(number=number, flags=found.flags, cost=cost, costs=costs, margins=margins)


def search(n_trials: int, *, bound: float, several: bool = False) -> list[Observation]:
    trials: list[Observation] = []
    for number in range(1, n_trials + 1):
        (found,) = build_optimizer("gp", {}).propose(SQUARE, trials, [], 1, SEED)
        trials.append(observed(number, found, bound=bound, several=several))
    return trials


def met(trials: list[Observation]) -> list[Observation]:
    return [one for one in trials if one.margins[0] is not None and one.margins[0] <= 0]


def test_the_best_point_on_the_edge_of_what_is_allowed_is_found() -> None:
    trials = search(20, bound=0.8)
    holding = met(trials)
    assert len(holding) >= 8
    assert min(one.cost or 0.0 for one in holding) < 0.722  # 2 · 0.6² = 0.72, both at 0.4
    assert search(20, bound=0.8) == trials


def test_where_nothing_holds_yet_a_search_goes_where_something_may() -> None:
    trials = search(12, bound=0.15)
    assert met(trials)


def test_the_front_of_what_holds_is_searched() -> None:
    trials = search(14, bound=0.8, several=True)
    assert len(met(trials)) >= 6
    assert len({flags_key(one.flags) for one in trials}) == 14


def data_of(*, bound: float = 0.9) -> TrainingData:
    candidates = build_optimizer("sobol", {}).propose(SQUARE, [], [], 9, SEED)
    trials = [observed(k, one, bound=bound, several=False) for k, one in enumerate(candidates, 1)]
    causes = {2: "memory", 5: "memory", 8: "crash"}
    trials = [
        Observation(number=one.number, flags=one.flags, cost=None, cause=causes[one.number])
        if one.number in causes
        else one
        for one in trials
    ]
    data = TrainingData.of(SQUARE, trials)
    assert data is not None
    return data


def test_what_weighs_a_point_has_the_derivatives_of_its_values() -> None:
    acquisition = feasible(data_of(), Flat())
    at = np.array([[0.31, 0.62], [0.7, 0.25]])
    values, slopes = acquisition.gradient(at)
    assert values == pytest.approx(acquisition.values(at))
    for row, slope in zip(at, slopes, strict=True):
        expected = approx_fprime(row, lambda x: float(acquisition.values(x[None, :])[0]), 1e-6)
        assert slope == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_a_point_that_misses_is_worth_less_than_one_that_holds() -> None:
    acquisition = feasible(data_of(bound=0.9), Flat())
    near, far = acquisition.values(np.array([[0.2, 0.1], [0.9, 0.95]]))
    assert near > far


def record(number: int, **fields: object) -> TrialRecord:
    return make_record(BATCH, number, flags={"x": 0.5, "y": 0.5}, **fields)


def test_a_trial_that_was_killed_for_its_memory_tells_where_memory_ends() -> None:
    constraints = read_constraints(("max_rss_bytes <= 1000", "seconds <= 5"))
    timed_out = {**OUT_OF_MEMORY, "signal": 15, "reason": "timed out after 9 s", "seconds": 9.0}
    records = [
        record(1, max_rss_bytes=400, objective=0.5, scalars={"loss": summary(0.5)}),
        record(2, max_rss_bytes=1500, **OUT_OF_MEMORY),
        record(3, max_rss_bytes=400, **timed_out),
        record(4, status=TrialStatus.ERROR, exit_code=1),
    ]
    told = observations(records, (Objective(),), batch=BATCH, constraints=constraints)
    assert [one.margins for one in told] == [
        (-600.0, -4.0),
        (500.0, None),
        (None, 4.0),
        (None, None),
    ]
    assert [one.cause for one in told] == ["", "memory", "timeout", "crash"]


def test_an_optimizer_that_looks_at_no_constraint_is_told_that_a_trial_failed() -> None:
    kept = Observation(number=1, flags={}, cost=0.5, margins=(-1.0, 0.0))
    missing = Observation(number=2, flags={}, cost=0.5, costs=(0.5, 1.0), margins=(-1.0, None))
    assert failing_what_misses(kept) is kept
    assert failing_what_misses(missing) == Observation(
        number=2, flags={}, cost=None, margins=(-1.0, None)
    )


@pytest.mark.parametrize("scale", [1e-9, 1e9], ids=str)
def test_margins_of_any_unit_are_taken(scale: float) -> None:
    candidates = build_optimizer("sobol", {}).propose(MIXED, [], [], 6, SEED)
    trials = [
        Observation(number=k, flags=one.flags, cost=math.sin(k), margins=((k - 3) * scale, -1.0))
        for k, one in enumerate(candidates, 1)
    ]
    (found,) = build_optimizer("gp", {}).propose(MIXED, trials, [], 1, SEED)
    assert found.origin == "gp"
