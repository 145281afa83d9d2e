"""Flags that a program sets: values, which nothing has to read."""

import pytest

from tests.flags.conftest import TRAIN
from tunesmith.errors import FlagError
from tunesmith.flags.assignments import ValueAssignment, assign, split_argument
from tunesmith.flags.settings import Choices, Distribution, Setting


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        pytest.param("x=1", 1, id="number"),
        pytest.param("n=2.0", 2.0, id="a whole number"),
        pytest.param("name=7", 7, id="a number for a string"),
        pytest.param("name='[a]'", "[a]", id="a string that looks like a list"),
        pytest.param("layers=[(16,8)]", (16, 8), id="a tuple"),
        pytest.param("x=[0:1]", Distribution(low=0, high=1, text="[0:1]"), id="range"),
        pytest.param("n=[1,2]", Choices(values=(1.0, 2), text="[1,2]"), id="list"),
        pytest.param("name=null", "null", id="a word"),
    ],
)
def test_a_value_is_set_as_its_text_is(text: str, setting: Setting) -> None:
    given = [ValueAssignment(name=text.partition("=")[0], setting=setting)]

    (read,) = assign(TRAIN, given, script="t").values()
    (expected,) = assign(TRAIN, [split_argument(text)], script="t").values()

    if isinstance(expected, Choices) and not isinstance(setting, Choices):
        (expected,) = expected.values  # text has a list of one tuple for the tuple
    assert repr(read) == repr(expected)


@pytest.mark.parametrize(
    ("name", "setting", "words"),
    [
        ("xx", 1, "no flag 'xx'"),
        ("x", "a", "invalid value 'a' for x: expected a number"),
        ("x", Choices(values=(1, "a"), text=""), "invalid value 'a' for x"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, setting: Setting, words: str) -> None:
    with pytest.raises(FlagError, match=words):
        assign(TRAIN, [ValueAssignment(name=name, setting=setting)], script="train.py")
