import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import QueryError
from tunesmith.output.scalars import OutputScalars, summarize


def read(
    *lines: str, flags: tuple[str, ...] = (), patterns: tuple[str, ...] = ()
) -> OutputScalars:
    scalars = OutputScalars(flag_names=flags, patterns=patterns)
    for moment, line in enumerate(lines):
        scalars.feed(line, float(moment))
    return scalars


def points(*lines: str, **options: tuple[str, ...]) -> dict[str, list[tuple[int, float]]]:
    return {
        one.tag: list(zip(one.steps, one.values, strict=True))
        for one in read(*lines, **options).series()
    }


@pytest.mark.parametrize(
    ("line", "tag", "value"),
    [
        ("loss: 0.25", "loss", 0.25),
        ("loss:   -1.5e-3", "loss", -1.5e-3),
        ("loss: +.5", "loss", 0.5),
        ("val_loss: 3", "val_loss", 3.0),
        ("val/acc: 1", "val/acc", 1.0),
        ("val#acc: 1", "val#acc", 1.0),
        ("test accuracy: 0.9", "test_accuracy", 0.9),
        ("loss: inf", "loss", math.inf),
        ("loss 0.5", "loss", 0.5),
        (" loss: 0.5", "loss", 0.5),
        ("at 12:30 loss: 0.5 was low", "loss", 0.5),
        ("loss: 0.5 and more", "loss", 0.5),
        ("\x1b[32mloss: 0.5\x1b[0m", "loss", 0.5),
        ("10%|#\r20%|##\rloss: 0.5\r", "loss", 0.5),
    ],
)
def test_a_line_is_a_scalar(line: str, tag: str, value: float) -> None:
    assert points(line) == {tag: [(0, value)]}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "loss",
        "loss: high",
        "12:30",
        "http://x: 1",
        "loss: 0x10",
        "loss: 1_000",
    ],
    ids=repr,
)
def test_a_line_is_no_scalar(line: str) -> None:
    assert points(line) == {}


def test_nan_is_a_value() -> None:
    ((tag, ((step, value),)),) = points("loss: nan").items()
    assert (tag, step) == ("loss", 0)
    assert math.isnan(value)


def test_a_step_holds_until_the_next() -> None:
    found = points("step: 5", "loss: 1", "acc: 2", "step: 6", "loss: 3")
    assert found == {"loss": [(5, 1.0), (6, 3.0)], "acc": [(5, 2.0)]}


def test_a_step_in_place_is_that_lines_own() -> None:
    assert points("loss: 1 (step 7)", "loss: 2 (step 9)") == {"loss": [(7, 1.0), (9, 2.0)]}


def test_a_key_that_repeats_without_a_step_advances_by_one() -> None:
    assert points("loss: 1", "acc: 9", "loss: 2", "loss: 3") == {
        "loss": [(0, 1.0), (1, 2.0), (2, 3.0)],
        "acc": [(0, 9.0)],
    }


def test_the_names_of_flags_are_no_scalars() -> None:
    assert points("x: 0.1", "loss: 1", flags=("x",)) == {"loss": [(0, 1.0)]}


@pytest.mark.parametrize(
    "pattern",
    [r"(?P<key>\w+) = (?P<value>\S+)", r"loss = (\value)", r"^loss = (?P<value>[\d.]+)"],
)
def test_a_pattern_replaces_the_default(pattern: str) -> None:
    assert points("loss = 0.5", "acc: 1", patterns=(pattern,)) == {"loss": [(0, 0.5)]}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("loss = (", "position"),
        ("loss", "captures no scalar"),
        (r"vl \value", r"'vl \\value' captures no scalar"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        OutputScalars(flag_names=(), patterns=(pattern,))


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        pytest.param(
            r"(?P<val_loss>\value) / (?P<acc>\value)",
            "res 0.5 / 0.9",
            {"val_loss": [(0, 0.5)], "acc": [(0, 0.9)]},
            id="named groups are tags",
        ),
        pytest.param(
            r"(?P<key>\w+)=(?P<value>\S+)",
            "a=1 b=2",
            {"a": [(0, 1.0)], "b": [(0, 2.0)]},
            id="every match counts",
        ),
        pytest.param(
            r"loss (\value) acc (\value)",
            "loss 0.5 acc 0.9",
            {"loss": [(0, 0.5)], "acc": [(0, 0.9)]},
            id="the words before numbers are tags",
        ),
        pytest.param(
            r"at (?P<step>\step): (?P<loss>\value)",
            "at 7: 0.5",
            {"loss": [(7, 0.5)]},
            id="a step in place",
        ),
    ],
)
def test_a_pattern_finds(
    pattern: str, line: str, found: dict[str, list[tuple[int, float]]]
) -> None:
    assert points(line, patterns=(pattern,)) == found


