"""Every optimizer on search spaces and objectives that are hard to model.

Nothing raises, no proposal is out of bounds, is a point that was tried, or holds a NaN, and a
second search that is told the same history proposes the same to the bit.
"""

import functools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.flags.distributions import interval
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.priors import Normal
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.objective import Objective
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

N_TRIALS = 7
N_STARTS = 3
QUICK = ["random", "sobol", "gp", "optuna:tpe", "optuna:cmaes"]
"""Those that meet every pair of a space and an objective within seconds."""
TREES = ["forest", "gbrt"]
"""Those that take a fifth of a second for each proposal: each meets every space and objective."""
N_TREE_TRIALS = 5


def space_of(settings: Mapping[str, Setting]) -> SearchSpace:
    return SearchSpace.from_settings(settings)


def typed(**texts: str) -> SearchSpace:
    return space_of({name: read_setting(text) for name, text in texts.items()})


SPACES: dict[str, SearchSpace] = {
    "one value": typed(x="7", kind="a"),
    "one flag": typed(x="[-2.0:2.0]"),
    "fifty flags": typed(**{f"x{k:02}": "[-1.0:1.0]" for k in range(50)}),
    "a tiny range": typed(x="[1.0:1.0000000000000004]", y="[1e-320:2e-320]"),
    "a huge range": typed(x="[-1e308:1e308]", y="[0:1000000000000000000000000]"),
    "a log scale of twelve decades": typed(x="loguniform[1e-12:1.0]", y="loguniform[1:1e12]"),
    "a linear scale of twelve decades": typed(x="[0.000000000001:1.0]"),
    "two whole numbers": typed(n="[0:1]", m="[-1:0]"),
    "texts": typed(a="[a,b,c]", b="[yes,no]", c="['', 'None', none, '1', 1]"),
    "mixed": typed(x="[-2.0:2.0]", n="[1:8]", kind="[a,b,c]", lr="loguniform[1e-5:1e-1]", f="7"),
    "ordered lists": typed(n="[16,32,64,128]", m="[9.5,3,1e-9]"),
    "steps": space_of(
        {
            "by": interval(0.0, 1.0, step=0.05),
            "log_by": interval(8, 256, is_log=True, is_integer=True, step=8),
        }
    ),
    "normal": space_of(
        {
            "normal": interval(-4.0, 4.0, prior=Normal(mean=0.0, sd=1e-3)),
            "log": interval(1e-3, 1e3, is_log=True, step=1e-3, prior=Normal(mean=0.0, sd=2.0)),
        }
    ),
    "probabilities": space_of(
        {"kind": Choices(values=("a", "b", "c"), text="", probabilities=(1e-9, 0.5, 0.5 - 1e-9))}
    ),
    "near-equal floats": typed(x="[0.1,0.10000000000000002,0.30000000000000004,0.3]"),
    "negative zero": typed(x="[-0.0,0.0,1.0]", y="[-0.0:1e-322]", z="[-0.0:0.5]"),
    "whole numbers of a log scale": space_of(
        {"n": Distribution(low=1, high=10**6, is_log=True, is_integer=True, text="n")}
    ),
}


def _noise(number: int) -> float:
    return float(np.random.default_rng(number).standard_normal())


