import pytest

from tests.flags.conftest import OPTIONS, TRAIN, settings
from tunesmith.errors import FlagError
from tunesmith.flags.assignments import assign, check_required, split_argument
from tunesmith.flags.batch_files import read_rows
from tunesmith.flags.settings import Choices, Setting


def test_what_is_not_given_is_left_to_the_script() -> None:
    assert settings("x=1") == {"x": 1}


def test_an_underscore_stands_for_a_dash() -> None:
    assert settings("lr=1", "batch_size=8", flags=OPTIONS)["batch-size"] == 8


def test_the_last_of_two_values_counts() -> None:
    assert settings("x=1", "x=2")["x"] == 2


def test_a_literal_flag_is_one_of_the_script() -> None:
    with pytest.raises(FlagError, match="has no flag 'xx'"):
        assign(TRAIN, (), script="train.py", literal=("xx",))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("xx=1",), ["train.py has no flag 'xx'. Did you mean 'x'?", "layers, n, name, x"]),
        (("x=hello",), ["invalid value 'hello' for x: expected a number"]),
        (("x=[1,two]",), ["invalid value 'two' for x"]),
        (("name=[0.0:1.0]",), ["name cannot be searched"]),
        (("x=[2.0:1.0]",), ["for x", "less than"]),
        (("n=range[0:1:0]",), ["invalid value for n: ", "step of 0"]),
        (("name=linspace[1]",), ["invalid value for name: ", "takes 2 to 3"]),
        (("name=[[1,2]]",), ["for name: expected text"]),
        (("qqq=1",), ["train.py has no flag 'qqq'. Its flags: layers"]),
    ],
    ids=str,
)
def test_what_does_not_fit_is_named(arguments: tuple[str, ...], words: list[str]) -> None:
    with pytest.raises(FlagError) as caught:
        settings(*arguments)
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.mark.parametrize("argument", ["x", "=1", "", "-x", "--=1"], ids=repr)
def test_an_argument_without_a_name_and_a_value_is_refused(argument: str) -> None:
    with pytest.raises(FlagError, match="expected NAME=VALUE"):
        split_argument(argument)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[1,2]", Choices(values=(1, 2), text="[1,2]"), id="numbers"),
        pytest.param("yes", "yes", id="a word for true"),
        pytest.param("null", "null", id="a word for None"),
        pytest.param("[yes,no]", Choices(values=("yes", "no"), text="[yes,no]"), id="words"),
    ],
)
def test_an_unknown_flag_can_be_forced_on_a_script_that_reads_its_command_line(
    text: str, expected: Setting
) -> None:
    assert settings("lr=1", f"yy={text}", flags=OPTIONS, is_forced=True)["yy"] == expected


def test_a_name_that_no_global_has_is_refused_though_it_is_forced() -> None:
    with pytest.raises(FlagError, match=r"has no flag 'yy'\. Its flags: layers, n, name, x$"):
        settings("yy=1", is_forced=True)
    with pytest.raises(FlagError, match="row 1 has no flag 'new'"):
        read_rows("new\n1\n", name="t.csv", script_flags=TRAIN, is_forced=True)


def test_a_literal_keeps_its_text() -> None:
    read = assign(TRAIN, [split_argument("name=[1,2]")], script="t", literal=("name",))
    assert read["name"] == "[1,2]"


def test_nothing_behind_the_sign_is_the_empty_text() -> None:
    assert settings("name=")["name"] == ""


def test_a_value_may_hold_the_sign() -> None:
    assert settings("name=a=b")["name"] == "a=b"


def test_a_missing_required_flag_is_named() -> None:
    check_required(OPTIONS, {"lr"}, script="train.py")
    with pytest.raises(FlagError, match="needs a value for lr: add lr=VALUE"):
        check_required(OPTIONS, {"seed"}, script="train.py")
