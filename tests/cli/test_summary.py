import json
from dataclasses import replace

import pytest

from tests.report.conftest import BATCH, made_spec
from tunesmith.cli.advice import Advice, advise
from tunesmith.cli.summary import summarize, summary_to_json
from tunesmith.flows.outcome import BatchOutcome
from tunesmith.trial import TrialRecord, TrialStatus, short_id, trial_id

SPEC = made_spec()


def record(number: int, objective: float) -> TrialRecord:
    return TrialRecord(
        id=trial_id(BATCH, number),
        batch=BATCH,
        number=number,
        attempt=1,
        operation="train.py",
        script="train.py",
        status=TrialStatus.COMPLETED,
        exit_code=0,
        started=1.0,
        stopped=2.0,
        seconds=1.0,
        objective=objective,
        flags={"x": number / 10, "lr": 0.01, "kind": "a", "noise": 0.3},
    )


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
