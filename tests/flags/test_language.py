"""The table of the flag language, row by row, each example as a user types it."""

import math
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flags.conftest import refusal, values
from tunesmith.errors import FlagError
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.priors import Normal
from tunesmith.flags.settings import Distribution


def distribution(text: str) -> Distribution:
    setting = read_setting(text)
    assert isinstance(setting, Distribution), setting
    return setting


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("1", 1),
        ("-1", -1),
        ("001", 1),
        ("1e-5", 1e-5),
        (".1", 0.1),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        (".inf", math.inf),
        ("yes", True),
        ("no", False),
        ("true", True),
        ("null", None),
        ("~", None),
        ("'1'", "1"),
        ('"a b"', "a b"),
        ("hello", "hello"),
        ("a b", "a b"),
        ("1_2_3", "1_2_3"),
        ("12:30:00x", "12:30:00x"),
        ("0x1F", 31),
        ("-0b11", -3),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("9" * 301, "9" * 301),
        ("#fff", "#fff"),
        ("a #b", "a #b"),
        ("--- a", "--- a"),
        ("!!int 1", "!!int 1"),
        ("on", True),
        ("NULL", None),
        ("'open", "'open"),
        (" ", " "),
        ("2026-01-31", "2026-01-31"),
        ("path=a:b", "path=a:b"),
        ("a:b", "a:b"),
        ("{a: 1}", "{a: 1}"),
        ("data[0]", "data[0]"),
        ("@x", "@x"),
    ],
    ids=repr,
)
def test_a_value_is_read(text: str, value: object) -> None:
    read = read_setting(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[-1,0,1]", (-1, 0, 1)),
        ("[a:b]", ("a:b",)),
        ("['1:2']", ("1:2",)),
        ("[&a 1, *a]", (1, 1)),
        ("[2026-01-31, 0x10]", ("2026-01-31", 16)),
        ("[[]]", ((),)),
        ("range[4.0]", (0.0, 1.0, 2.0, 3.0)),
        ("range[0:3.5]", (0.0, 1.0, 2.0, 3.0)),
        ("range[1:2:5]", (1,)),
        ("linspace[1e-10:1e-9:3]", (1e-10, 5.5e-10, 1e-9)),
        ("linspace[2:3:1]", (2.0,)),
        ("[0.1]", (0.1,)),
        ("[010, '1', 12:30, 1_2]", (10, "1", "12:30", "1_2")),
        ("[1e-5, 1e-3]", (1e-5, 1e-3)),
        ("[a, 'b c', yes, null]", ("a", "b c", True, None)),
        ("[[1,2],[3,4]]", ((1, 2), (3, 4))),
        ("[1,2]*2", (1, 2, 1, 2)),
        ("-1,0,1", (-1, 0, 1)),
        ("0.1,0.2", (0.1, 0.2)),
        ("range[4]", (0, 1, 2, 3)),
        ("range[1:4]", (1, 2, 3, 4)),
        ("range[0:10:5]", (0, 5, 10)),
        ("range[4:1:-1]", (4, 3, 2, 1)),
        ("range[0:0.3:0.1]", (0.0, 0.1, 0.2, 0.3)),
        ("linspace[-0.6:0.6:4]", (-0.6, -0.2, 0.2, 0.6)),
        ("linspace[0:1]", (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("linspace:-0.6:0.6:4", (-0.6, -0.2, 0.2, 0.6)),
        ("range:1:3", (1, 2, 3)),
        ("logspace[0:2:3]", (1.0, 10.0, 100.0)),
        ("logspace[0:3:4:2]", (1.0, 2.0, 4.0, 8.0)),
        ("geomspace[1:8:4]", (1.0, 2.0, 4.0, 8.0)),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_sequence_is_expanded(text: str, expected: tuple[Any, ...]) -> None:
    assert (
        values(text) == pytest.approx(expected, rel=1e-12)
        if text.startswith(("logspace", "geomspace"))
        else values(text) == expected
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("logspace[-5:-1:5]", "(1e-05, 0.0001, 0.001, 0.01, 0.1)"),
        ("logspace[0:3:4]", "(1.0, 10.0, 100.0, 1000.0)"),
        ("geomspace[1e-5:1e-1:5]", "(1e-05, 0.0001, 0.001, 0.01, 0.1)"),
        ("geomspace[-1:-100:3]", "(-1.0, -10.0, -100.0)"),
    ],
)
def test_powers_are_listed_without_the_dust_of_their_computation(text: str, expected: str) -> None:
    assert repr(values(text)) == expected


@pytest.mark.parametrize(
    ("text", "low", "high", "initial", "is_integer", "is_log"),
    [
        ("[-2.0:2.0]", -2.0, 2.0, None, False, False),
        ("-2.0:2.0", -2.0, 2.0, None, False, False),
        ("[1:10]", 1, 10, None, True, False),
        ("[1:10.0]", 1, 10.0, None, False, False),
        ("[-2.0:2.0:0.5]", -2.0, 2.0, 0.5, False, False),
        ("uniform[0:1]", 0, 1, None, True, False),
        ("uniform:0.5:1", 0.5, 1, None, False, False),
        ("loguniform[1e-5:1e-1]", 1e-5, 1e-1, None, False, True),
        ("loguniform:1e-5:1e-1:1e-3", 1e-5, 1e-1, 1e-3, False, True),
        ("loguniform[1:100]", 1, 100, None, False, True),
        ("integers[1:9:2]", 1, 9, 2, True, False),
        ("integers:1:9", 1, 9, None, True, False),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_distribution_is_read(
    text: str, low: float, high: float, initial: float | None, is_integer: bool, is_log: bool
) -> None:
    read = distribution(text)
    assert (read.low, read.high, read.initial) == (low, high, initial)
    assert (read.is_integer, read.is_log) == (is_integer, is_log)


@pytest.mark.parametrize(
    ("text", "low", "high", "initial", "step", "is_integer"),
    [
        ("[0.1:1.0:step=0.1]", 0.1, 1.0, None, 0.1, False),
        ("0.1:1.0:step=0.1", 0.1, 1.0, None, 0.1, False),
        ("[0.1:1.0:0.5: step = 0.1]", 0.1, 1.0, 0.5, 0.1, False),
        ("[1:9:step=2]", 1, 9, None, 2, True),
        ("[1:9:step=1]", 1, 9, None, None, True),
        ("[0:1:step=0.25]", 0, 1, None, 0.25, False),
        ("integers[1:9:3:step=2]", 1, 9, 3, 2, True),
        ("loguniform[1:1000:step=10]", 1, 1000, None, 10, False),
        ("quniform[0:100:32]", 0, 96, None, 32, True),
        ("quniform[0.15:1.0:0.1:0.3]", 0.2, 1.0, 0.3, 0.1, False),
        ("normal[64:16:step=1]", 16, 112, None, 1, True),
        ("lognormal[0:1:step=1]", 1, 20, None, 1, True),
    ],
)
def test_a_distribution_in_steps_is_read(
    text: str,
    low: float,
    high: float,
    initial: float | None,
    step: float | None,
    is_integer: bool,
) -> None:
    read = distribution(text)
    assert (read.low, read.high, read.initial) == (low, high, initial)
    assert (read.step, read.is_integer) == (step, is_integer)


def test_a_normal_distribution_is_read() -> None:
    read, of_logarithm = distribution("normal[1:0.5:2]"), distribution("lognormal:-7:1")

    assert (read.low, read.high, read.initial, read.is_log) == (-0.5, 2.5, 2, False)
    assert read.prior == Normal(mean=1.0, sd=0.5)
    assert of_logarithm.prior == Normal(mean=-7.0, sd=1.0)
    assert of_logarithm.is_log
    assert of_logarithm.low == pytest.approx(math.exp(-10))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("range[foo:bar]", ["'foo'", "range[0:10:2]"]),
        ("range[0:10:0]", ["step of 0"]),
        ("range[1:5:-1]", ["is empty", "the step must lead"]),
        ("range[0:1e12]", ["at most"]),
        ("linspace[1]", ["linspace takes 2 to 3", "linspace[-0.6:0.6:4]"]),
        ("linspace[0:1:2.5]", ["2.5", "whole number"]),
        ("linspace[0:1:0]", ["1 or more"]),
        ("linspace[a:b]", ["'a'"]),
        ("logspace[0:400:3]", ["range of floats"]),
        ("logspace[0:1:3:-1]", ["base"]),
        ("geomspace[-1:1]", ["same sign"]),
        ("integers[0.5:3]", ["fraction", "[1:10]"]),
        ("integers[1:9:step=0.5]", ["a whole step"]),
        ("[1:9:step=x]", ["'step=x'", "is not a number"]),
        ("[0.0:1.0:step=2]", ["a smaller step"]),
        ("[0.0:1.0:step=0]", ["above 0"]),
        ("range[1:9:step=2]", ["range[0:10:2]"]),
        ("quniform[0:1]", ["quniform[0.1:1.0:0.1]"]),
        ("quniform[1:2:5]", ["fewer than two multiples of 5"]),
        ("normal[0]", ["a mean and a standard deviation", "normal[0.0:1.0]"]),
        ("normal[0:0]", ["above 0"]),
        ("lognormal[900:1]", ["too large"]),
        ("[2.0:-2.0]", ["lower bound 2.0 must be less than the upper bound -2.0"]),
        ("[1:1]", ["less than"]),
        ("[1:2:3:4]", ["4 number"]),
        ("[0:1:2]", ["outside 0 to 1"]),
        ("[1.0:x]", ["'x'"]),
        ("loguniform[0:1]", ["above 0"]),
        ("uniform[1]", ["1 number"]),
        ("linspce[1:2]", ["Did you mean 'linspace'?", "loguniform"]),
        ("poisson[0:1]", ["unknown function 'poisson'", "Choose one of range"]),
        ("[]", ["is an empty list"]),
        ("[1]*0", ["0 times"]),
        ("[1]*9999999", ["1000000 values"]),
        ("[1]*1000000000000", ["1000000 values"]),
        ("[]*2", ["is an empty list"]),
        ("[1:10:2.5]", ["2.5", "1.0 and 10.0"]),
        ("[:5]", ["''"]),
        ("[1:" + "9" * 400 + "]", ["is not a number"]),
        ("linspace[-1e308:1e308]", ["range of floats"]),
        ("range[0:1e308:1e-300]", ["range of floats"]),
        ("range[0:" + "9" * 200 + "]", ["at most"]),
        ("range[a\nb:1]", ["'a b'"]),
        ("[1.0:\n0.5]", ["less than"]),
        ("[&a [*a]]", ["contains it"]),
        ("[!!bool maybe]", ["tag does not match"]),
        ("[{a: 1}]", ["not a value"]),
        ("[1, 2", ["cannot be read"]),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_wrong_arguments_are_quoted_with_the_rule(text: str, words: list[str]) -> None:
    with pytest.raises(FlagError) as caught:
        read_setting(text)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert "\n" not in message


HOSTILE = [
    "[" * 100_000,
    "[" * 25 + "]" * 25,
    "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [" + "*c," * 30 + "]",
    "!!python/object/apply:os.system [ls]",
    "{" * 10_000,
    "9" * 5_000,
    "1e999",
    "[" + "1," * 400_000 + "1]",
    "'" * 9_999,
    "&a " * 5_000,
    "[" + ":" * 100_000,
    "[&a [" + "1," * 20_000 + "1],"
    + "".join(f"&{b} [*{a},*{a},*{a}]," for a, b in zip("abcdefg", "bcdefgh", strict=True)) + "1]",
    "[{<<: [" + "{a: 1}," * 5_000 + "]}]",
    "[" + "? " * 5_000 + "]",
    "[1]" + " " * 100_000 + "*x",
    "1:" * 50_000,
    "1," * 50_000 + "x",
    "range[" + "1:" * 50_000 + "]",
    "9" * 100_000 + "e",
]  # fmt: skip

HANGS_S = 60
"""CPU-seconds that no machine needs for what is linear; what doubles at each level takes years."""


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_value_is_read_or_refused_in_one_line(text: str) -> None:
    before = time.process_time()
    message = refusal(text)
    assert time.process_time() - before < HANGS_S
    assert len(message) < 1_000
    assert "\n" not in message


@settings(deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"[\[\]0-9:,.a-z*'{}-]{0,20}", fullmatch=True))
def test_no_text_makes_the_reader_crash(text: str) -> None:
    assert "\n" not in refusal(text)


def test_nan_is_a_number() -> None:
    assert repr(read_setting("nan")) == "nan"
    assert repr(values("[nan, .nan, -.inf]")) == "(nan, nan, -inf)"
