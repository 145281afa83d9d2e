import pytest

from tests.flags.conftest import OPTIONS, TRAIN, settings
from tunesmith.errors import FlagError
from tunesmith.flags.coerce import read_typed
from tunesmith.flags.definition import FlagDefinition, FlagType, ScriptFlags
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue


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
    n_repeats = 2 if "*" in text else 1
    asked = Choices(values=expected, text=text, n_repeats=n_repeats)
    assert settings(f"name={text}")["name"] == asked


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
