"""What is written into a file is what its readers read, and nothing else of it changes."""

import configparser
import io
import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tunesmith.addresses.files import write_values
from tunesmith.errors import FlagError
from tunesmith.flags.values import FlagValue

numbers = st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
words = st.sampled_from(
    ["yes", "null", "1e-5", "~", "a: b", "[x]", "# no", "0o7", "1_000", "Adam"]
)
scalars = numbers | st.booleans() | texts | words
lists = st.lists(numbers | words, min_size=1, max_size=4).map(tuple)

YAML_TEXT = """\
# the experiment
optimizer:   # how it learns
    type: "Adam"
    args: {lr: VALUE, betas: [0.9, 0.999]}   # keep
name: 'a: b'

stages:
- n: 1
- {n: 2}
"""
JSON_TEXT = '{\n\t"a" : [1,2 , 3],\n  "optimizer": {"args": {"lr":VALUE}},\n"b": "\\u00e9" }\n'
TOML_TEXT = """\
title = 'x'  # the title
[optimizer]
args.lr = VALUE  # the rate
names = [
  "a", # first
]
[[stage]]
n = 1
"""


def plain(value: FlagValue) -> Any:
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def lr_of(loaded: Any) -> Any:
    return loaded["optimizer"]["args"]["lr"]


def halves(template: str) -> tuple[str, str]:
    before, _, after = template.partition("VALUE")
    return before, after


def check_around(changed: str, template: str) -> None:
    before, after = halves(template)
    assert changed.startswith(before)
    assert changed.endswith(after)


@settings(deadline=None)
@given(scalars | lists | st.none(), st.sampled_from(["0.1", "'x'", '"x"', "[1, 2]", "null"]))
def test_yaml_is_read_alike_by_its_readers(value: FlagValue, old: str) -> None:
    changed = write_values(
        YAML_TEXT.replace("VALUE", old), {"optimizer.args.lr": value}, name="config.yaml"
    )
    check_around(changed, YAML_TEXT)
    for loaded in (
        yaml.safe_load(changed),
        YAML(typ="safe", pure=True).load(io.StringIO(changed)),
    ):
        assert repr(lr_of(loaded)) == repr(plain(value))


@settings(deadline=None)
@given(scalars | lists | st.none(), st.sampled_from(["0.1", '"x"', "[1,  2]", "null"]))
def test_json_keeps_its_layout(value: FlagValue, old: str) -> None:
    changed = write_values(
        JSON_TEXT.replace("VALUE", old), {"optimizer.args.lr": value}, name="config.json"
    )
    check_around(changed, JSON_TEXT)
    assert repr(lr_of(json.loads(changed))) == repr(plain(value))


@settings(deadline=None)
@given(scalars | lists, st.sampled_from(["0.1", "'x'", "[1,  2]", "true"]))
def test_toml_keeps_its_layout(value: FlagValue, old: str) -> None:
    changed = write_values(
        TOML_TEXT.replace("VALUE", old), {"optimizer.args.lr": value}, name="config.toml"
    )
    check_around(changed, TOML_TEXT)
    assert repr(lr_of(tomllib.loads(changed))) == repr(plain(value))


INI_TEXT = "; all\n[DEFAULT]\nseed=1\n\n[train]\n# the rate\nLR : VALUE\nlong = a\n  b\n"


