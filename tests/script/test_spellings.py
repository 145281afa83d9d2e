"""What is set is what the script sees, and what is not set is what it has of itself."""

import argparse
import functools
import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import FlagError
from tunesmith.flags.assignments import assign, split_argument
from tunesmith.flags.definition import ScriptFlags
from tunesmith.flags.display import format_assignments
from tunesmith.flags.script_flags_json import script_flags_from_plain
from tunesmith.flags.settings import Choices
from tunesmith.flags.values import FlagValue
from tunesmith.script.argparse_flags import read_argparse
from tunesmith.script.arguments import build_arguments, check_arguments
from tunesmith.script.asking import argparse_child
from tunesmith.script.source import parse_source
from tunesmith.script.static_flags import is_certain

CONVERTERS = """
import argparse, ast, enum, json, pathlib
class Kind(enum.Enum):
    SMALL = "small"
    LARGE = "large"
class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2
def strict_bool(text):
    if text.lower() in ("yes", "true", "t", "y", "1"): return True
    if text.lower() in ("no", "false", "f", "n", "0"): return False
    raise argparse.ArgumentTypeError("not a boolean")
def strtobool(text):
    if text in ("y", "yes", "true", "on", "1"): return 1
    if text in ("n", "no", "false", "off", "0"): return 0
    raise ValueError(text)
def on_off(text): return {"on": True, "off": False}[text]
def positive(text):
    if int(text) < 1: raise ValueError(text)
    return int(text)
def maybe(text): return None if text == "None" else float(text)
def numbers(text): return [int(part) for part in text.split(",")]
def words(text): return text.split()
parser = argparse.ArgumentParser()
"""


@dataclass(frozen=True)
class Option:
    """A kind of option: what the script says of it, and what may be set and is then seen."""

    source: str
    """What stands behind the option's name."""
    values: st.SearchStrategy[FlagValue]
    seen: Callable[[Any, dict[str, Any]], Any] = lambda value, names: value


def listed(value: Any, names: dict[str, Any]) -> Any:
    return [listed(item, names) for item in value] if isinstance(value, tuple) else value