def test_every_pattern_is_applied_to_every_line() -> None:
    found = points("loss 1 acc 2", patterns=(r"loss (\value)", r"acc (\value)"))
    assert found == {"loss": [(0, 1.0)], "acc": [(0, 2.0)]}


def test_a_pattern_of_a_step_counts_for_the_lines_below() -> None:
    found = points("# 4", "loss 1", patterns=(r"# (\step)", r"loss (\value)"))
    assert found == {"loss": [(4, 1.0)]}


def test_the_first_spelling_of_a_tag_stays() -> None:
    assert points("Val Loss: 1", "val_loss = 2", "VAL-LOSS 3.5") == {
        "Val_Loss": [(0, 1.0), (1, 2.0), (2, 3.5)]
    }


def test_an_objective_is_found_where_no_other_name_is() -> None:
    scalars = OutputScalars(flag_names=(), wanted=("final price",))
    scalars.feed("the final_price of it is now 3", 0.0)
    scalars.feed("FINAL PRICE ..... 12.5 EUR", 0.0)
    ((_, values),) = [(one.tag, list(one.values)) for one in scalars.series()]
    assert values == [12.5]


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("Final score on test is 0.5", [0.5]),
        ("The score of the model is 93.2%", [93.2]),
        ("score over the 3 last folds of it: 0.5", [0.5]),
        ("Best score so far: 0.5", [0.5]),
        ("Score of class plane is 0.5", []),
        ("the score of epoch 3", []),
        ("score of epoch: 3", []),
    ],
)
def test_an_objective_is_found_where_it_says_of_what_it_is(line: str, values: list[float]) -> None:
    scalars = OutputScalars(flag_names=(), wanted=("score",))
    scalars.feed(line, 0.0)
    found = [
        value for one in scalars.series() if one.tag.lower() == "score" for value in one.values
    ]
    assert found == values


def test_a_chatty_program_gets_two_hundred_tags_and_its_objective() -> None:
    lines = [f"q{n}x: 1.5" for n in range(300)]
    found = points(*lines, "loss: 1")
    assert len(found) == 201
    assert "loss" in found


@pytest.mark.parametrize(
    ("lines", "step"),
    [
        (["Epoch 3/10", "loss: 1"], 3),
        (["epoch 3 loss: 1"], 3),
        (["Epoch [3/10], Step [100/600], loss: 1"], 3),
        (["step: 100 loss: 1"], 100),
        (["[12]\tloss:1.0"], 12),
        (["iter 100: loss 1"], 100),
        ([" 50%|##  | 10/20 [00:01<00:01, 9it/s, loss=1]"], 10),
        (["{'loss': 1, 'epoch': 2.0}"], 2),
        (["{'loss': 1, 'epoch': 0.5}"], 0),
        (["epoch 3", "best loss: 9 (epoch 1)", "loss: 1"], 3),
        (["steps per epoch: 100", "loss: 1"], 0),
        (["loss: 1"], 0),
    ],
    ids=str,
)
def test_counters_are_steps(lines: list[str], step: int) -> None:
    assert points(*lines)["loss"] == [(step, 1.0)]


def test_a_line_without_a_number_costs_nothing_later() -> None:
    found = points("worker 1 is up", "worker 2 is up", "loss: 1", "worker 3 is up", "loss: 2")
    assert found == {"loss": [(0, 1.0), (1, 2.0)]}


@given(st.text(alphabet=" :=|.,-[](){}'\"%/\\t\\r1e\x1b", max_size=200))
def test_no_signs_crash_the_reader(line: str) -> None:
    read(line, line)


def test_a_summary_names_the_last_value_and_its_step() -> None:
    summary = summarize(read("loss: 3", "loss: 1", "loss: 2").series())["loss"]
    assert (summary.last, summary.last_step, summary.min, summary.min_step) == (2.0, 2, 1.0, 1)


@given(st.lists(st.text(max_size=30) | st.from_regex(r"[a-z]{0,3}: [-+.0-9einf]{0,8}")))
def test_no_output_crashes_the_reader(lines: list[str]) -> None:
    read(*lines)


@given(st.floats(allow_nan=False))
def test_every_float_is_read_back_as_it_was_printed(value: float) -> None:
    assert points(f"loss: {value}") == {"loss": [(0, value)]}


def test_the_unit_of_steps_is_kept() -> None:
    lines = ["acc: 1", "epoch 3 loss: 1", "iter 4: f1 0.5", "best mse: 9 (step 7)", "acc: 2"]
    units = {one.tag: one.unit for one in read(*lines, *lines).series()}
    assert units == {
        "acc": "iteration",
        "loss": "epoch",
        "f1": "iteration",
        "best_mse": "step",
    }
