import json
from typing import Any

import pytest
import yaml

from tunesmith.script.command_words import fill, names_in
from tunesmith.script.config_text import config_line, config_text


@pytest.mark.parametrize(
    ("words", "filled"),
    [
        pytest.param("run {flags} end", "run --n 1 end", id="all"),
        pytest.param("run", "run --n 1", id="appended"),
        pytest.param("run --rate={lr}", "run --rate=0.5 --n 1", id="one, the others appended"),
        pytest.param("run {config}", "run c.json", id="a file, nothing appended"),
        pytest.param("run {json}", "run [1]", id="a text, nothing appended"),
        pytest.param('run {"a":{"b":1}} {flags}', 'run {"a":{"b":1}} --n 1', id="other braces"),
        pytest.param("run {other} {flags}", "run {other} --n 1", id="an unknown name"),
        pytest.param("run {{lr}} {{flags}} {{ {flags}", "run {lr} {flags} { --n 1", id="braces"),
    ],
)
def test_the_values_of_flags_are_put_in(words: str, filled: str) -> None:
    texts = {"lr": "0.5"}
    done = fill(words.split(" "), texts, flags=["--n", "1"], config="c.json", document="[1]")
    assert done == filled.split(" ")


def test_a_word_of_its_own_becomes_several() -> None:
    assert fill(["a", "{flags}"], {}, flags=["--x", "a b"], config="") == ["a", "--x", "a b"]
    assert fill(["sh -c '{flags}'"], {}, flags=["--x", "a b"], config="") == ["sh -c '--x 'a b''"]


def test_a_flag_may_have_the_name_of_a_place() -> None:
    assert fill(["a", "{json}"], {"json": "x"}, flags=["--n"], config="") == ["a", "x", "--n"]


def test_flags_in_a_line_are_json() -> None:
    flags: dict[str, Any] = {"lr": 1e-05, "opt.name": "a  b", "n": (1, 2)}
    line = config_line(flags)
    assert "\n" not in line
    assert json.loads(line) == {"lr": 1e-05, "opt": {"name": "a  b"}, "n": [1, 2]}


def test_names_in_braces_are_found() -> None:
    assert names_in(["{a}={b.c}", "{{d}}", "{ e }"]) == {"a", "b.c"}


@pytest.mark.parametrize(
    ("flags", "read"),
    [
        pytest.param({"lr": 1e-05, "big": 1e22}, {"lr": 1e-05, "big": 1e22}, id="exponents"),
        pytest.param({"opt.lr": 0.1, "opt.name": "sgd"}, {"opt": {"lr": 0.1, "name": "sgd"}}),
        pytest.param({"a": True, "b": None, "c": (1, 2.0)}, {"a": True, "b": None, "c": [1, 2]}),
        pytest.param({"text": 'a "b" ü'}, {"text": 'a "b" ü'}, id="text"),
        pytest.param({}, {}, id="nothing"),
    ],
)
def test_json_and_yaml_read_the_same_of_a_file(flags: Any, read: Any) -> None:
    text = config_text(flags)
    assert json.loads(text) == yaml.safe_load(text) == read
