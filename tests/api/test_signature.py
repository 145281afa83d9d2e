"""What editors and type checkers see of the options, beside the table of options."""

import inspect
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

import pytest

import tunesmith
from tunesmith.api.restart_options import RestartOptions, read_restart
from tunesmith.errors import SpecificationError
from tunesmith.flags.values import FlagValue
from tunesmith.request.option import Door, Kind, Option
from tunesmith.request.options import options_of
from tunesmith.runner import Runner

OWN = ["script", "flags", "folder", "home", "key", "progress", "start", "more_flags"]
"""The parameters of ``run`` that are no options."""
TYPES: dict[Kind, Any] = {
    Kind.TEXT: str | None,
    Kind.TEXTS: Sequence[str] | None,
    Kind.PATTERNS: Sequence[str] | None,
    Kind.CONDITIONS: Sequence[str] | None,
    Kind.COUNT: int | None,
    Kind.LIMIT: int | Literal["none"] | None,
    Kind.SWITCH: bool | None,
    Kind.DURATION: float | str | timedelta | None,
    Kind.TIME_LIMIT: float | str | timedelta | None,
    Kind.COLUMN: str | None,
    Kind.OBJECTIVES: Sequence[str] | None,
    Kind.RUNNER: str | Runner | None,
    Kind.GPUS: Sequence[int | str] | None,
    Kind.FLAGS: Mapping[str, FlagValue] | None,
    Kind.POINTS: Sequence[str | Mapping[str, FlagValue]] | None,
    Kind.PRUNER: str | bool | None,
    Kind.REPEATS: int | str | None,
    Kind.SITTING: float | str | timedelta | None,
    Kind.CONDITION: str | None,
    Kind.WORTH: str | None,
    Kind.BUDGET: str | None,
}
in_python = pytest.mark.parametrize(
    "option", options_of(Door.PYTHON), ids=lambda option: option.name
)


def type_of(option: Option) -> Any:
    choices: Any = Literal.__getitem__(option.choices) if option.choices else None
    return choices | None if option.choices else TYPES[option.kind]


def test_run_takes_the_options_of_the_table_in_its_order() -> None:
    names = [name for name in inspect.signature(tunesmith.run).parameters if name not in OWN]
    assert names == [option.name for option in options_of(Door.PYTHON)]


@in_python
def test_an_option_has_its_type_and_is_not_said_by_default(option: Option) -> None:
    parameter = inspect.signature(tunesmith.run).parameters[option.name]
    assert parameter.annotation == type_of(option)
    assert (parameter.default, parameter.kind) == (None, inspect.Parameter.KEYWORD_ONLY)
    if option.name in RestartOptions.__annotations__:
        assert RestartOptions.__annotations__[option.name] == type_of(option)


@in_python
def test_an_option_is_documented_by_the_words_of_the_table(option: Option) -> None:
    text = " ".join((inspect.getdoc(tunesmith.run) or "").split())
    assert f" {option.name}: {' '.join(option.description.split())} " in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("retrys", r"no option 'retrys': did you mean 'retries'\?"),
        ("x", r"no option 'x'; flags go into flags=\{…\}"),
    ],
)
def test_a_restart_names_the_option_that_it_does_not_know(name: str, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        read_restart({name: 1}, {})