@settings(deadline=None)
@given(numbers | st.booleans(), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", " ; each"]))
def test_ini_files_keep_their_layout(value: FlagValue, end: str, comment: str) -> None:
    template = INI_TEXT.replace("VALUE", f"VALUE{comment}").replace("\n", end)
    changed = write_values(template.replace("VALUE", "0.1"), {"train.LR": value}, name="a.ini")
    check_around(changed, template)
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",))
    parser.read_string(changed)
    if isinstance(value, bool):
        assert parser.getboolean("train", "lr") is value
    else:
        assert parser.getfloat("train", "lr") == value


@settings(deadline=None)
@given(numbers | st.booleans() | words, st.sampled_from(["", "'", '"']))
def test_variables_keep_their_quotes(value: FlagValue, quote: str) -> None:
    template = f"# all\nexport NAME=x\nLR = {quote}VALUE{quote} # rate\n"
    try:
        changed = write_values(template.replace("VALUE", "0.1"), {"LR": value}, name=".env")
    except FlagError:
        assert isinstance(value, str)
        return
    check_around(changed, template)
    read = dotenv_values(stream=io.StringIO(changed))["LR"]
    assert read == (str(value).lower() if isinstance(value, bool) else str(value))


@pytest.mark.parametrize(
    ("text", "changes", "changed"),
    [
        pytest.param(
            "a:\n- 64  # in\n- 64\nb: 1\n", {"a": (1, 2)}, "a:\n- 1  # in\n- 2\nb: 1\n",
            id="a list of the same length keeps its lines",
        ),
        pytest.param(
            "a:\n- 64\n- 64\nb: 1\n", {"a": (1,)}, "a:\n [1]\nb: 1\n", id="a shorter list"
        ),
        pytest.param("a:\n  - [1, 2]\n", {"a[0][1]": 3}, "a:\n  - [1, 3]\n", id="an item"),
        pytest.param("a:\nb:   # c\n", {"a": 1, "b": 2}, "a: 1\nb: 2   # c\n", id="nothing yet"),
        pytest.param("a: 1e-3\r\nb: 1\r\n", {"a": 1e-5}, "a: 1.0e-05\r\nb: 1\r\n", id="Windows"),
        pytest.param("\ufeffa: 1\n", {"a": 2}, "\ufeffa: 2\n", id="a mark at the start"),
        pytest.param("b: &b\n  k: 1\nc:\n  <<: *b\n", {"b.k": 2}, "b: &b\n  k: 2\nc:\n  <<: *b\n",
                     id="within an anchor"),
    ],
)  # fmt: skip
def test_only_the_value_changes(text: str, changes: dict[str, FlagValue], changed: str) -> None:
    assert write_values(text, changes, name="config.yaml") == changed


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        pytest.param("a.yaml", "lr: 1\n---\nlr: 2\n", "several documents", id="documents"),
        pytest.param("a.yaml", "lr: 1\nlr: 2\n", "in lines 1 and 2", id="duplicates"),
        pytest.param("a.yaml", "x: &x 1\nlr: *x\n", "is an alias", id="an alias"),
        pytest.param("a.yaml", "lr: &x 1\nx: *x\n", "has an anchor", id="an anchor"),
        pytest.param("a.yaml", "lr: !!float 1\n", "has a tag", id="a tag"),
        pytest.param("a.yaml", "lr: |\n  1\n", "several lines", id="a block"),
        pytest.param("a.yaml", "a: [\n", "cannot be read", id="no YAML"),
        pytest.param("a.yaml", "x: 1\n", "has no value 'lr'", id="unknown"),
        pytest.param("a.json", '{"lr": 1, // rate\n}', "comments", id="JSON with comments"),
        pytest.param("a.json", '{"lr": 1, "lr": 2}', "more than once", id="a key twice"),
        pytest.param("a.toml", "lr = 2020-01-01\n", "is a date", id="a date"),
        pytest.param("a.toml", "lr = \n", "not TOML", id="no TOML"),
        pytest.param("a.ini", "lr = 1\n 2\n", "several lines", id="a long setting"),
        pytest.param("a.ini", "lr = a ; b\n", "may be a comment", id="perhaps a comment"),
        pytest.param("a.txt", "lr = 1\n", "must end in", id="another ending"),
    ],
)
def test_what_is_not_clear_is_refused(name: str, text: str, reason: str) -> None:
    with pytest.raises(FlagError, match=reason):
        write_values(text, {"lr": 5}, name=name)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        pytest.param("a.toml", "lr = 1\n", None, id="TOML has no null"),
        pytest.param("a.json", '{"lr": 1}', float("inf"), id="JSON has no infinity"),
        pytest.param("a.ini", "lr = 1\n", (1, 2), id="INI files have no lists"),
        pytest.param("a.ini", "lr = a\n", "50%", id="a sign that INI files interpolate"),
        pytest.param(".env", "lr=a\n", "a b", id="two words without quotes"),
    ],
)
def test_a_value_that_the_format_lacks_is_refused(name: str, text: str, value: FlagValue) -> None:
    with pytest.raises(FlagError, match="cannot set lr to"):
        write_values(text, {"lr": value}, name=name)


def test_infinity_is_written_as_yaml_has_it() -> None:
    read: Callable[[str], Any] = yaml.safe_load
    changed = write_values(
        "a: 1.0\nb: 1.0\n", {"a": float("-inf"), "b": float("nan")}, name="a.yml"
    )
    assert str(read(changed)) == "{'a': -inf, 'b': nan}"
