import math
from dataclasses import replace

import pytest

from tests.batches import make_record
from tunesmith.errors import QueryError
from tunesmith.objective import Direction, Objective
from tunesmith.scalar import ScalarColumn, ScalarSeries, ScalarSummary
from tunesmith.trial import TrialRecord

LOWEST = Objective()
HIGHEST = Objective(column=ScalarColumn.from_text("max acc"), direction=Direction.MAXIMIZE)


def reporting(**values: list[float]) -> TrialRecord:
    return make_record("b" * 32, 1, scalars=scalars(**values))


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
    assert LOWEST.read(reporting(loss=[3.0, 2.0])) == 2.0


def test_a_qualifier_chooses_another_number_of_the_series() -> None:
    assert str(HIGHEST) == "maximize max acc"
    assert HIGHEST.read(reporting(acc=[0.9, 0.5])) == 0.9


def test_a_missing_scalar_is_none() -> None:
    assert LOWEST.read(reporting(acc=[1.0])) is None


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


@pytest.mark.parametrize(
    ("objective", "reported", "words"),
    [
        pytest.param(
            Objective(column=ScalarColumn(tag="los")),
            {"val_acc": [0.92], "loss": [0.5, 0.31]},
            "reported no 'los'; it reported loss 0.31, val_acc 0.92: --minimize loss",
            id="a slip",
        ),
        pytest.param(
            HIGHEST,
            {"val/acc": [0.5], "train/acc": [0.9]},
            "reported no 'acc'; it reported val/acc 0.5, train/acc 0.9: --maximize 'max val/acc'",
            id="two tags end in it",
        ),
        pytest.param(
            LOWEST,
            {"loss of all": [0.5], "loss of one": [0.7]},
            "reported no 'loss'; it reported loss of all 0.5, loss of one 0.7: "
            "--minimize 'loss of all'",
            id="a name with a blank",
        ),
        pytest.param(
            LOWEST,
            {"acc": [0.5]},
            "reported no 'loss'; it reported acc 0.5: name one with --minimize or --maximize, "
            "as in --maximize acc",
            id="nothing like it",
        ),
        pytest.param(
            LOWEST,
            {f"q{n}": [float(n)] for n in range(9)},
            "reported no 'loss'; it reported q0 0, q1 1, q2 2, q3 3, q4 4, 4 more: "
            "name one with --minimize or --maximize, as in --minimize q0",
            id="many",
        ),
        pytest.param(
            LOWEST,
            {},
            "reported no 'loss', or any other scalar: print it on a line, as in loss: 0.31",
            id="nothing",
        ),
    ],
)
def test_what_was_reported_in_the_objectives_place_is_named(
    objective: Objective, reported: dict[str, list[float]], words: str
) -> None:
    found = {tag: scalars(one=values)["one"] for tag, values in reported.items()}
    assert objective.describe_missing(found) == words


def test_of_two_parts_of_the_data_the_held_out_one_is_proposed() -> None:
    found = scalars(Training_loss=[0.5], Validation_loss=[0.75])
    words = LOWEST.describe_missing(found)
    assert "it reported Validation_loss 0.75, Training_loss 0.5" in words
    assert words.endswith("as in --minimize Validation_loss")


def test_what_a_trial_used_is_read_unless_it_printed_that_name() -> None:
    seconds = Objective(column=ScalarColumn(tag="seconds"))
    record = make_record("b" * 32, 1, seconds=2.5, max_rss_bytes=1000)
    assert seconds.read(record) == 2.5
    assert seconds.read(reporting(seconds=[7.0])) == 7.0
    assert seconds.read(replace(record, scalars=scalars(epoch_seconds=[7.0]))) == 2.5
    memory = Objective(column=ScalarColumn(tag="max_rss_bytes"))
    assert memory.read(record) == 1000.0
    assert Objective(column=ScalarColumn(tag="cpu_seconds")).read(record) is None


@pytest.mark.parametrize("text", ["minimize loss", "maximize max acc", "minimize max latency"])
def test_an_objective_is_the_text_that_shows_it(text: str) -> None:
    assert str(Objective.from_text(text)) == text


@pytest.mark.parametrize("text", ["loss", "lower loss", "minimize", "minimize  ", ""])
def test_an_objective_needs_a_direction_and_a_scalar(text: str) -> None:
    with pytest.raises(QueryError):
        Objective.from_text(text)
