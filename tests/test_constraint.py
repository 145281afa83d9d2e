"""What the scalars of a trial have to meet."""

import math
from dataclasses import replace

import pytest

from tests.batches import make_record, make_spec
from tests.query.conftest import summary
from tunesmith.batch import BatchSpec
from tunesmith.constraint import read_constraints
from tunesmith.errors import SpecificationError
from tunesmith.objective import Objective
from tunesmith.ranking import Front, best_first, best_of, nearest_of
from tunesmith.scalar import ScalarColumn
from tunesmith.trial import TrialRecord, TrialStatus

BATCH = "b" * 32


def record(number: int, loss: float, **values: float) -> TrialRecord:
    scalars = {tag: summary(value) for tag, value in {"loss": loss, **values}.items()}
    return make_record(BATCH, number, objective=loss, scalars=scalars)


def spec(*texts: str) -> BatchSpec:
    return make_spec(BATCH, subject_to=texts)


@pytest.mark.parametrize(
    ("text", "margins"),
    [
        ("latency <= 50", [11.0]),
        ("latency < 61", [1e-12]),
        ("latency <= 61", [0.0]),
        ("accuracy >= 0.9", [-0.0625]),
        ("latency <= 50 and accuracy > 0.5", [11.0, -0.4625]),
        ("max latency <= 70", [-7.0]),
        ("latency * 2 <= max_rss_bytes", [22.0]),
        ("seconds < 0.5", [0.5]),
        ("nothing < 0.5", [None]),
        ("cpu_seconds < 0.5", [None]),
    ],
)
def test_a_margin_is_how_far_a_trial_is_off(text: str, margins: list[float | None]) -> None:
    trial = replace(record(1, 0.5, latency=61.0, accuracy=0.9625), max_rss_bytes=100)
    found = [one.margin(trial) for one in read_constraints((text,))]
    assert found == [None if one is None else pytest.approx(one) for one in margins]
    is_met = all(one is not None and one <= 0 for one in margins)
    assert (spec(text).violation(trial) == 0.0) == is_met


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
def test_what_is_no_number_meets_nothing(value: float) -> None:
    trial = record(1, 0.5, latency=value)
    assert [one.margin(trial) for one in read_constraints(("latency <= 50",))] == [None]
    assert spec("latency <= 50").violation(trial) == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("latency = 50", "by <=, <, >= or >"),
        ("1 < 2", "compares no scalar"),
        ("latency < 5 or loss < 1", "joined by and alone"),
        ("not latency < 5", "joined by and alone"),
        ("latency <", "unexpected the end"),
    ],
)
def test_what_cannot_be_learnt_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        spec(text)


TRIALS = [
    record(1, 0.1, latency=80.0),
    record(2, 0.3, latency=50.0),
    record(3, 0.2, latency=55.0),
    record(4, 0.4, latency=20.0),
    replace(record(5, 0.0, latency=1.0), status=TrialStatus.ERROR, exit_code=1),
]


def test_the_best_is_the_best_that_holds() -> None:
    constrained = spec("latency <= 50")
    assert best_of(constrained, TRIALS) is TRIALS[1]
    assert best_first(constrained, TRIALS) == [TRIALS[1], TRIALS[3]]
    assert nearest_of(constrained, TRIALS) is None


def test_where_none_holds_the_nearest_is_known() -> None:
    constrained = spec("latency <= 10", "loss <= 0.25")
    assert best_of(constrained, TRIALS) is None
    assert nearest_of(constrained, TRIALS) is TRIALS[3]
    assert nearest_of(constrained, []) is None


def test_a_front_has_only_what_holds() -> None:
    latency = Objective(column=ScalarColumn(tag="latency"))
    several = replace(spec("latency <= 60"), more_objectives=(latency,))
    assert Front.of(several, TRIALS).trials == (TRIALS[2], TRIALS[1], TRIALS[3])
