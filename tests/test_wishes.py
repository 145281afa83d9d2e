from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import SpecificationError
from tunesmith.objective import Direction, Objective
from tunesmith.scalar import ScalarColumn
from tunesmith.wishes import Wishes, interpreter, read_objective

ACCURACY = ScalarColumn(tag="acc")


@pytest.mark.parametrize("python", ["", "python3.11"])
def test_a_name_of_an_interpreter_is_left_to_the_path(python: str) -> None:
    assert interpreter(Wishes(python=python)) == python


def test_an_interpreters_path_begins_where_it_is_typed(tmp_path: Path) -> None:
    (tmp_path / "env").symlink_to("/nowhere")
    assert interpreter(Wishes(python="./env/bin/python")) == str(Path.cwd() / "env/bin/python")
    given = Wishes(python="env/bin/python", folder=tmp_path)
    assert interpreter(given) == f"{tmp_path}/env/bin/python"
    assert interpreter(Wishes(python="/env/bin/python", folder=tmp_path)) == "/env/bin/python"
    assert interpreter(Wishes(python="~/env/python")) == str(Path.home() / "env/python")


@pytest.mark.parametrize(
    ("words", "objective"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"minimize": "", "maximize": ""}, None, id="left empty in a form"),
        pytest.param({"minimize": "acc"}, Objective(column=ACCURACY), id="minimize"),
        pytest.param(
            {"minimize": "", "maximize": "acc"},
            Objective(column=ACCURACY, direction=Direction.MAXIMIZE),
            id="maximize",
        ),
    ],
)
def test_the_objective_is_what_was_named_and_else_nobodys(
    words: dict[str, Any], objective: Objective | None
) -> None:
    assert read_objective(Wishes(**words)) == objective


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param({"minimize": "a", "maximize": "b"}, "choose one", id="one of each"),
        pytest.param({"minimize": ["a", "b"]}, "a search has one objective", id="a list"),
    ],
)
def test_a_search_has_one_objective(words: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        read_objective(Wishes(**words))