ints, bools = st.integers(-(10**9), 10**9), st.booleans()
floats = st.floats(allow_nan=False)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
plain_json = st.recursive(
    st.none() | bools | ints | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
JSONS = plain_json.filter(lambda value: not (isinstance(value, str) and is_json(value)))


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def member(value: Any, names: dict[str, Any]) -> Any:
    return names["Kind"](value)


OPTIONS = {
    "int": Option("type=int, default=3", ints),
    "required int": Option("type=int, default=3", ints),
    "float": Option("type=float, default=0.1", floats),
    "float by text": Option("type=float, default='0.25'", floats),
    "text": Option("default='a'", texts),
    "text or none": Option("default=None", texts),
    "suppressed": Option("type=int, default=argparse.SUPPRESS", ints),
    "bool": Option("type=bool, default=True", bools),
    "strict bool": Option("type=strict_bool, default=False", bools),
    "strict bool that may stand alone": Option(
        "type=strict_bool, nargs='?', const=True, default=False", bools
    ),
    "lenient bool": Option("type=lambda s: s.lower() == 'true', default=True", bools),
    "bool by strtobool": Option("type=lambda s: bool(strtobool(s)), default=True", bools),
    "strtobool": Option("type=strtobool, default=1", bools, lambda value, names: int(value)),
    "bool by int": Option("type=lambda s: bool(int(s)), default=True", bools),
    "on or off": Option("type=on_off, default=True", bools),
    "positive": Option("type=positive, default=3", st.integers(1, 99)),
    "number or none": Option("type=maybe, default=0.5", st.none() | floats),
    "json": Option("type=json.loads, default={'depth': 3}", JSONS, listed),
    "json as text": Option(
        "type=json.loads, default=None",
        st.dictionaries(texts, ints, min_size=1).map(json.dumps),
        lambda value, names: json.loads(value),
    ),
    "literal": Option("type=ast.literal_eval, default=(1, 2)", st.none() | bools | ints),
    "enum": Option("type=Kind, default=Kind.SMALL", st.sampled_from(["small", "large"]), member),
    "enum with choices": Option(
        "type=Kind, choices=list(Kind), default=Kind.SMALL",
        st.sampled_from(["small", "large"]),
        member,
    ),
    "enum by name": Option(
        "type=lambda s: Kind[s], default=Kind.SMALL",
        st.sampled_from(["SMALL", "LARGE"]),
        lambda value, names: names["Kind"][value],
    ),
    "choices": Option("choices=['a', 'b'], default='a'", st.sampled_from(["a", "b"])),
    "choices in any letters": Option(
        "type=str.lower, choices=['a', 'b'], default='a'",
        st.sampled_from(["a", "B"]),
        lambda value, names: value.lower(),
    ),
    "enum in any letters": Option(
        "type=lambda s: Kind[s.upper()], choices=list(Kind), default=Kind.SMALL",
        st.sampled_from(["small", "Large", "LARGE"]),
        lambda value, names: names["Kind"][value.upper()],
    ),
    "int choices": Option("type=int, choices=[1, 2, 4], default=1", st.sampled_from([2, 4])),
    "path": Option(
        "type=pathlib.Path, default=pathlib.Path('out')",
        texts,
        lambda value, names: names["pathlib"].Path(value),
    ),
    "list of its own": Option(
        "type=numbers, default=[64, 64]", st.lists(ints, min_size=1).map(tuple), listed
    ),
    "words": Option(
        "type=words, default=['a']",
        st.lists(st.text("abc", min_size=1), min_size=1).map(tuple),
        listed,
    ),
    "several": Option(
        "type=float, nargs='+', default=[0.5]",
        st.lists(floats.filter(lambda value: value != float("-inf")), min_size=1).map(tuple),
        listed,
    ),
    "none or several": Option(
        "type=int, nargs='*', default=[1]", st.lists(ints).map(tuple), listed
    ),
    "two": Option("type=int, nargs=2, default=[1, 2]", st.tuples(ints, ints), listed),
    "repeated": Option("action='append', type=int", st.lists(ints, min_size=1).map(tuple), listed),
    "added": Option(
        "action='append', type=int, default=[1]",
        st.lists(ints, min_size=1).map(lambda items: (1, *items)),
        listed,
    ),
    "repeated pairs": Option(
        "action='append', type=int, nargs=2",
        st.lists(st.tuples(ints, ints), min_size=1).map(tuple),
        listed,
    ),
    "counted": Option("action='count', default=1", st.integers(1, 5)),
    "switch": Option("action='store_true'", bools),
    "switch to false": Option("action='store_false'", bools, lambda value, names: not value),
    "constant": Option(
        "action='store_const', const='c'", bools, lambda value, names: "c" if value else None
    ),
    "pair of switches": Option("action=argparse.BooleanOptionalAction, default=True", bools),
    "pair without default": Option("action=argparse.BooleanOptionalAction", bools),
}


@functools.cache
def parser_of(source: str) -> tuple[argparse.ArgumentParser, dict[str, Any]]:
    """Run the text of a script up to its parser; return that, and the script's names."""
    names: dict[str, Any] = {}
    exec(CONVERTERS + source, names)
    return names["parser"], names


@functools.cache
def readings(source: str) -> list[ScriptFlags]:
    """Return the flags of a script with one option, as its parser and as its text shows them."""
    source = f"parser.add_argument('--one', {source})\n"
    read = read_argparse(parse_source(CONVERTERS + source, "train.py"))
    found = captured(parser_of(source)[0])
    return [found] if read is None or not is_certain(read) else [found, read]


def captured(parser: argparse.ArgumentParser) -> ScriptFlags:
    """Return the flags as the child process writes them down."""
    found = [argparse_child.definition(parser, action) for action in parser._actions]
    plain = {"source": "argparse", "definitions": [one for one in found if one]}
    return script_flags_from_plain(json.loads(json.dumps(plain)))


def seen_with(parser: argparse.ArgumentParser, flags: ScriptFlags, **values: FlagValue) -> Any:
    """Return what the script sees when values are typed for some of its flags."""
    arguments = [split_argument(word) for word in shlex.split(format_assignments(values))]
    typed = assign(flags, arguments, script="train.py")
    check_arguments(flags, typed)
    given = {
        name: setting.values[0] if isinstance(setting, Choices) else setting
        for name, setting in typed.items()
    }
    return parser.parse_args(build_arguments(flags, given))  # type: ignore[arg-type]  # no ranges


@pytest.mark.parametrize("name", OPTIONS)
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_script_sees_what_is_set_and_else_its_own_defaults(name: str, data: Any) -> None:
    option = OPTIONS[name]
    parser, names = parser_of(
        f"parser.add_argument('--one', {option.source})\n"
        f"parser.add_argument('--other', {option.source})\n"
    )
    value = data.draw(option.values)
    for flags in readings(option.source):
        seen = vars(seen_with(parser, flags, one=value))
        expected = {**vars(parser.parse_args([])), "one": option.seen(value, names)}
        assert seen == expected
        assert [type(one) for one in seen.values()] == [type(one) for one in expected.values()]


@pytest.mark.parametrize(
    ("source", "value", "words"),
    [
        pytest.param("action='store_true', default=True", False, "no option for it", id="switch"),
        pytest.param(
            "action='append', default=[1], type=int", None, "appends to its default", id="append"
        ),
        pytest.param(
            "action='count', default=2", 1, "how often its option is given, from 2", id="count"
        ),
        pytest.param("default='a'", None, "accepts no such value", id="None"),
        pytest.param("type=int, default=3", None, "accepts no such value", id="None for a number"),
        pytest.param("action='store_true'", None, "yes or no", id="None for a switch"),
        pytest.param(
            "type=on_off, default=True", None, "accepts no such value", id="own converter"
        ),
        pytest.param("nargs='+'", ("a", "-b"), "begin with a dash", id="a dash"),
        pytest.param("nargs=2, type=float", (1.0, float("-inf")), "a dash", id="infinity"),
    ],
)
def test_a_value_that_no_argument_brings_to_the_script_is_refused(
    source: str, value: FlagValue, words: str
) -> None:
    parser, _ = parser_of(f"parser.add_argument('--one', {source})\n")
    with pytest.raises(FlagError, match=rf"^one cannot be set to .*{words}"):
        build_arguments(captured(parser), {"one": value})


@pytest.mark.parametrize("text", ["no", "false", "False", "0", "off"])
def test_words_for_no_are_false_for_every_converter_of_booleans(text: str) -> None:
    parser, _ = parser_of("parser.add_argument('--one', type=strict_bool, default=True)\n")
    flags = captured(parser)
    given = assign(flags, [split_argument(f"one={text}")], script="train.py")
    assert parser.parse_args(build_arguments(flags, given)).one is False  # type: ignore[arg-type]  # bytes are no argument here


def test_a_text_that_is_json_already_goes_as_typed() -> None:
    parser, _ = parser_of("parser.add_argument('--one', type=json.loads)\n")
    text = '{"a": [1, null]}'
    assert build_arguments(captured(parser), {"one": text}) == ["--one", text]


def test_whole_numbers_are_searched_for_a_converter_that_takes_no_others() -> None:
    parser, _ = parser_of("parser.add_argument('--one', type=positive, default=3)\n")
    (flag,) = captured(parser).definitions
    assert flag.prefers_integers
