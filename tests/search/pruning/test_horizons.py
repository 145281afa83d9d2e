from collections.abc import Mapping

import pytest

from tunesmith.flags.values import FlagValue
from tunesmith.search.pruning.horizons import Horizons


def of(*finished: tuple[int, Mapping[str, FlagValue]]) -> Horizons:
    return Horizons.of_finished(finished)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((10, 20, 30), 17),
        ((11, 21, 31), 18),
        ((9, 19, 29), 16),
        ((50, 100, 150), 85),
        ((5, 10, 15), 8),
    ],
    ids=["each", "one before", "none after the last", "five a step", "every second"],
)
def test_a_flag_may_say_how_many_points_there_are(counts: tuple[int, ...], expected: int) -> None:
    flags = ({"epochs": n, "x": 3, "seed": k} for k, n in enumerate((10, 20, 30)))
    found = of(*zip(counts, flags, strict=True))
    assert found.flag == "epochs"
    assert found.of({"epochs": 17}) == expected


@pytest.mark.parametrize(
    "values", [(10, 20, 31), (10.0, 20.0, 30.0), (True, 20, 30), (10, 20, None)], ids=str
)
def test_a_flag_that_disagrees_once_is_none(values: tuple[FlagValue, ...]) -> None:
    found = of(*zip((10, 20, 30), ({"epochs": value} for value in values), strict=True))
    assert found.flag is None
    assert found.of({"epochs": 17}) == found.usual == 20


def test_two_trials_or_one_length_are_no_evidence() -> None:
    assert of((10, {"n": 10}), (20, {"n": 20})).flag is None
    assert of(*[(10, {"n": 10})] * 4).flag is None


def test_a_trial_without_the_flag_has_the_usual_horizon() -> None:
    found = of((10, {"n": 10}), (20, {"n": 20}), (30, {"n": 30}))
    assert found.of({}) == 20


def test_without_finished_trials_nothing_is_known() -> None:
    assert of() == Horizons(usual=0)
