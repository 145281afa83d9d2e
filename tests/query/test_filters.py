from collections.abc import Callable

import pytest

from tunesmith.query.expression import parse_expression
from tunesmith.query.filters import RunFilter, is_operation
from tunesmith.query.started import TimeRange
from tunesmith.trial import Run, TrialStatus

MakeRun = Callable[..., Run]


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    return make_run(
        operation="train.py+gp",
        label="first try",
        tags=("a", "b"),
        started=100.0,
        scalars={"loss": 0.5},
    )


def test_the_empty_filter_lets_every_run_pass(run: Run) -> None:
    assert RunFilter().is_empty
    assert RunFilter().matches(run)


@pytest.mark.parametrize(
    "condition",
    [
        RunFilter(operations=("other.py", "train.py+gp")),
        RunFilter(operations=("train.py*",)),
        RunFilter(labels=("no", "try")),
        RunFilter(tags=("b", "c")),
        RunFilter(statuses={TrialStatus.COMPLETED, TrialStatus.ERROR}),
        RunFilter(started=TimeRange(start=100.0, end=101.0)),
        RunFilter(expression=parse_expression("loss < 1")),
        RunFilter(operations=("train.py+gp",), labels=("first",), tags=("a",)),
    ],
    ids=["operation", "glob", "label", "tag", "status", "started", "expression", "all"],
)
def test_a_run_passes(run: Run, condition: RunFilter) -> None:
    assert not condition.is_empty
    assert condition.matches(run)


@pytest.mark.parametrize(
    "condition",
    [
        RunFilter(operations=("train.py",)),
        RunFilter(labels=("-",)),
        RunFilter(labels=("second",)),
        RunFilter(tags=("c",)),
        RunFilter(statuses=(TrialStatus.ERROR,)),
        RunFilter(started=TimeRange(start=101.0)),
        RunFilter(expression=parse_expression("loss > 1")),
        RunFilter(operations=("train.py+gp",), tags=("c",)),
    ],
    ids=["operation", "no label", "label", "tag", "status", "started", "expression", "one of two"],
)
def test_a_run_does_not_pass(run: Run, condition: RunFilter) -> None:
    assert not condition.matches(run)


def test_a_dash_finds_runs_without_a_label(make_run: MakeRun) -> None:
    assert RunFilter(labels=("-",)).matches(make_run(label=""))


def test_a_pending_run_has_no_start_that_could_pass(make_run: MakeRun) -> None:
    assert not RunFilter(started=TimeRange()).matches(make_run(started=None))


@pytest.mark.parametrize(
    ("pattern", "is_met"),
    [
        ("train.py", False),
        ("*", True),
        ("train*gp", True),
        ("t?ain.py+gp", False),
        ("[t]*", False),
    ],
)
def test_only_a_star_is_a_pattern(pattern: str, is_met: bool) -> None:
    assert is_operation("train.py+gp", pattern) is is_met
