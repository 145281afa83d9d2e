from typing import Any

import pytest

from tunesmith.errors import FlagError
from tunesmith.flags.assignments import assign, split_argument
from tunesmith.flags.batch_files import read_rows
from tunesmith.flags.coerce import read_typed
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.spelling import Spelling, TextForm
from tunesmith.flags.values import FlagValue

TRAIN = ScriptFlags(
    source=FlagSource.GLOBALS,
    definitions=(
        FlagDefinition(name="x", type=FlagType.NUMBER, default=0.1),
        FlagDefinition(name="n", type=FlagType.NUMBER, default=3, has_integer_default=True),
        FlagDefinition(name="name", type=FlagType.TEXT, default="a"),
        FlagDefinition(name="layers", default=(64, 64)),
    ),
)
OPTIONS = ScriptFlags(
    source=FlagSource.ARGPARSE,
    definitions=(
        FlagDefinition(name="lr", type=FlagType.FLOAT, is_required=True),
        FlagDefinition(name="batch-size", type=FlagType.INT, default=32),
        FlagDefinition(name="kind", type=FlagType.TEXT, default="a", choices=("a", "b")),
        FlagDefinition(name="shuffle", type=FlagType.BOOL, default=False, switch_on="--shuffle"),
        FlagDefinition(name="sizes", type=FlagType.INT, default=(1,), takes_many=True),
        FlagDefinition(name="scale", default=0.5, option="--scale"),
        FlagDefinition(name="depth", type=FlagType.INT, default=3, option="--depth"),
        FlagDefinition(name="seed", type=FlagType.INT, option="--seed"),
        FlagDefinition(
            name="decay", type=FlagType.TEXT, choices=("none", "cosine"), option="--decay"
        ),
    ),
)


def settings(*arguments: str, flags: ScriptFlags = TRAIN, **options: Any) -> dict[str, Setting]:
    assignments = [split_argument(argument) for argument in arguments]
    return assign(flags, assignments, script="train.py", **options)


def test_what_is_not_given_is_left_to_the_script() -> None:
    assert settings("x=1") == {"x": 1}


def test_an_underscore_stands_for_a_dash() -> None:
    assert settings("lr=1", "batch_size=8", flags=OPTIONS)["batch-size"] == 8


def test_the_last_of_two_values_counts() -> None:
    assert settings("x=1", "x=2")["x"] == 2


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


def test_a_required_flag_may_come_from_elsewhere() -> None:
    read = assign(OPTIONS, [], script="train.py", provided=("lr",))
    assert read == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[1.10,1.20]", ("1.10", "1.20"), id="numbers as written"),
        pytest.param("[true,yes,2026-01-31]", ("true", "yes", "2026-01-31"), id="words"),
        pytest.param("['1', \"b c\"]", ("1", "b c"), id="quotes"),
        pytest.param("[a:1]", ("a:1",), id="a colon"),
        pytest.param("[a]*2", ("a", "a"), id="repetition"),
        pytest.param("range[2]", ("0", "1"), id="a sequence"),
        pytest.param("[null,a]", ("null", "a"), id="null"),
    ],
)
def test_a_text_flag_is_swept_over_texts_as_written(text: str, expected: tuple[str, ...]) -> None:
    assert settings(f"name={text}")["name"] == Choices(values=expected, text=text)


@pytest.mark.parametrize(
    "text", ["1", "yes", "null", "1:2", "data[0:3]", "{a: 1}", "-1,0,1", "linspace", " a "]
)
def test_a_text_flag_keeps_its_text(text: str) -> None:
    assert settings(f"name={text}")["name"] == text


@pytest.mark.parametrize(("text", "value"), [("null", None), ("'null'", "null"), ("a", "a")])
def test_a_text_flag_that_is_none_by_default_can_be_none_again(
    text: str, value: FlagValue
) -> None:
    flag = FlagDefinition(name="path", type=FlagType.TEXT)
    assert read_typed(flag, text) == value
    assert read_typed(flag, f"[{text}]") == Choices(values=(value,), text=f"[{text}]")


@pytest.mark.parametrize(
    ("is_repeated", "text", "expected"),
    [
        pytest.param(False, "[[1,2],[3]]", ((1, 2), (3,)), id="nargs"),
        pytest.param(True, "[[[1,2],[3,4]]]", (((1, 2), (3, 4)),), id="repeated nargs"),
    ],
)
def test_a_flag_of_many_values_is_swept_over_lists(
    is_repeated: bool, text: str, expected: tuple[FlagValue, ...]
) -> None:
    flag = FlagDefinition(
        name="sizes", type=FlagType.INT, takes_many=True, is_repeated=is_repeated
    )
    assert read_typed(flag, text) == Choices(values=expected, text=text)
    with pytest.raises(FlagError, match=r"invalid value 0\.5 for sizes"):
        read_typed(flag, text.replace("3", "0.5"))


def test_a_search_over_a_float_flag_starts_at_a_float() -> None:
    flag = FlagDefinition(name="lr", type=FlagType.FLOAT)
    read = read_typed(flag, "[0:10:3]")
    assert isinstance(read, Distribution)
    assert repr((read.low, read.high, read.initial)) == "(0.0, 10.0, 3.0)"


