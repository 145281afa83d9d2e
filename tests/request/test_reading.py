from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import SpecificationError
from tunesmith.objective import Direction, Objective
from tunesmith.request.options import read_options
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.scalar import ScalarColumn

ACCURACY = ScalarColumn(tag="acc")


@pytest.mark.parametrize("python", ["", "python3.11"])
def test_a_name_of_an_interpreter_is_left_to_the_path(python: str) -> None:
    assert SweepRequest(python=python).interpreter == python


def test_an_interpreters_path_begins_where_it_is_typed(tmp_path: Path) -> None:
    (tmp_path / "env").symlink_to("/nowhere")
    assert SweepRequest(python="./env/bin/python").interpreter == str(
        Path.cwd() / "env/bin/python"
    )
    given = SweepRequest(python="env/bin/python", folder=tmp_path)
    assert given.interpreter == f"{tmp_path}/env/bin/python"
    assert SweepRequest(python="/env/bin/python", folder=tmp_path).interpreter == "/env/bin/python"
    assert SweepRequest(python="~/env/python").interpreter == str(Path.home() / "env/python")


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
    assert SweepRequest(**read_options(words)).objective == objective


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param({"minimize": "a", "maximize": "b"}, "choose one", id="one of each"),
        pytest.param({"minimize": ["a", "b"]}, "a search has one objective", id="a list"),
    ],
)
def test_a_search_has_one_objective(words: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        SweepRequest(**read_options(words))
