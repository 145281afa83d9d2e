import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.batches import make_record
from tests.report.conftest import BATCH, made_spec
from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.executor.verdict import Verdict, judge, judge_end
from tunesmith.objective import Direction, Objective
from tunesmith.runner import Runner
from tunesmith.scalar import ScalarColumn, ScalarSeries, ScalarSummary
from tunesmith.trial import TrialRecord, TrialStatus

SEARCH = made_spec()
GRID = replace(SEARCH, settings={"x": 1}, optimizer=OptimizerSpec(name="grid"))
NAMED_GRID = replace(GRID, objective_named_in=0)
ACCURACY = Objective(column=ScalarColumn(tag="acc"), direction=Direction.MAXIMIZE)


def record(number: int, **fields: Any) -> TrialRecord:
    return make_record(BATCH, number, **fields)


def failed(number: int, **fields: Any) -> TrialRecord:
    return record(number, **({"status": TrialStatus.ERROR, "exit_code": 1} | fields))


def scalar(tag: str, value: float) -> dict[str, ScalarSummary]:
    series = ScalarSeries(tag=tag, steps=[0], values=[value], times=[0.0])
    return {tag: ScalarSummary.from_series(series)}


def verdict(
    spec: BatchSpec,
    ended: Sequence[TrialRecord],
    *,
    before: Sequence[TrialRecord] = (),
    lines: Sequence[str] = (),
) -> Verdict | None:
    """Judge trials as they have ended, each with the last line that it printed."""
    printed = dict(zip([one.id for one in ended], lines, strict=False))
    return judge(spec, ended, [*before, *ended], lambda one: printed.get(one.id, ""))


def with_execution(spec: BatchSpec, **changes: Any) -> BatchSpec:
    return replace(spec, execution=replace(spec.execution, **changes))


def test_a_search_ends_with_the_first_trial_that_does_not_report_its_objective() -> None:
    found = verdict(SEARCH, [record(1, scalars=scalar("val_loss", 0.25))])
    assert found == Verdict(
        end="no-objective",
        reason="trial 1 reported no 'loss'; it reported val_loss 0.25: --minimize val_loss",
    )


@pytest.mark.parametrize(
    ("spec", "ends"),
    [
        pytest.param(SEARCH, True, id="a search that learns"),
        pytest.param(NAMED_GRID, True, id="a grid whose objective was named"),
        pytest.param(replace(GRID, objective=ACCURACY), True, id="named by an older version"),
        pytest.param(GRID, False, id="a grid without a name"),
        pytest.param(replace(SEARCH, optimizer=OptimizerSpec(name="random")), False, id="random"),
    ],
)
def test_the_objective_is_needed_where_a_search_learns_or_somebody_named_it(
    spec: BatchSpec, ends: bool
) -> None:
    assert (verdict(spec, [record(1)]) is not None) == ends


@pytest.mark.parametrize(
    ("spec", "ends"),
    [
        pytest.param(replace(SEARCH, optimizer=OptimizerSpec(name="random")), True, id="random"),
        pytest.param(replace(SEARCH, optimizer=OptimizerSpec(name="sobol")), True, id="sobol"),
        pytest.param(GRID, False, id="a grid"),
    ],
)
def test_a_random_search_ends_where_its_trials_report_something_else(
    spec: BatchSpec, ends: bool
) -> None:
    silent = record(1, scalars=scalar("val_loss", 0.25))
    assert (verdict(spec, [silent]) is not None) == ends
    assert (judge_end(spec, [silent]) is not None) == ends
    assert verdict(spec, [silent], before=[record(2, objective=1.0)]) is None


@pytest.mark.parametrize("jobs", [2, 8, 0], ids=["two jobs", "eight jobs", "workers elsewhere"])
def test_where_several_run_at_once_two_trials_have_to_be_silent(jobs: int) -> None:
    runner = Runner.from_text("local" if jobs else "dask://host:8786")
    spec = with_execution(SEARCH, jobs=jobs, runner=runner)
    assert verdict(spec, [record(2)]) is None
    assert verdict(spec, [record(2), record(1)]) is not None


