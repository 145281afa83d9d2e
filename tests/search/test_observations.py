"""What an optimizer is told of recorded trials beside their results."""

from typing import Any

import pytest

from tests.batches import make_record
from tests.query.conftest import summary
from tunesmith.objective import Direction, Objective
from tunesmith.pruning import Pruned
from tunesmith.scalar import ScalarColumn
from tunesmith.search.observations import observations
from tunesmith.trial import TrialStatus

BATCH, OTHER = "b" * 32, "c" * 32
LOSS = Objective(column=ScalarColumn(tag="loss"), direction=Direction.MINIMIZE)
PRUNED = {
    "status": TrialStatus.PRUNED,
    "exit_code": None,
    "reason": "at point 2",
    "seconds": 3.0,
    "pruned": Pruned(point=2, estimate=0.5),
}
FAILED = {"status": TrialStatus.ERROR, "exit_code": 1}


def seconds_of(*fields: dict[str, Any], batch: str = BATCH) -> list[float | None]:
    records = [make_record(batch, number, **one) for number, one in enumerate(fields, start=1)]
    return [one.seconds for one in observations(records, (LOSS,), batch=BATCH)]


def test_a_trial_tells_its_seconds_unless_it_failed() -> None:
    assert seconds_of({"seconds": 7.5}, FAILED, {"seconds": float("nan")}) == [7.5, None, None]


def test_of_another_batch_no_seconds_are_told() -> None:
    assert seconds_of({"seconds": 7.5}, batch=OTHER) == [None]


@pytest.mark.parametrize(
    ("n_points", "seconds"),
    [(10, 15.0), (1, 3.0)],
    ids=["a fifth of it ran", "it printed more than others"],
)
def test_of_a_pruned_trial_the_seconds_to_its_end_are_told(n_points: int, seconds: float) -> None:
    whole = {"scalars": {"loss": summary(0.5, step=n_points - 1)}}

    assert seconds_of(whole, PRUNED)[1] == seconds


def test_where_nobody_knows_how_many_points_there_are_a_pruned_trial_tells_none() -> None:
    assert seconds_of({"seconds": 9.0}, PRUNED) == [9.0, None]


def test_a_trial_has_a_cost_for_each_objective_or_none_at_all() -> None:
    accuracy = Objective(column=ScalarColumn(tag="acc"), direction=Direction.MAXIMIZE)
    several = (LOSS, accuracy, Objective(column=ScalarColumn(tag="seconds")))
    whole, lacking = (
        make_record(
            BATCH, number, seconds=4.0, scalars={"loss": summary(0.5)} | more, objective=0.5
        )
        for number, more in ((1, {"acc": summary(0.75)}), (2, {}))
    )
    told = observations([whole, lacking], several, batch=BATCH)
    assert [one.costs for one in told] == [(0.5, -0.75, 4.0), ()]
    assert [one.cost for one in told] == [0.5, None]
