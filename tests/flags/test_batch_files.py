import pytest

from tests.flags.conftest import OPTIONS, TRAIN
from tunesmith.errors import FlagError
from tunesmith.flags.batch_files import read_rows
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.spelling import Spelling, TextForm


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("t.csv", "x,name\r\n1,\r\n,'b c'\r\n", id="csv"),
        pytest.param("t.csv", "\ufeffx,name\n1,\n,b c\n", id="csv with a byte-order mark"),
        pytest.param("t.json", '[{"x": 1}, {"name": "b c", "x": null}]', id="json"),
        pytest.param("t.yaml", "- x: 1\n- {name: b c}\n", id="yaml"),
    ],
)
def test_a_batch_file_gives_one_trial_a_row(name: str, text: str) -> None:
    assert read_rows(text, name=name, script_flags=TRAIN) == [{"x": 1}, {"name": "b c"}]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param("t.csv", "y\n1\n", "t.csv row 1 has no flag 'y'", id="unknown column"),
        pytest.param("t.csv", "x\n1\nred\n", "t.csv row 2: invalid value 'red'", id="wrong cell"),
        pytest.param("t.csv", 'x\n"[1,2]"\n', "several values", id="a list in a cell"),
        pytest.param("t.csv", "x,x\n1,2\n", "repeated column", id="two columns of a name"),
        pytest.param("t.csv", "x\n1,2\n", "more cells", id="a long row"),
        pytest.param("t.json", '[{"x": [1, 2]}]', "several values", id="a list for one number"),
        pytest.param("t.json", '[{"layers": {"a": 1}}]', "not a value", id="an object in a cell"),
        pytest.param("t.json", '[{"layers": [{}]}]', "not a value", id="an object in a list"),
        pytest.param("t.json", f'[{{"layers": {"[" * 99}{"]" * 99}}}]', "not a value", id="deep"),
        pytest.param("t.yaml", "- layers: !!binary aGk=", "not a value", id="bytes in a cell"),
        pytest.param("t.yaml", "- x: !!set {a}", "not a value", id="a set in a cell"),
        pytest.param("t.csv", "x\n[0.0:1.0]\n", "several values", id="a range in a cell"),
        pytest.param("t.csv", 'x\n"1', "not CSV", id="an open quote"),
        pytest.param("t.csv", "x,\n1,2\n", "unnamed or repeated", id="a column without a name"),
        pytest.param("t.json", "{}", "no rows", id="an object"),
        pytest.param("t.json", "[", "not JSON", id="torn json"),
        pytest.param("t.json", "[1]", "no rows", id="a list of numbers"),
        pytest.param("t.yaml", "[", "t.yaml is not YAML", id="torn yaml"),
        pytest.param("t.txt", "x", "must end in", id="another suffix"),
    ],
)
def test_a_wrong_batch_file_gets_one_clear_line(name: str, text: str, words: str) -> None:
    with pytest.raises(FlagError, match=words.replace("[", r"\[")) as caught:
        read_rows(text, name=name, script_flags=TRAIN)
    assert "\n" not in str(caught.value)


def test_a_list_in_a_cell_is_the_value_of_a_flag_that_takes_lists() -> None:
    read = read_rows('[{"layers": [8, [1.5]]}]', name="t.json", script_flags=TRAIN)
    assert read == [{"layers": (8, (1.5,))}]


def test_an_object_in_a_cell_is_the_value_of_a_flag_whose_converter_reads_json() -> None:
    flag = FlagDefinition(name="model", option="--model", spelling=Spelling(form=TextForm.JSON))
    flags = ScriptFlags(source=FlagSource.ARGPARSE, definitions=(flag,))
    read = read_rows('[{"model": {"depth": 3}}]', name="t.json", script_flags=flags)
    assert read == [{"model": '{"depth": 3}'}]


def test_the_items_of_a_list_in_a_cell_are_checked() -> None:
    with pytest.raises(FlagError, match="row 1: invalid value 'a' for sizes"):
        read_rows('[{"sizes": [1, "a"]}]', name="t.json", script_flags=OPTIONS)


def test_a_column_may_be_forced() -> None:
    read = read_rows("new\nyes\n", name="t.csv", script_flags=OPTIONS, is_forced=True)
    assert read == [{"new": "yes"}]


@pytest.mark.parametrize(
    "cell", ["!!binary aGVsbG8=", "[!!binary aGVsbG8=]", "!!set {a, b}", "[{}]"]
)
@pytest.mark.parametrize("name", ["x", "name"])
def test_a_yaml_cell_that_is_no_value_is_one_error(name: str, cell: str) -> None:
    with pytest.raises(FlagError, match="row 1"):
        read_rows(f"- {name}: {cell}\n", name="a.yaml", script_flags=TRAIN)
