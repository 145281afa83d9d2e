"""Models leave the other cores to trials."""

from collections.abc import Iterator
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from tunesmith.flags.grammar import read_setting
from tunesmith.search.gp.expected import posterior_at_trials
from tunesmith.search.gp.proposal import Models
from tunesmith.search.one_thread import on_one_thread
from tunesmith.search.optimizer import Observation
from tunesmith.search.sequential import Search
from tunesmith.search.slices import slices
from tunesmith.search.space import SearchSpace
from tunesmith.search.surrogate import GaussianProcess

SPACE = SearchSpace.from_settings({"x": read_setting("[0.0:1.0]")})
TRIALS = [
    Observation(number=number, flags={"x": number / 8}, cost=number % 3) for number in range(1, 8)
]


def threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    with threadpool_limits(2, user_api="blas"):
        yield


def test_linear_algebra_within_a_function_takes_one_thread() -> None:
    assert threads() == {2}
    assert on_one_thread(threads)() == {1}
    assert threads() == {2}


def test_whatever_asks_a_model_does_so(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[int]] = []
    build = Models.of

    def watched(*arguments: Any) -> Models:
        seen.append(threads())
        return build(*arguments)

    monkeypatch.setattr(Models, "of", watched)
    GaussianProcess().propose(SPACE, TRIALS, [], 1, 1)
    posterior_at_trials(SPACE, TRIALS)
    slices(GaussianProcess(), Search(space=SPACE, trials=TRIALS, pending=[]), {"x": 0.5})
    assert seen == [{1}, {1}, {1}]
