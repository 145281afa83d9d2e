"""Every row and every example of the page on flags, as it stands there."""

import math
from typing import Any

import numpy as np
import pytest

from tunesmith.errors import FlagError
from tunesmith.flags.assignments import assign, split_argument
from tunesmith.flags.coerce import read_typed
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.display import format_flags
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.settings import Choices, Distribution

X = FlagDefinition(name="x", type=FlagType.NUMBER, default=0.1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("", "", id="empty text"),
        pytest.param("1e-5", 1e-5, id="exponent"),
        pytest.param(".1", 0.1, id="no digit before the point"),
        pytest.param("1.", 1.0, id="no digit after the point"),
        pytest.param("001", 1, id="leading zeros"),
        pytest.param("yes", True, id="yes"),
        pytest.param("no", False, id="no"),
        pytest.param("true", True, id="true"),
        pytest.param("false", False, id="false"),
        pytest.param("null", None, id="null"),
        pytest.param("~", None, id="tilde"),
        pytest.param("'1'", "1", id="quoted"),
        pytest.param("1_2_3", "1_2_3", id="underscores"),
        pytest.param("1:2", "1:2", id="colon"),
        pytest.param("12:30", "12:30", id="a time"),
    ],
)
def test_one_value_is_read_as_the_page_says(text: str, value: object) -> None:
    read = read_setting(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1,2]*2", [1, 2, 1, 2]),
        ("range[5]", list(np.arange(5))),
        ("range[1:5]", [1, 2, 3, 4, 5]),
        ("range[1:5:2]", [1, 3, 5]),
        ("range[5:1:-2]", [5, 3, 1]),
        ("range[0:0.3:0.1]", [0.0, 0.1, 0.2, 0.3]),
        ("linspace[0:1]", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("linspace[-0.6:0.6:4]", [-0.6, -0.2, 0.2, 0.6]),
        ("linspace[0:1:4]", [0.0, 0.33333333, 0.66666667, 1.0]),
        ("logspace[-2:2]", list(np.logspace(-2, 2, 5))),
        ("logspace[0:2:3]", list(np.logspace(0, 2, 3))),
        ("logspace[0:3:4:2]", list(np.logspace(0, 3, 4, base=2))),
        ("geomspace[1:10]", list(np.geomspace(1, 10, 5))),
        ("geomspace[0.001:1:4]", list(np.geomspace(0.001, 1, 4))),
        ("-1,0,1", [-1, 0, 1]),
        ("linspace:-0.6:0.6:4", [-0.6, -0.2, 0.2, 0.6]),
        ("range:1:3", [1, 2, 3]),
        ("logspace:0:2:3", [1.0, 10.0, 100.0]),
        ("geomspace:1:4:3", [1.0, 2.0, 4.0]),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_sequence_is_a_grid(text: str, expected: list[Any]) -> None:
    read = read_setting(text)
    assert isinstance(read, Choices)
    assert list(read.values) == pytest.approx(expected, rel=1e-12)
    kinds = {int if isinstance(value, int | np.integer) else float for value in expected}
    assert {type(value) for value in read.values} == kinds


@pytest.mark.parametrize(
    ("text", "bounds", "is_integer", "is_log"),
    [
        ("[-2.0:2.0]", (-2.0, 2.0, None), False, False),
        ("[1:10]", (1, 10, None), True, False),
        ("uniform[1:10]", (1, 10, None), True, False),
        ("uniform[0.5:1]", (0.5, 1, None), False, False),
        ("loguniform[1e-5:1e-1]", (1e-5, 1e-1, None), False, True),
        ("[-2.0:2.0:0.5]", (-2.0, 2.0, 0.5), False, False),
        ("uniform[1:10:3]", (1, 10, 3), True, False),
        ("loguniform[1e-5:1e-1:1e-3]", (1e-5, 1e-1, 1e-3), False, True),
        ("-2.0:2.0", (-2.0, 2.0, None), False, False),
        ("uniform:1:10", (1, 10, None), True, False),
        ("loguniform:1e-5:1e-1", (1e-5, 1e-1, None), False, True),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_distribution_is_a_search(
    text: str, bounds: tuple[float, float, float | None], is_integer: bool, is_log: bool
) -> None:
    read = read_setting(text)
    assert isinstance(read, Distribution)
    assert (read.low, read.high, read.initial) == bounds
    assert (read.is_integer, read.is_log) == (is_integer, is_log)


@pytest.mark.parametrize(
    "flag",
    [
        pytest.param(FlagDefinition(name="n", type=FlagType.INT), id="an int option"),
        pytest.param(
            FlagDefinition(name="n", type=FlagType.NUMBER, has_integer_default=True),
            id="a global whose default is an int",
        ),
    ],
)
def test_loguniform_over_an_int_flag_is_over_integers(flag: FlagDefinition) -> None:
    read = read_typed(flag, "loguniform[1:1000]")
    assert isinstance(read, Distribution)
    assert (read.is_integer, read.is_log) == (True, True)
    assert (type(read.low), type(read.high)) == (int, int)


def test_a_list_beside_a_distribution_stays_a_choice() -> None:
    flags = ScriptFlags(
        source=FlagSource.GLOBALS, definitions=(X, FlagDefinition(name="kind", default="a"))
    )
    given = [split_argument("x=[0.0:1.0]"), split_argument("kind=[a,b]")]
    read = assign(flags, given, script="train.py")
    assert isinstance(read["x"], Distribution)
    assert read["kind"] == Choices(values=("a", "b"), text="[a,b]")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("1:10", (1, 10), id="whole bounds"),
        pytest.param("-5:5", (-5, 5), id="a sign"),
        pytest.param("0:1:1", (0, 1), id="a first value"),
    ],
)
def test_a_number_flag_has_no_use_for_a_time(text: str, value: tuple[int, int]) -> None:
    read = read_typed(X, text)
    assert isinstance(read, Distribution)
    assert (read.low, read.high) == value
    assert read.text == f"[{text}]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "invalid value 'hello' for x: expected a number"),
        ("[1,two,3]", "invalid value 'two' for x: expected a number"),
        ("12:30:00", "outside 12 to 30"),
        ("1_2_3", "invalid value '1_2_3' for x: expected a number"),
        ("[2.0:1.0]", "lower bound 2.0 must be less than the upper bound 1.0"),
        ("[0.0:1.0:2.0]", "outside 0.0 to 1.0"),
        ("loguniform[0:1]", "a lower bound above 0"),
        ("gamma[0:1]", "Choose one of range, linspace, logspace, geomspace, uniform, loguniform"),
        ("range[foo:bar]", "'foo' in range[foo:bar] is not a number"),
    ],
    ids=lambda one: one if " " not in one else "",
)
def test_what_does_not_fit_names_the_flag_the_value_and_the_rule(text: str, message: str) -> None:
    with pytest.raises(FlagError) as caught:
        read_typed(X, text)
    assert message in str(caught.value)
    assert "for x: " in str(caught.value)


def test_flags_are_shown_as_the_page_says() -> None:
    flags = {"x": -0.289483712, "b": True, "a": False, "none": None, "t": "a b", "n": math.pi}
    assert format_flags(flags) == "a=no b=yes n=3.1416 t='a b' x=-0.28948"
