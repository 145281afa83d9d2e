import shlex

import click
import pytest
from click.testing import CliRunner

from tests.cli.running.typed import requested
from tunesmith.cli.main import group
from tunesmith.cli.running.run import run
from tunesmith.request.option import Door, Kind, Option
from tunesmith.request.options import OPTIONS, options_of
from tunesmith.request.sweep_request import SweepRequest

LISTED = options_of(Door.RUN, Door.RESTART)


@pytest.fixture(scope="module")
def page() -> str:
    """The help, without the breaks of its lines."""
    return CliRunner().invoke(run, ["--help"], terminal_width=80, **group.context_settings).output


@pytest.mark.parametrize("option", LISTED, ids=lambda option: option.name)
def test_the_help_says_what_an_option_is_under_the_heading_of_its_group(
    option: Option, page: str
) -> None:
    section = page.partition(f"\n{option.group}:\n")[2].partition("\n\n")[0]
    assert f"  {', '.join(option.spelling)}" in section
    assert option.help.rstrip(".") in " ".join(section.split())
    assert f"[default: {option.default}]" in " ".join(section.split()) or not option.default


def test_the_help_fits_a_terminal(page: str) -> None:
    assert max(map(len, page.splitlines())) <= 80


def test_each_example_of_the_help_is_a_command_that_can_be_read(page: str) -> None:
    lines = page.partition("Examples:")[2].splitlines()
    examples = [shlex.split(line)[2:] for line in lines if "tunesmith run" in line]
    assert len(examples) == 5
    assert all(requested(*words) != SweepRequest() for words in examples)


def typed(option: Option) -> list[str]:
    """Return how an option is typed, with a value that it takes."""
    if option.kind is Kind.SWITCH:
        return [option.flag]
    texts = {
        Kind.COUNT: "3",
        Kind.LIMIT: "3",
        Kind.DURATION: "5m",
        Kind.TIME_LIMIT: "5m",
        Kind.RUNNER: "prefect://",
        Kind.FLAGS: "a=1",
        Kind.POINTS: "a=1",
        Kind.CONDITIONS: "a < 1",
        Kind.OBJECTIVES: "maximize acc",
        Kind.SITTING: "2h!",
        Kind.CONDITION: "loss < 1",
        Kind.WORTH: "0.1 per hour",
        Kind.BUDGET: "dollars 20",
        Kind.REPEATS: "auto:4",
    }
    texts[Kind.PATTERNS] = r"(\key)=(\value)"
    if option.bare:
        return [option.flag]
    return [option.flag, option.choices[-1] if option.choices else texts.get(option.kind, "b")]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_that_is_typed_is_said_in_the_request(option: Option) -> None:
    plain, words = requested("train.py"), typed(option)
    request = requested("train.py", *words)
    value = True if option.kind is Kind.SWITCH else option.value(option.bare or words[-1])
    assert getattr(plain, option.name) is None
    assert getattr(request, option.name) == value


def test_a_restart_takes_all_its_words_for_flags() -> None:
    request = requested("--restart", "1", "x=1", "y=2", "@rows.csv")
    assert request.script is None
    assert [one.name for one in request.flags or ()] == ["x", "y"]
    assert request.files == ("rows.csv",)


def test_what_stands_behind_two_dashes_is_the_scripts_own() -> None:
    assert requested("train.py", "x=1", "--", "--jobs", "2").extra_arguments == ("--jobs", "2")


def test_objectives_come_in_the_order_in_which_they_are_typed() -> None:
    request = requested("train.py", "-X", "acc", "-N", "max latency", "--maximize=b", "-Nc")
    assert list(map(str, request.objectives or ())) == [
        "maximize acc",
        "minimize max latency",
        "maximize b",
        "minimize c",
    ]
    assert (request.minimize, request.maximize) == (None, None)
    assert str(request.objective) == "maximize acc"


def test_one_objective_is_asked_for_as_ever() -> None:
    request = requested("train.py", "-X", "acc")
    assert (str(request.maximize), request.objectives) == ("acc", None)


def test_what_decides_on_pruning_is_named_once() -> None:
    with pytest.raises(click.UsageError, match="--prune-on was given 2 times"):
        requested("train.py", "--prune-on", "a", "--prune-on", "b")