def test_a_failed_trial_says_nothing_of_the_objective() -> None:
    assert verdict(SEARCH, [failed(1)]) is None
    assert verdict(SEARCH, [failed(1), record(2)]) is not None


@pytest.mark.parametrize("value", [0.5, math.nan, -math.inf], ids=str)
def test_a_search_whose_objective_came_once_goes_on_without_it(value: float) -> None:
    assert verdict(SEARCH, [record(2)], before=[record(1, objective=value)]) is None


def test_a_batch_whose_only_trials_were_silent_is_judged_at_its_end() -> None:
    spec = with_execution(SEARCH, jobs=4)
    assert judge_end(spec, [record(1)]) is not None
    assert judge_end(GRID, [record(1)]) is None
    assert judge_end(spec, [failed(1)]) is None


def test_three_trials_that_fail_the_same_way_end_a_batch() -> None:
    lines = ["FileNotFoundError: data.csv"] * 3
    found = verdict(GRID, [failed(1), failed(2), failed(3)], lines=lines)
    assert found is not None
    assert found.end == "failures"
    assert lines[0] not in found.reason  # which Prefect may show
    assert found.text == (
        "the first 3 trials failed the same way: FileNotFoundError: data.csv; "
        "--max-failures N goes on until N have failed"
    )


@pytest.mark.parametrize(
    ("fields", "lines", "ends"),
    [
        pytest.param([{}] * 3, ["KeyError: 1", "KeyError: 2", "KeyError: 3"], True, id="one"),
        pytest.param([{}] * 3, ["ValueError: 1", "KeyError: 1", "ValueError: 1"], False, id="two"),
        pytest.param([{}] * 3, ["x is 1", "x is 2", "x is 3"], False, id="other lines"),
        pytest.param([{}] * 3, [], True, id="nothing printed"),
        pytest.param([{}, {}, {"exit_code": 2}], [], False, id="other exit codes"),
        pytest.param([{"reason": "timed out"}] * 3, ["a", "b", "c"], True, id="the same reason"),
        pytest.param([{}] * 2, [], False, id="two trials"),
    ],
)
def test_the_same_way_is_the_same_end_and_the_same_exception(
    fields: list[dict[str, Any]], lines: list[str], ends: bool
) -> None:
    ended = [failed(number, **one) for number, one in enumerate(fields, start=1)]
    assert (verdict(GRID, ended, lines=lines) is not None) == ends


@pytest.mark.parametrize(
    "before", [[record(9, objective=1.0)], []], ids=["in an earlier generation", "just before"]
)
def test_a_batch_in_which_a_trial_completed_goes_on(before: list[TrialRecord]) -> None:
    ended = [failed(1), failed(2), failed(3)]
    if not before:
        ended.insert(0, record(4, objective=1.0))
    assert verdict(GRID, ended, before=before) is None


def test_a_number_of_failures_that_was_given_decides_alone() -> None:
    spec = with_execution(GRID, max_failures=4)
    ended = [failed(number) for number in range(1, 5)]
    assert verdict(spec, ended[:3]) is None
    assert verdict(spec, ended) == Verdict(end="failures", reason="4 trials failed")


def test_each_of_several_objectives_has_to_come() -> None:
    spec = replace(SEARCH, more_objectives=(ACCURACY,))
    losses = [record(k, objective=0.5, scalars=scalar("loss", 0.5)) for k in (1, 2)]
    found = verdict(spec, losses[:1])
    assert found is not None
    assert found.reason.startswith("trial 1 reported no 'acc'; it reported loss 0.5")
    both = {**scalar("loss", 0.5), **scalar("acc", 0.9)}
    assert verdict(spec, [losses[0], record(2, objective=0.5, scalars=both)]) is None
    assert judge_end(spec, losses) is not None
