import pytest

from tests.query.conftest import MakeRun
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.difference import difference
from tunesmith.query.interest import by_interest
from tunesmith.scalar import ScalarColumn, Statistic
from tunesmith.trial import TrialStatus


def _names(columns: object) -> list[str]:
    return [column.header for column in columns]  # type: ignore[attr-defined]  # of both kinds


def test_results_and_varied_flags_stand_right_after_the_run(make_run: MakeRun) -> None:
    runs = [
        make_run(n, flags={"x": n, "noise": 1}, scalars={"loss": n, "acc": n}, status=status)
        for n, status in enumerate((TrialStatus.COMPLETED, TrialStatus.PRUNED), start=1)
    ]

    found = by_interest(ListedRuns(runs), [ScalarColumn(tag="acc", statistic=Statistic.MAX)])

    assert _names(found.telling) == [
        *("run", "max acc", "x", "status", "acc", "loss", "step", "started")
    ]
    assert _names(found.columns)[8:] == ["noise", "label", "time", "operation"]


@pytest.mark.parametrize("tag", ["val#acc", "acc"])
def test_an_objective_by_its_last_part_is_one_column(make_run: MakeRun, tag: str) -> None:
    runs = [make_run(n, scalars={"val#acc": n}) for n in (1, 2)]

    found = by_interest(ListedRuns(runs), [ScalarColumn(tag=tag)])

    assert _names(found.telling) == ["run", "val#acc", "step", "started"]


def test_an_objective_that_is_the_same_stays_and_one_that_nobody_reported_does_not(
    make_run: MakeRun,
) -> None:
    runs = [make_run(n, scalars={"loss": 0.5}) for n in (1, 2)]

    found = by_interest(ListedRuns(runs), [ScalarColumn(tag="loss"), ScalarColumn(tag="los")])

    assert _names(found.telling)[:2] == ["run", "loss"]
    assert "los" not in _names(found.columns)


def test_of_one_run_all_but_what_is_empty_is_shown(make_run: MakeRun) -> None:
    found = by_interest(ListedRuns([make_run(1, flags={"x": 1, "y": None})]))

    assert _names(found.telling) == ["run", "x", "status", "time", "started", "operation"]


def test_times_that_look_the_same_do_not_tell_runs_apart(make_run: MakeRun) -> None:
    runs = [make_run(n, started=1_700_000_000.0 + n / 10, seconds=n / 10) for n in (1, 2)]

    assert _names(by_interest(ListedRuns(runs)).telling) == ["run"]


def test_times_that_look_the_same_are_no_difference(make_run: MakeRun) -> None:
    runs = [make_run(n, started=1_700_000_000.0 + n / 10, flags={"x": n}) for n in (1, 2)]

    assert difference(runs) == [("x", ["1", "2"])]
