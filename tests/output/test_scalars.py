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
    ("pattern", "words"), [("loss = (", "position"), ("loss", "captures no scalar")]
)
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        OutputScalars(flag_names=(), patterns=(pattern,))


def test_a_summary_names_the_last_value_and_its_step() -> None:
    summary = summarize(read("loss: 3", "loss: 1", "loss: 2").series())["loss"]
    assert (summary.last, summary.last_step, summary.min, summary.min_step) == (2.0, 2, 1.0, 1)


@given(st.lists(st.text(max_size=30) | st.from_regex(r"[a-z]{0,3}: [-+.0-9einf]{0,8}")))
def test_no_output_crashes_the_reader(lines: list[str]) -> None:
    read(*lines)


@given(st.floats(allow_nan=False))
def test_every_float_is_read_back_as_it_was_printed(value: float) -> None:
    assert points(f"loss: {value}") == {"loss": [(0, value)]}
