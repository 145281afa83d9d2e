import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tunesmith
from tunesmith.api.spaces import to_argument
from tunesmith.errors import FlagError
from tunesmith.flags.assignments import split_argument
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue, point_key

values = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False),
    st.booleans(),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
)


def _read(name: str, value: Setting | list[FlagValue]) -> Setting:
    assignment = split_argument(to_argument(name, value))
    assert assignment.name == name
    return read_setting(assignment.text)


@given(value=values)
def test_a_value_is_read_as_itself(value: FlagValue) -> None:
    read = _read("x", value)

    assert not isinstance(read, Choices | Distribution)
    assert point_key(read) == point_key(value)


@given(held=st.lists(values, min_size=1, max_size=5))
def test_a_list_is_several_values(held: list[FlagValue]) -> None:
    setting = _read("x", held)

    assert isinstance(setting, Choices)
    assert [point_key(one) for one in setting.values] == [point_key(one) for one in held]


@given(
    low=st.floats(-1e6, 1e6),
    length=st.floats(1e-3, 1e6),
)
def test_an_interval_is_the_one_that_was_given(low: float, length: float) -> None:
    given_space = tunesmith.uniform(low, low + length)

    setting = _read("x", given_space)

    assert isinstance(setting, Distribution)
    assert (setting.low, setting.high, setting.is_log) == (low, low + length, False)


def test_whole_numbers_have_an_interval_of_their_own() -> None:
    setting = _read("x", tunesmith.integers(1, 10, initial=3))

    assert isinstance(setting, Distribution)
    assert (setting.is_integer, setting.initial) == (True, 3)


def test_an_interval_between_whole_ends_is_not_of_whole_numbers() -> None:
    setting = _read("x", tunesmith.uniform(-2, 2, initial=1))

    assert isinstance(setting, Distribution)
    assert (setting.is_integer, setting.low, setting.initial) == (False, -2.0, 1.0)


def test_a_log_interval_keeps_its_scale() -> None:
    setting = _read("x", tunesmith.loguniform(1e-5, 0.1))

    assert isinstance(setting, Distribution)
    assert (setting.low, setting.high, setting.is_log) == (1e-5, 0.1, True)


@pytest.mark.parametrize(
    ("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, math.inf), (math.nan, 1.0)]
)
def test_an_interval_that_holds_nothing_is_refused(low: float, high: float) -> None:
    with pytest.raises(FlagError):
        tunesmith.uniform(low, high)