OBJECTIVES: dict[str, Callable[[int, float], float | None]] = {
    "constant": lambda number, value: 0.1,
    "sometimes not a number": lambda number, value: math.nan if number % 3 == 0 else value,
    "sometimes infinite": lambda number, value: [-math.inf, value, math.inf][number % 3],
    "all fail": lambda number, value: None,
    "only the last succeeds": lambda number, value: value if number == N_TRIALS - 1 else None,
    "1e300": lambda number, value: 1e300 * value,
    "1e-300": lambda number, value: 1e-300 * value,
    "the largest floats": lambda number, value: math.copysign(1.7976931348623157e308, value - 1),
    "the smallest floats": lambda number, value: 5e-324 * (number % 3),
    "an outlier": lambda number, value: 1e15 if number == 2 else value,
    "a step": lambda number, value: float(value > 0.5),
    "huge whole numbers": lambda number, value: 10**18 + number % 4,
    "signs by turns": lambda number, value: (-1) ** number * 1e3,
    "noise": lambda number, value: _noise(number),
    "equal in pairs": lambda number, value: float(number // 2),
}
"""What a trial reports, by its number and a wave over its flags that lies between 0 and 2."""


def wave(flags: Mapping[str, FlagValue]) -> float:
    numbers = [math.atan(float(one)) for one in flags.values() if isinstance(one, int | float)]
    texts = [len(one) for one in flags.values() if isinstance(one, str)]
    return 1.0 + math.sin(5.0 * sum(numbers) + sum(texts))


def observed(number: int, flags: Mapping[str, FlagValue], objective: str) -> Observation:
    """A trial, as it is told: through the objective, as in a batch."""
    cost = Objective().to_cost(OBJECTIVES[objective](number, wave(flags)))
    return Observation(number=number, flags=flags, cost=cost)


def proposed(
    name: str, space: SearchSpace, trials: Sequence[Observation], n: int, seed: int
) -> list[Candidate]:
    """What an optimizer that was built again proposes."""
    given = {} if name in ("random", "sobol") else {"random-starts": N_STARTS}
    return build_optimizer(name, given).propose(space, trials, [], n, seed)


def faults_of(
    candidates: Sequence[Candidate], trials: Sequence[Observation], space: SearchSpace
) -> list[str]:
    """What is wrong with candidates, given the trials before them."""
    tried, faults = {space.key(one.flags) for one in trials}, []
    for one in candidates:
        if not space.contains(one.flags) or list(one.flags) != list(space.names):
            faults.append(f"out of bounds: {one.flags}")
        if any(isinstance(value, float) and math.isnan(value) for value in one.flags.values()):
            faults.append(f"not a number: {one.flags}")
        # a model may ask for a point again, and says so
        if space.key(one.flags) in tried and one.origin != "repeat":
            faults.append(f"a repetition: {one.flags}")
        tried.add(space.key(one.flags))
        told = one.prediction
        if told is not None:
            numbers = (told.mean, told.sd, told.acquisition)
            if not all(map(math.isfinite, numbers)) or told.sd < 0:
                faults.append(f"predicted {numbers}")
    return faults


def is_exhausted(space: SearchSpace, trials: Sequence[Observation]) -> bool:
    return space.size is not None and len({space.key(one.flags) for one in trials}) == space.size


def walk(name: str, space: SearchSpace, objective: str, n: int, *, seed: int = 11) -> list[str]:
    """Search with one trial after the other, and return every fault."""
    trials: list[Observation] = []
    faults: list[str] = []
    last: list[Candidate] = []
    for number in range(1, n):
        last = proposed(name, space, trials, 1, seed)
        faults += faults_of(last, trials, space)
        if not last:
            if not is_exhausted(space, trials):
                faults.append(f"nothing proposed after {len(trials)} trials")
            break
        trials.append(observed(number, last[0].flags, objective))
    # to the bit: repr tells -0.0 from 0.0, and two floats that are next to each other
    if last and repr(proposed(name, space, trials[:-1], 1, seed)) != repr(last):
        faults.append("a second search went another way")
    faults += faults_of(proposed(name, space, trials, 2, seed), trials, space)
    return faults


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("name", QUICK)
def test_a_search_goes_on_whatever_the_space_and_the_objective(name: str, space: str) -> None:
    faults = {one: walk(name, SPACES[space], one, N_TRIALS) for one in OBJECTIVES}
    assert not {one: found for one, found in faults.items() if found}


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("name", TREES)
def test_a_search_by_trees_goes_on_as_well(name: str, space: str) -> None:
    # another objective for each space, and for each of the two another again
    place = list(SPACES).index(space) + 7 * TREES.index(name)
    objective = list(OBJECTIVES)[place % len(OBJECTIVES)]
    assert walk(name, SPACES[space], objective, N_TREE_TRIALS) == []


@functools.cache
def _points(seed: int) -> list[Candidate]:
    return build_optimizer("random", {}).propose(SPACES["mixed"], [], [], 9, seed)


COSTS = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0])


@settings(deadline=None, max_examples=40)
@given(
    costs=st.lists(COSTS, min_size=4, max_size=9),
    seed=st.integers(-(2**63), 2**63),
    n=st.integers(1, 2),
)
def test_a_gaussian_process_goes_on_whatever_it_is_told(
    costs: list[float | None], seed: int, n: int
) -> None:
    space = SPACES["mixed"]
    trials = [
        Observation(number=number, flags=one.flags, cost=cost)
        for number, (one, cost) in enumerate(zip(_points(0), costs, strict=False), 1)
    ]
    candidates = proposed("gp", space, trials, n, seed)
    assert len(candidates) == n
    assert faults_of(candidates, trials, space) == []
    assert repr(proposed("gp", space, trials, n, seed)) == repr(candidates)