def test_a_missing_required_flag_is_named() -> None:
    with pytest.raises(FlagError, match="needs a value for lr: add lr=VALUE"):
        settings(flags=OPTIONS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("lr", "1", 1.0),
        ("lr", "nan", "nan"),
        ("batch-size", "8", 8),
        ("kind", "b", "b"),
        ("shuffle", "yes", True),
        ("shuffle", "0", False),
        ("sizes", "3", 3),
    ],
)
def test_a_typed_value_has_the_flags_type(name: str, text: str, value: FlagValue) -> None:
    flag = OPTIONS.get(name)
    assert flag is not None
    read = read_typed(flag, text)
    assert repr(read) == repr(float("nan")) if value == "nan" else read == value
    assert type(read) is (float if value == "nan" else type(value))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("batch-size", "1.5", "expected a whole number"),
        ("batch-size", "[1.5:3]", "whole numbers"),
        ("kind", "c", "choose one of a, b"),
        ("kind", "[a,c]", "choose one of a, b"),
        ("shuffle", "maybe", "expected yes or no"),
        ("lr", "fast", "expected a number"),
    ],
)
def test_a_value_of_another_type_is_refused(name: str, text: str, words: str) -> None:
    flag = OPTIONS.get(name)
    assert flag is not None
    with pytest.raises(FlagError, match=words):
        read_typed(flag, text)


@pytest.mark.parametrize(
    ("flags", "name", "text", "is_integer"),
    [
        pytest.param(OPTIONS, "batch-size", "loguniform[1:64]", True, id="an int option"),
        pytest.param(TRAIN, "n", "loguniform[1:64]", True, id="a global with an int default"),
        pytest.param(TRAIN, "x", "loguniform[1:64]", False, id="a global with a float default"),
        pytest.param(OPTIONS, "lr", "[0:1]", False, id="a float option over whole bounds"),
        pytest.param(TRAIN, "x", "[0:1]", False, id="a float global over whole bounds"),
        pytest.param(TRAIN, "x", "0:1", False, id="a float global over bare bounds"),
        pytest.param(TRAIN, "x", "uniform[0:1]", False, id="a float global, by name"),
        pytest.param(TRAIN, "x", "[0:1:0.5]", False, id="whole bounds and a first fraction"),
        pytest.param(OPTIONS, "lr", "[0:1:0.5]", False, id="the same for a float option"),
        pytest.param(OPTIONS, "scale", "[0:1]", False, id="an option with a converter"),
        pytest.param(TRAIN, "x", "integers[0:9]", True, id="a float global over integers"),
        pytest.param(OPTIONS, "lr", "integers[0:9]", True, id="a float option over integers"),
        pytest.param(TRAIN, "n", "[0:1]", True, id="an int global over whole bounds"),
        pytest.param(TRAIN, "n", "[0.0:1.0]", False, id="an int global over floats"),
        pytest.param(TRAIN, "layers", "[0:1]", True, id="nothing known"),
    ],
)
def test_the_type_decides_whether_a_distribution_is_over_integers(
    flags: ScriptFlags, name: str, text: str, is_integer: bool
) -> None:
    flag = flags.get(name)
    assert flag is not None
    read = read_typed(flag, text)
    assert isinstance(read, Distribution)
    assert read.is_integer is is_integer


def test_a_float_is_taken_for_a_global_whose_default_is_an_int() -> None:
    assert settings("n=1.5")["n"] == 1.5


@pytest.mark.parametrize("flags", [TRAIN, OPTIONS], ids=["a global", "an option"])
@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("linspace[1:9:5]", (1, 3, 5, 7, 9)),
        ("logspace[0:3:4]", (1, 10, 100, 1000)),
        ("geomspace[1:8:4]", (1, 2, 4, 8)),
        ("[1e3,2.0,-0.0]", (1000, 2, 0)),
    ],
)
def test_whole_floats_are_whole_numbers_for_a_flag_of_ints(
    flags: ScriptFlags, text: str, values: tuple[int, ...]
) -> None:
    name = "n" if flags is TRAIN else "batch-size"
    read = settings("lr=1", f"{name}={text}", flags=flags) if flags is OPTIONS else None
    swept = (read or settings(f"{name}={text}"))[name]
    assert isinstance(swept, Choices)
    assert repr(swept.values) == repr(values)


@pytest.mark.parametrize("text", ["1e3", "1000.0"])
def test_one_whole_float_is_a_whole_number_for_a_flag_of_ints(text: str) -> None:
    assert repr(settings(f"n={text}")["n"]) == "1000"
    assert repr(settings("lr=1", f"depth={text}", flags=OPTIONS)["depth"]) == "1000"
    converted = FlagDefinition(name="n", default=3, option="--n")
    assert repr(read_typed(converted, text)) == "1000"


