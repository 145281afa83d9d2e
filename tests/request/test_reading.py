from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import SpecificationError
from tunesmith.objective import Direction, Objective
from tunesmith.request.options import read_options
from tunesmith.request.reading import (
    read_count,
    read_duration,
    read_gpus,
    read_optimizer_flags,
    read_switch,
    read_texts,
)
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
        pytest.param({"minimize": "a", "maximize": "b"}, "both given", id="one of each"),
        pytest.param({"minimize": ["a", "b"]}, "several go into objectives", id="a list"),
    ],
)
def test_several_objectives_have_an_order(words: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        SweepRequest(**read_options(words))


@pytest.mark.parametrize(
    ("read", "given", "value"),
    [
        (read_duration, "1h30m", 5400.0),
        (read_duration, 300, 300.0),
        (read_duration, timedelta(minutes=5), 300.0),
        (read_gpus, "0, 1", ("0", "1")),
        (read_gpus, [0, 1], ("0", "1")),
        (read_gpus, "GPU-8932f937", ("GPU-8932f937",)),
        (read_texts, "one", ("one",)),
        (read_texts, ["one", Path("two")], ("one", "two")),
        (read_count, "3", 3),
        (read_switch, "off", False),
        (read_optimizer_flags, ["random_starts=3"], {"random-starts": 3}),
        (read_optimizer_flags, {"random_starts": 3}, {"random-starts": 3}),
    ],
    ids=lambda one: getattr(one, "__name__", None) or repr(one),
)
def test_an_option_is_read_from_text_and_from_values(
    read: Callable[[object], object], given: object, value: object
) -> None:
    assert read(given) == value


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"timeout": 0}, r"--timeout is 0: expected seconds, or 30s, 5m, 2h; more than 0"),
        ({"timeout": "5x"}, r"--timeout: '5x' is not a duration"),
        ({"jobs": True}, r"--jobs is True: expected a whole number"),
        ({"jobs": 1.5}, r"--jobs is 1.5: expected a whole number"),
        ({"warm": "maybe"}, r"--warm is 'maybe': expected auto, on or off"),
        ({"gpus": 0.5}, r"--gpus is 0.5: expected a list of GPUs, as 0,1"),
        ({"optimizer_flags": ["a=[1,2]"]}, r"--opt-flag: a=\[1,2\] has several values"),
        ({"output_scalars": ["("]}, r"--output-scalars '\(' is not a regular expression"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_told_in_one_line_by_the_option(
    words: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecificationError, match=f"^{message}"):
        read_options(words)
