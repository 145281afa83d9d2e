from dataclasses import replace
from typing import Any

import pytest

from tests.query.conftest import MakeRun
from tests.report.conftest import made_spec
from tunesmith.pruning import Pruned, PruningSpec
from tunesmith.query.pruning_figures import describe_rule, pruning_figures
from tunesmith.scalar import ScalarColumn, ScalarSeries, ScalarSummary
from tunesmith.trial import Run, TrialStatus

SPEC = replace(made_spec(), pruning=PruningSpec())


def reported(tag: str, n: int) -> dict[str, ScalarSummary]:
    series = ScalarSeries(tag=tag, steps=range(n), values=[1.0] * n, times=[0.0] * n)
    return {tag: ScalarSummary.from_series(series)}


def ended(
    make_run: MakeRun, number: int, n: int, *, is_pruned: bool = False, **fields: Any
) -> Run:
    if is_pruned:
        pruned = Pruned(point=n, estimate=1.0, among=())
        fields |= {"status": TrialStatus.PRUNED, "exit_code": None, "pruned": pruned}
    return replace(make_run(number, **fields), scalars=reported("loss", n))


def test_the_share_counts_pruned_trials_as_long_as_the_median_of_the_completed(
    make_run: MakeRun,
) -> None:
    trials = [
        *(ended(make_run, number, n) for number, n in enumerate((8, 10, 90), 1)),
        ended(make_run, 4, 5, is_pruned=True),
        ended(make_run, 5, 4, is_pruned=True),
        ended(make_run, 6, 3, status=TrialStatus.ERROR, exit_code=1),
        make_run(7, status=TrialStatus.RUNNING, exit_code=None),
    ]
    found = pruning_figures(SPEC, trials)
    assert found is not None
    assert (found.n_pruned, found.n_ended, found.length, found.points) == (2, 6, 10, (4, 5))
    assert found.share == pytest.approx((8 + 10 + 90 + 5 + 4) / (8 + 10 + 90 + 10 + 10))
    assert found.describe() == "2 of 6 trials, 91 % of the steps run"
    assert found.to_plain() == {
        "rule": "careful",
        "pruned": 2,
        "ended": 6,
        "steps_share": found.share,
    }


def test_the_points_of_the_scalar_that_is_judged_are_counted(make_run: MakeRun) -> None:
    runs = [ended(make_run, 1, 10), ended(make_run, 2, 2, is_pruned=True)]
    runs = [replace(run, scalars={**run.scalars, **reported("acc", 1)}) for run in runs]
    by_acc = replace(SPEC, pruning=PruningSpec(column=ScalarColumn(tag="acc")))
    found = pruning_figures(by_acc, runs)
    assert found is not None
    assert found.share == 1.0


def test_a_batch_whose_trials_all_run_to_their_end_has_none(make_run: MakeRun) -> None:
    trials = [ended(make_run, 1, 10)]
    assert pruning_figures(made_spec(), trials) is None
    found = pruning_figures(SPEC, trials)
    assert found is not None
    assert found.describe() == "0 of 1 trial, 100 % of the steps run"
    since_off = pruning_figures(made_spec(), [*trials, ended(make_run, 2, 5, is_pruned=True)])
    assert since_off is not None
    assert since_off.rule == "off"


def test_before_a_trial_has_completed_no_share_is_given(make_run: MakeRun) -> None:
    found = pruning_figures(SPEC, [ended(make_run, 1, 5, is_pruned=True)])
    assert found is not None
    assert found.describe() == "1 of 1 trial"


def test_a_rule_is_said_with_what_it_was_told() -> None:
    spec = PruningSpec(rule="bold", column=ScalarColumn(tag="val_loss"), min_points=5)
    assert describe_rule(spec) == "bold, judged on val_loss, not before point 5"