def test_values_of_which_one_has_a_fraction_stay_floats_for_an_int_global() -> None:
    swept = settings("n=linspace[0:1:3]")["n"]
    assert isinstance(swept, Choices)
    assert repr(swept.values) == "(0.0, 0.5, 1.0)"


@pytest.mark.parametrize("text", ["1.5", "1e300", "nan", "inf"])
def test_no_other_float_is_taken_for_an_int_option(text: str) -> None:
    with pytest.raises(FlagError, match="expected a whole number"):
        settings("lr=1", f"depth={text}", flags=OPTIONS)


@pytest.mark.parametrize("word", ["None", "none", "NONE", "null", "~", " None "])
@pytest.mark.parametrize(
    "flag",
    [
        FlagDefinition(name="drop"),
        FlagDefinition(name="drop", type=FlagType.TEXT),
        FlagDefinition(name="drop", type=FlagType.INT, option="--drop"),
        FlagDefinition(name="drop", type=FlagType.NUMBER, default=0.1),
    ],
    ids=["a global that is None", "text", "an option", "a number"],
)
def test_a_word_for_none_is_none(flag: FlagDefinition, word: str) -> None:
    assert read_typed(flag, word) is None


def test_none_stands_among_other_values() -> None:
    flag = FlagDefinition(name="drop")
    assert read_typed(flag, "[None,0.5]") == Choices(values=(None, 0.5), text="[None,0.5]")
    text = FlagDefinition(name="path", type=FlagType.TEXT)
    assert read_typed(text, "[None,1.10]") == Choices(values=(None, "1.10"), text="[None,1.10]")


@pytest.mark.parametrize(
    ("flag", "text", "value"),
    [
        (FlagDefinition(name="drop"), "'None'", "None"),
        (FlagDefinition(name="a", type=FlagType.TEXT), '"none"', "none"),
        (FlagDefinition(name="a", type=FlagType.TEXT, default="x"), "None", "None"),
        (FlagDefinition(name="a", default="x"), "None", "None"),
        (FlagDefinition(name="drop"), "Nonesuch", "Nonesuch"),
    ],
    ids=["quoted", "quoted text", "another default", "another default, no type", "another word"],
)
def test_what_is_not_the_word_for_none_stays_text(
    flag: FlagDefinition, text: str, value: str
) -> None:
    assert read_typed(flag, text) == value
    assert read_typed(flag, f"[{text}]") == Choices(values=(value,), text=f"[{text}]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(8,)", (8,)),
        (" (0.9, 'a', (None, True))", (0.9, "a", (None, True))),
        ("(8)", 8),
        ("[(8,16),(32,)]", Choices(values=((8, 16), (32,)), text="[(8,16),(32,)]")),
        ("[(8)]", Choices(values=(8,), text="[(8)]")),
    ],
)
def test_a_flag_that_is_a_tuple_is_set_as_python_writes_one(text: str, expected: Setting) -> None:
    assert settings(f"layers={text}")["layers"] == expected


@pytest.mark.parametrize("text", ["(8", "(a, 1)", "(1j,)", "({},)", "(" * 9_999, "[(1), f()]"])
def test_what_is_no_tuple_is_refused_for_a_flag_that_is_one(text: str) -> None:
    with pytest.raises(FlagError) as caught:
        settings(f"layers={text}")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_choice_that_is_called_none_stays_one() -> None:
    assert settings("lr=1", "decay=none", flags=OPTIONS)["decay"] == "none"
    swept = settings("lr=1", "decay=[none,cosine]", flags=OPTIONS)["decay"]
    assert isinstance(swept, Choices)
    assert swept.values == ("none", "cosine")


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
        pytest.param("t.csv", "x,x\n1,2\n", "two of one name", id="two columns of a name"),
        pytest.param("t.csv", "x\n1,2\n", "more cells", id="a long row"),
        pytest.param("t.json", '[{"x": [1, 2]}]', "several values", id="a list for one number"),
        pytest.param("t.json", '[{"layers": {"a": 1}}]', "no value", id="an object in a cell"),
        pytest.param("t.json", '[{"layers": [{}]}]', "no value", id="an object in a list"),
        pytest.param("t.json", f'[{{"layers": {"[" * 99}{"]" * 99}}}]', "no value", id="deep"),
        pytest.param("t.yaml", "- layers: !!binary aGk=", "no value", id="bytes in a cell"),
        pytest.param("t.yaml", "- x: !!set {a}", "no value", id="a set in a cell"),
        pytest.param("t.csv", "x\n[0.0:1.0]\n", "several values", id="a range in a cell"),
        pytest.param("t.csv", 'x\n"1', "not CSV", id="an open quote"),
        pytest.param("t.csv", "x,\n1,2\n", "without a name", id="a column without a name"),
        pytest.param("t.json", "{}", "no rows", id="an object"),
        pytest.param("t.json", "[", "not JSON", id="torn json"),
        pytest.param("t.json", "[1]", "no rows", id="a list of numbers"),
        pytest.param("t.yaml", "[", "t.yaml is not YAML", id="torn yaml"),
        pytest.param("t.txt", "x", "has to end in", id="another suffix"),
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
