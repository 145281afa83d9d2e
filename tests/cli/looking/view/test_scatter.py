"""Which runs a plot of the live view shows."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.cli.looking.view.conftest import made_run
from tunesmith.cli.looking.view.scatter import Scatter, history_of, scatter_of
from tunesmith.objective import Objective
from tunesmith.query.columns import parse_column
from tunesmith.trial import TrialStatus

RUNS = [
    made_run(1, x=1.0, loss=0.5),
    replace(made_run(2, x=2.0, loss=0.1), status=TrialStatus.PRUNED),
    made_run(3, x=3.0, loss=0.4),
]


@pytest.mark.parametrize(
    "plot",
    [
        lambda: scatter_of(RUNS, parse_column("=x"), Objective()),
        lambda: history_of(RUNS, Objective()),
    ],
    ids=["against a flag", "by trial"],
)
def test_the_value_at_which_a_trial_was_pruned_is_no_result(plot: Callable[[], Scatter]) -> None:
    found = plot()
    assert [value for _, value in found.points] == [0.5, 0.4]
    assert found.title.endswith("; 1 pruned left out")
    assert [value for _, value in found.history[-1:]] in ([], [0.4])
    assert found.best in (-1, 1)
