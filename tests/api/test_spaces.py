import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tunesmith
from tunesmith.api.spaces import to_setting
from tunesmith.errors import FlagError
from tunesmith.flags.coerce import read_typed
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.definition import FlagDefinition
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.settings import Choices, Distribution, setting_to_plain
from tunesmith.flags.values import FlagValue, point_key

values = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False),
    st.booleans(),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
)


@given(value=values)
def test_a_value_stays_the_value_that_it_is(value: FlagValue) -> None:
    assert to_setting(value) is value


@given(held=st.lists(values, min_size=1, max_size=5))
def test_a_list_is_several_values(held: list[FlagValue]) -> None:
    setting = to_setting(held)

    assert isinstance(setting, Choices)
    assert [point_key(one) for one in setting.values] == [point_key(one) for one in held]
    read = read_setting(setting.text)  # as a command that is to be run again has it
    assert isinstance(read, Choices)
    assert [point_key(one) for one in read.values] == [point_key(one) for one in held]


def test_a_tuple_is_one_value_and_a_list_of_lists_several() -> None:
    assert to_setting((16, 8)) == (16, 8)
    several = to_setting([[16, 8], (32,)])
    assert isinstance(several, Choices)
    assert several.values == ((16, 8), (32,))


def test_numbers_of_numpy_and_paths_are_plain_values() -> None:
    numbers: Any = (np.int64(3), np.float32(0.5), np.bool_(True), Path("data/a.csv"))

    read = to_setting(numbers)

    assert repr(read) == "(3, 0.5, True, 'data/a.csv')"


@pytest.mark.parametrize(
    "value", [{"a": 1}, b"a", object(), np.zeros(2), [{1}]], ids=lambda one: type(one).__name__
)
def test_what_no_flag_can_be_set_to_is_refused(value: Any) -> None:
    with pytest.raises(FlagError, match="a flag cannot be set to a"):
        to_setting(value)


def test_a_list_of_nothing_is_refused() -> None:
    with pytest.raises(FlagError, match="a list without values"):
        to_setting([])


@pytest.mark.parametrize(
    "given_space",
    [
        tunesmith.uniform(-2, 2, initial=1),
        tunesmith.uniform(-0.5, 2.5),
        tunesmith.integers(1, 10, initial=3),
        tunesmith.loguniform(1e-5, 0.1),
        tunesmith.uniform(-0.5, 2.5, step=0.5, initial=1),
        tunesmith.integers(1, 10, step=3),
        tunesmith.integers(1, 10, step=1),
        tunesmith.loguniform(1.0, 100.0, step=1.5),
        tunesmith.normal(0, 1.5, initial=0.25),
        tunesmith.normal(64, 16, step=8),
        tunesmith.lognormal(-7, 1),
    ],
    ids=lambda one: one.text,
)
def test_an_interval_is_written_as_the_command_line_takes_it(given_space: Distribution) -> None:
    assert setting_to_plain(read_setting(given_space.text)) == setting_to_plain(given_space)


def test_whole_numbers_have_an_interval_of_their_own() -> None:
    assert tunesmith.integers(1, 10, initial=3).is_integer
    assert not tunesmith.uniform(-2, 2, initial=1).is_integer


@pytest.mark.parametrize(
    ("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, math.inf), (math.nan, 1.0)]
)
def test_an_interval_that_holds_nothing_is_refused(low: float, high: float) -> None:
    with pytest.raises(FlagError):
        tunesmith.uniform(low, high)


@pytest.mark.parametrize(
    "make",
    [
        lambda: tunesmith.uniform("a", "b"),  # type: ignore[arg-type]
        lambda: tunesmith.loguniform(True, 2),
        lambda: tunesmith.integers(1.5, 3),  # type: ignore[arg-type]
        lambda: tunesmith.integers(1, math.inf),  # type: ignore[arg-type]
        lambda: tunesmith.choice(3),  # type: ignore[arg-type]
        lambda: tunesmith.choice("abc"),
    ],
    ids=["texts", "a boolean", "no whole number", "no end", "no list", "a text"],
)
def test_what_bounds_no_interval_is_an_error_that_a_program_can_catch(
    make: Callable[[], object],
) -> None:
    with pytest.raises(FlagError, match=r"give|list"):
        make()


def test_a_belief_is_what_the_command_line_reads() -> None:
    flag = FlagDefinition(name="x")
    for said, text in (
        (tunesmith.uniform(0, 1, belief=0.3), "[0.0:1.0]~0.3"),
        (tunesmith.loguniform(1e-5, 1e-1, belief=(1e-3, 0.1)), "loguniform[1e-05:0.1]~0.001:0.1"),
        (tunesmith.choice(["sgd", "adam"], belief="adam"), "[sgd, adam]~adam"),
    ):
        read = read_typed(flag, text)
        assert isinstance(read, type(said))
        assert read.belief == said.belief
        assert said.text == text


def test_a_condition_is_that_of_the_command_line() -> None:
    for found in (
        tunesmith.uniform(0, 1, when="n > 2"),
        tunesmith.integers(0, 1, when="n > 2"),
        tunesmith.loguniform(1, 2, when="n > 2"),
        tunesmith.normal(0, 1, when="n > 2"),
        tunesmith.lognormal(0, 1, when="n > 2"),
        tunesmith.choice([1, 2], when="n > 2"),
    ):
        assert found.condition == Condition(text="n > 2")
