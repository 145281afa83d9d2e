import math
import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.flags.coerce import read_typed
from tunesmith.flags.definition import FlagDefinition, FlagType
from tunesmith.flags.display import (
    format_assignments,
    format_flags,
    format_floats,
    format_point,
    format_setting,
    format_value,
    preview_lines,
)
from tunesmith.flags.distributions import interval
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.priors import Beta, Normal
from tunesmith.flags.settings import Choices, Setting
from tunesmith.flags.values import FlagValue

single_values = (
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(max_size=20)
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.1, "0.1"),
        (1.0, "1.0"),
        (-0.312489, "-0.31249"),
        (0.99999999, "1.0"),
        (1e-7, "1e-07"),
        (True, "yes"),
        (False, "no"),
        (None, "null"),
        ("a b", "'a b'"),
        ("it's", "'it''s'"),
        ("1", "'1'"),
        ("adam", "adam"),
        ((1, 2.5, "a"), "[1, 2.5, a]"),
        (("a:b", "-x", ""), "['a:b', '-x', '']"),
        ("http://host/50%", "http://host/50%"),
        ("12:30", "12:30"),
        ("nan", "'nan'"),
        ("", "''"),
        ("a\nb", '"a\\U0000000ab"'),
        (123456.789, "123460.0"),
        (math.nan, "nan"),
    ],
    ids=repr,
)
def test_a_value_is_shown(value: FlagValue, shown: str) -> None:
    assert format_value(value) == shown


@pytest.mark.parametrize(
    ("flag", "text", "reading"),
    [
        (FlagDefinition(name="x", default=0.1), "[-2.0:2.0]", ""),
        (FlagDefinition(name="x", default=0.1), "loguniform[1e-5:1e-1]", ""),
        (FlagDefinition(name="x", default=0.1), "[0:1]", " (real numbers from 0.0 to 1.0)"),
        (FlagDefinition(name="x", type=FlagType.INT), "[1:10]", " (whole numbers)"),
        (FlagDefinition(name="x", type=FlagType.INT), "[1.0:10.0]", " (whole numbers)"),
        (
            FlagDefinition(name="x", type=FlagType.INT),
            "[10:100:10]",
            " (whole numbers from 10 to 100, first 10)",
        ),
        (
            FlagDefinition(name="x", type=FlagType.INT),
            "loguniform[1:64]",
            " (whole numbers on a log scale)",
        ),
        (
            FlagDefinition(name="x", default=0.1),
            "[0.0:1.0:0.5]",
            " (real numbers from 0.0 to 1.0, first 0.5)",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_the_preview_says_how_a_range_was_read_where_its_text_does_not(
    flag: FlagDefinition, text: str, reading: str
) -> None:
    assert preview_lines({"x": read_typed(flag, text)}) == [f"x: {text}{reading}"]


@pytest.mark.parametrize("word", ["None", "none"])
def test_the_text_none_is_quoted_where_a_command_is_to_be_typed(word: str) -> None:
    assert format_assignments({"x": word}) == shlex.quote(f"x='{word}'")
    assert format_value(word) == word


def test_flags_are_sorted_and_none_is_left_out() -> None:
    assert format_flags({"x": 1, "noise": 0.1, "unset": None}) == "noise=0.1 x=1"


def test_none_is_shown_where_it_is_the_value_in_which_trials_differ() -> None:
    assert format_point({"x": 1, "drop": None}) == "drop=null x=1"


def test_the_preview_expands_sequences_and_keeps_ranges() -> None:
    lines = preview_lines(
        {
            "x": read_setting("linspace[-0.6:0.6:4]"),
            "y": read_setting("[-2.0:2.0]"),
            "noise": 0.1,
            "z": read_setting("-2.0:2.0"),
        }
    )
    assert lines == [
        "noise: 0.1",
        "x: [-0.6, -0.2, 0.2, 0.6]",
        "y: [-2.0:2.0]",
        "z: [-2.0:2.0]",
    ]


def test_a_long_sequence_is_cut_with_its_count() -> None:
    shown = format_setting(read_setting("range[1:100]"))
    assert shown.startswith("[1, 2, 3,")
    assert shown.endswith("100] (100 values)")
    assert len(shown) < 120


@pytest.mark.parametrize(("value", "shown"), [(0.1999996, "0.2"), (-2.0 / 3, "-0.66667")])
def test_a_float_is_rounded_and_not_cut(value: float, shown: str) -> None:
    assert format_value(value) == shown


def read_words(command: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(command))


@settings(deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), single_values, max_size=4))
def test_assignments_read_back_exactly(flags: dict[str, FlagValue]) -> None:
    words = read_words(format_assignments(flags))
    read = {name: read_setting(text) for name, text in words.items()}
    assert repr(dict(sorted(read.items()))) == repr(dict(sorted(flags.items())))


@settings(deadline=None)
@given(st.lists(single_values | st.lists(single_values, max_size=2).map(tuple), max_size=4))
def test_a_list_reads_back_as_the_only_value(items: list[FlagValue]) -> None:
    words = read_words(format_assignments({"x": tuple(items)}))
    read = read_setting(words["x"])
    assert isinstance(read, Choices)
    assert repr(read.values) == repr((tuple(items),))


@settings(deadline=None)
@given(st.text(max_size=20) | st.sampled_from(["null", "linspace[", "[0:1]", "'a", "range[2]"]))
def test_a_text_flag_reads_its_text_back(text: str) -> None:
    words = read_words(format_assignments({"x": text}))
    assert read_typed(FlagDefinition(name="x", type=FlagType.TEXT), words["x"]) == text


@settings(deadline=None)
@given(st.floats())
def test_a_float_flag_reads_its_float_back(value: float) -> None:
    words = read_words(format_assignments({"x": value}))
    read = read_typed(FlagDefinition(name="x", type=FlagType.FLOAT), words["x"])
    assert repr(read) == repr(value)


@given(values=st.lists(st.floats(), max_size=4))
def test_a_column_of_numbers_is_written_as_each_of_them(values: list[float]) -> None:
    assert format_floats(values) == [format_value(value) for value in values]


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        (
            interval(0.0, 1.0, step=0.1),
            "x: [0.0:1.0] by 0.1 (real numbers from 0.0 to 1.0 in steps of 0.1)",
        ),
        (
            interval(8, 64, step=8, is_log=True, is_integer=True),
            "x: loguniform[8:64] by 8 (whole numbers from 8 to 64 in steps of 8 on a log scale)",
        ),
        (
            interval(-4.0, 4.0, prior=Normal(mean=0.0, sd=1.0)),
            "x: normal(0.0, 1.0) (real numbers from -4.0 to 4.0, normal with mean 0.0 and "
            "standard deviation 1.0)",
        ),
        (
            interval(0.0, 1.0, prior=Beta(a=2.0, b=5.0)),
            "x: beta(2.0, 5.0) (real numbers from 0.0 to 1.0, beta with a 2.0 and b 5.0)",
        ),
        (
            Choices(values=("a", "b"), text="[a, b]", probabilities=(0.75, 0.25)),
            "x: [a, b] with probabilities 0.75, 0.25",
        ),
    ],
)
def test_the_preview_tells_steps_priors_and_probabilities(setting: Setting, line: str) -> None:
    assert preview_lines({"x": setting}) == [line]
