"""Lists of numbers that ascend or descend are steps in an order, and what says otherwise."""

import math

import pytest

from tunesmith.flags.coerce import read_typed
from tunesmith.flags.definition import FlagDefinition, FlagType
from tunesmith.flags.display import exact_setting
from tunesmith.flags.settings import Choices, setting_from_plain, setting_to_plain
from tunesmith.search.dimension import FixedDimension, dimension_of
from tunesmith.search.listed_dimension import CategoricalDimension, OrderedDimension
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

ANY, TEXT = FlagType.ANY, FlagType.TEXT


@pytest.mark.parametrize(
    ("name", "kind", "text", "expected"),
    [
        ("width", ANY, "[16, 32, 64]", OrderedDimension),
        ("width", ANY, "[64, 32, 16]", OrderedDimension),
        ("lr", ANY, "[0.1, 0.03, 1e-2]", OrderedDimension),
        ("lr", ANY, "logspace[-4:-1:4]", OrderedDimension),
        ("width", ANY, "[16, 64, 32]", CategoricalDimension),
        ("width", ANY, "[16, 32]", CategoricalDimension),
        ("width", ANY, "[16, 16, 32]", CategoricalDimension),
        ("width", ANY, "[16, 16]", FixedDimension),
        ("width", TEXT, "[16, 32, 64]", CategoricalDimension),
        ("bn", ANY, "[yes, no]", CategoricalDimension),
        ("opt", ANY, "[adam, sgd, lamb]", CategoricalDimension),
        ("seed", ANY, "[1, 2, 3]", CategoricalDimension),
        ("random-seed", ANY, "[1, 2, 3]", CategoricalDimension),
        ("seedling", ANY, "[1, 2, 3]", OrderedDimension),
        ("size", TEXT, "[small, medium, large] ordered", OrderedDimension),
        ("size", ANY, "[small, medium, large]  ordered", OrderedDimension),
        ("seed", ANY, "[1, 2, 3] ordered", OrderedDimension),
        ("width", ANY, "[16, 32, 64] unordered", CategoricalDimension),
        ("width", ANY, "[16, 32, 64]*2 ordered", OrderedDimension),
    ],
)
def test_what_a_list_spans(name: str, kind: FlagType, text: str, expected: type) -> None:
    setting = read_typed(FlagDefinition(name=name, type=kind), text)
    assert type(dimension_of(name, setting)) is expected


@pytest.mark.parametrize("text", ["[a, b, c] ordered", "[1, 2, 3] unordered", "[1, 2, 3]"])
def test_the_word_is_kept_and_shown(text: str) -> None:
    setting = read_typed(FlagDefinition(name="x"), text)
    assert isinstance(setting, Choices)
    assert setting_from_plain(setting_to_plain(setting)) == setting
    assert exact_setting(setting) == text


def _trials_to_the_best(text: str, seed: int) -> int:
    space = SearchSpace.from_settings({"x": read_typed(FlagDefinition(name="x"), text)})
    optimizer = build_optimizer("gp", {})
    trials: list[Observation] = []
    while not any(one.cost == 0 for one in trials):
        [found] = optimizer.propose(space, trials, [], 1, seed=seed)
        cost = abs(math.log2(float(str(found.flags["x"]))) - 17)
        trials.append(Observation(number=len(trials) + 1, flags=found.flags, cost=cost))
    return len(trials)


def test_a_search_expects_near_steps_to_do_alike() -> None:
    levels = str([2**k for k in range(24)])
    ordered = [_trials_to_the_best(levels, seed) for seed in range(4)]
    unordered = [_trials_to_the_best(f"{levels} unordered", seed) for seed in range(4)]
    assert max(ordered) <= 10
    assert sum(ordered) < 0.7 * sum(unordered), (ordered, unordered)
