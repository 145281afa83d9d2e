import math

import pytest

from tunesmith.objective import Direction, Objective
from tunesmith.scalar import ScalarColumn, ScalarSeries, ScalarSummary

LOWEST = Objective()
HIGHEST = Objective(column=ScalarColumn.from_text("max acc"), direction=Direction.MAXIMIZE)


def scalars(**values: list[float]) -> dict[str, ScalarSummary]:
    return {
        tag: ScalarSummary.from_series(
            ScalarSeries(
                tag=tag, steps=range(len(points)), values=points, times=[0.0] * len(points)
            )
        )
        for tag, points in values.items()
    }


def test_the_default_is_the_last_loss_and_lower_is_better() -> None:
    assert str(LOWEST) == "minimize loss"
    assert LOWEST.read(scalars(loss=[3.0, 2.0])) == 2.0


def test_a_qualifier_chooses_another_number_of_the_series() -> None:
    assert str(HIGHEST) == "maximize max acc"
    assert HIGHEST.read(scalars(acc=[0.9, 0.5])) == 0.9


def test_a_missing_scalar_is_none() -> None:
    assert LOWEST.read(scalars(acc=[1.0])) is None


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf], ids=str)
def test_what_no_model_can_take_has_no_cost_and_beats_nothing(value: float | None) -> None:
    assert LOWEST.to_cost(value) is None
    assert not LOWEST.is_better(value, None)
    assert LOWEST.is_better(0.0, value)


def test_maximizing_negates_the_cost_there_and_back() -> None:
    assert HIGHEST.to_cost(0.75) == -0.75
    assert HIGHEST.from_cost(-0.75) == 0.75
    assert HIGHEST.is_better(0.8, 0.7)
    assert not LOWEST.is_better(0.8, 0.7)
