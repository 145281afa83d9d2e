"""The paths that a source names, pieces put together."""

import pytest

from tunesmith.script.path_literals import PathLiteral, path_literals

ROOTS = {"data", "data.csv", "input"}
HEAD = """\
import os
from pathlib import Path
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = Path(__file__).resolve().parent.parent
"""


def found(text: str, name: str = "train.py") -> list[PathLiteral]:
    return list(path_literals(text, name, ROOTS))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("open('data/a.csv')", "data/a.csv"),
        ("open('data.csv')", "data.csv"),
        ("read(os.path.join('data', name, 'a.bin'))", "data"),
        ("read(os.path.join('..', 'data'))", "../data"),
        ("read(os.path.join('..', 'data', 'a.csv'))", "../data/a.csv"),
        ("read(Path('data') / 'a' / name)", "data/a"),
        ("read(Path('data').joinpath('a.csv'))", "data/a.csv"),
        ("read(f'data/{name}.csv')", "data"),
        ("read(f'data/a/{name}.csv')", "data/a"),
        ("read('data/%s.csv' % name)", "data"),
        ("read('data/{}.csv'.format(name))", "data"),
        ("read('data/' + name)", "data"),
        ("glob('data/*.png')", "data"),
        ("add_argument('--data-dir', default='data')", "data"),
        ("def train(root='data'): pass", "data"),
        ("DATA_DIR = 'data'", "data"),
        ("x = open('../other/a')", "../other/a"),
    ],
)
def test_a_path_is_put_together_as_far_as_it_is_known(text: str, path: str) -> None:
    assert PathLiteral(path, is_beside=False, is_clear=True) in found(HEAD + text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("read(os.path.join(HERE, 'data'))", "data"),
        ("read(os.path.join(HERE, '..', 'data', name))", "../data"),
        ("read(ROOT / 'data' / 'a.csv')", "../data/a.csv"),
        ("read(Path(__file__).parent / 'data')", "data"),
        ("read(Path(__file__).parents[1] / 'data')", "../data"),
    ],
)
def test_a_path_may_begin_at_the_source_s_own_folder(text: str, path: str) -> None:
    assert PathLiteral(path, is_beside=True, is_clear=True) in found(HEAD + text)


@pytest.mark.parametrize("text", ["batch['data']", "add_argument('--kind', default='data')"])
def test_a_word_may_be_a_path_or_none(text: str) -> None:
    assert found(HEAD + text) == [PathLiteral("data", is_beside=False, is_clear=False)]


@pytest.mark.parametrize(
    "text",
    [
        "ROOT = Path(__file__).resolve().parent.parent\nread(ROOT / 'sets' / 'a.bin')",
        "read(Path(__file__).parents[1].joinpath('sets', 'a.bin'))",
        "UP = os.path.dirname(os.path.dirname(__file__))\nread(os.path.join(UP, 'sets/a.bin'))",
    ],
)
def test_a_path_above_the_source_needs_no_name_of_the_project(text: str) -> None:
    *_, one = found(text)
    assert (one.path, one.is_beside, one.is_clear) == ("../sets/a.bin", True, True)


@pytest.mark.parametrize(
    "text", ["'''data/a is read'''", "print('no data here')", "x = 'other/data'", "x = ("]
)
def test_what_names_no_path_of_interest_is_passed_over(text: str) -> None:
    assert found(HEAD + text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("train:\n  path: data/a.csv\n", "config.yaml"),
        ('{"path": "data/a.csv"}', "config.json"),
        ("path = data/a.csv", "settings.ini"),
        ("cat data/a.csv | sort", "train.sh"),
        ("x <- read.csv('data/a.csv')", "train.R"),
    ],
)
def test_other_files_are_read_word_by_word(text: str, name: str) -> None:
    assert found(text, name) == [PathLiteral("data/a.csv", is_beside=False, is_clear=True)]


def test_prose_names_no_paths() -> None:
    assert found("put it in data/a.csv", "README.md") == []
