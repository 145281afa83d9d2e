import json
from dataclasses import replace
from typing import Any

import pytest

from tests.batches import make_record
from tests.report.conftest import BATCH, made_spec
from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.cli.looking.advice import Advice, advise
from tunesmith.cli.running.summary import summarize, summary_to_json
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.query.pruning_figures import PruningFigures
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.trial import TrialRecord, TrialStatus, short_id

SPEC = made_spec()


def record(number: int, objective: float) -> TrialRecord:
    flags = {"x": number / 10, "lr": 0.01, "kind": "a", "noise": 0.3}
    return make_record(BATCH, number, objective=objective, flags=flags)


BEST, OTHER = record(7, -0.9), record(12, -0.7)
OUTCOME = BatchOutcome(
    batch=BATCH,
    end="",
    stopped=2.0,
    seconds=1.0,
    n_run=2,
    n_tasks=4,
    counts={TrialStatus.COMPLETED: 2},
    best=BEST,
)


def test_the_recommended_trial_stands_below_the_best_one() -> None:
    text = summarize(SPEC, OUTCOME, Advice(trial=OTHER, mean=-0.79123, sd=0.0512))

    best, recommended = (line.strip() for line in text.splitlines()[1:3])
    assert best.startswith("best:     loss -0.9  ")
    assert recommended == (
        "recommended: loss -0.79123 ± 0.051  kind=a lr=0.01 x=1.2  "
        f"trial 12 ({short_id(OTHER.id)})"
    )


@pytest.mark.parametrize(
    "advice",
    [None, Advice(trial=BEST, mean=-0.9, sd=0.01)],
    ids=["no model", "the best one is recommended"],
)
def test_without_another_trial_to_recommend_there_is_no_line(advice: Advice | None) -> None:
    assert "recommended" not in summarize(SPEC, OUTCOME, advice)


def test_the_json_has_the_recommended_trial_even_where_it_is_the_best() -> None:
    advice = Advice(trial=BEST, mean=-0.875, sd=0.25)

    plain = json.loads(summary_to_json(SPEC, OUTCOME, advice))

    assert plain["recommended"] == {"id": BEST.id, "number": 7, "mean": -0.875, "sd": 0.25}
    assert plain["best"]["number"] == 7


def test_without_a_recommendation_the_json_has_null() -> None:
    assert json.loads(summary_to_json(SPEC, OUTCOME))["recommended"] is None


def test_advice_belongs_to_the_trial_of_its_own_batch() -> None:
    records = [record(number, number / 10) for number in range(1, 7)]
    other = replace(records[1], id="00" * 16, batch="00" * 16)

    advice = advise(
        SPEC, [other, *records], posterior=lambda _, trials: [(2, 0.5, 0.1), (3, 0.6, 0.1)]
    )

    assert advice is not None
    assert advice.trial is records[1]
    assert advice.expected == "0.5 ± 0.1"


SILENT = replace(
    record(1, 0.0),
    objective=None,
    scalars={
        "val_loss": ScalarSummary.from_series(
            ScalarSeries(tag="val_loss", steps=[0], values=[0.25], times=[0.0])
        )
    },
)


def lines_of(spec: BatchSpec, outcome: BatchOutcome) -> dict[str, str]:
    """Return the lines below the first one, by the word before the colon."""
    lines = (line.strip().split(":", 1) for line in summarize(spec, outcome).splitlines()[1:])
    return {name: text.strip() for name, text in lines}


def test_where_the_objective_never_came_the_command_to_go_on_names_another() -> None:
    outcome = replace(OUTCOME, end="no-objective", best=None, silent=SILENT)
    assert lines_of(SPEC, outcome)["go on"].endswith(f"{short_id(BATCH)} --minimize val_loss")


def test_a_grid_without_its_objective_says_what_was_reported() -> None:
    grid = replace(SPEC, settings={}, optimizer=OptimizerSpec(name="grid"))
    outcome = replace(OUTCOME, best=None, silent=SILENT)
    lines = lines_of(grid, outcome)
    assert "it reported val_loss 0.25: --minimize val_loss" in lines["best"]
    assert lines["go on"].endswith("--minimize val_loss")


def test_trials_outside_of_what_is_searched_now_are_named() -> None:
    assert "4 trials" in lines_of(SPEC, replace(OUTCOME, n_outside=4))["space"]
    assert "space" not in lines_of(SPEC, OUTCOME)


@pytest.mark.parametrize("n_done", [9, 30], ids=["interrupted", "complete"])
def test_only_of_a_complete_random_search_more_trials_are_asked_for(n_done: int) -> None:
    spec = replace(SPEC, optimizer=OptimizerSpec(name="random"), n_trials=30, n_first_trials=30)
    outcome = replace(OUTCOME, counts={TrialStatus.COMPLETED: n_done})
    more = " -m 30" if n_done == 30 else ""
    assert lines_of(spec, outcome)["go on"] == f"tunesmith run --restart {short_id(BATCH)}{more}"


@pytest.mark.parametrize(
    ("changes", "is_failed"),
    [
        pytest.param({}, False, id="all completed"),
        pytest.param({"n_failed": 1}, False, id="some failed"),
        pytest.param({"n_failed": 2}, True, id="all that ran now failed"),
        pytest.param({"n_failed": 2, "end": "stopped"}, False, id="stopped by somebody"),
        pytest.param({"end": "failures", "n_failed": 1}, True, id="ended for failures"),
        pytest.param({"end": "no-objective"}, True, id="never had its objective"),
        pytest.param({"n_run": 0}, False, id="nothing was left to run"),
        pytest.param(
            {"n_run": 0, "counts": {TrialStatus.ERROR: 2}}, True, id="nothing but failures"
        ),
    ],
)
def test_a_batch_that_came_to_nothing_has_failed(changes: dict[str, Any], is_failed: bool) -> None:
    assert replace(OUTCOME, **changes).is_failed == is_failed


def test_of_a_space_without_a_result_yet_nothing_is_said_of_earlier_trials() -> None:
    lines = lines_of(SPEC, replace(OUTCOME, best=None, n_outside=2))
    why = "no trial in the current search space reported a finite loss"
    assert lines["best"] == f"none, since {why}"


def test_the_summary_says_what_pruning_did() -> None:
    counts = {TrialStatus.COMPLETED: 4, TrialStatus.PRUNED: 16}
    pruning = PruningFigures(rule="careful", n_pruned=16, n_ended=20, length=25, share=0.4167)
    outcome = replace(OUTCOME, n_run=20, counts=counts)

    lines = summarize(SPEC, outcome, pruning=pruning).splitlines()

    assert "  pruning:  16 of 20 trials, 42 % of the steps run" in lines
    assert "20 trials in 1.0s; 4 completed, 16 pruned" in lines[0]
    plain = json.loads(summary_to_json(SPEC, outcome, pruning=pruning))
    assert plain["pruning"]["steps_share"] == 0.4167
    assert plain["counts"] == {"completed": 4, "pruned": 16}
    assert json.loads(summary_to_json(SPEC, OUTCOME))["pruning"] is None


def test_a_grid_whose_trials_were_pruned_has_nothing_to_go_on_with() -> None:
    settings = {"kind": SPEC.settings["kind"]}
    grid = replace(SPEC, optimizer=OptimizerSpec(name="grid"), settings=settings, n_trials=20)
    counts = {TrialStatus.COMPLETED: 4, TrialStatus.PRUNED: 16}

    assert "go on:" not in summarize(grid, replace(OUTCOME, n_run=20, counts=counts))
