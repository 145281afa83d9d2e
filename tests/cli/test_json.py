"""Every command that answers has ``--json``, and prints what the page of shapes says."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from tests.cli.conftest import MORNING, Library, Outcome
from tests.conftest import QUICK_SCRIPT, Project
from tunesmith.cli.main import group

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"
BLOCK = re.compile(r"```sh\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL)
SHAPES = [
    (shlex.split(line)[1:], json.loads(shape))
    for lines, shape in BLOCK.findall(PAGE.read_text())
    for line in lines.splitlines()
]
OTHERS = "…"
"""The name of a field that stands for any others."""
NO_ANSWER = {"serve", "worker", "completion"}
"""They run until they are ended, or print a script."""


def commands(parent: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield the commands that can be called, and their names without the program's."""
    if not isinstance(parent, click.Group):
        yield name, parent
        return
    ctx = click.Context(parent)
    for child in parent.list_commands(ctx):
        command = parent.get_command(ctx, child)
        assert command is not None
        yield from commands(command, f"{name} {child}".strip())


def needs_server(arguments: list[str]) -> bool:
    """Return whether a command of the page uses the Prefect server."""
    return arguments[0] in ("server", "deploy") or arguments[:2] == ["run", "quick.py"]


def typed(one: Any) -> str:
    """Return the arguments of a command of the page, as the name of a case."""
    is_command = isinstance(one, list) and isinstance(one[0], str)
    return " ".join(one) if is_command else ""


def has_shape(value: Any, shape: Any) -> bool:
    """Return whether a value has the fields of an example, and values of the same types."""
    if value is None or shape is None:
        return True
    if isinstance(shape, list):
        return isinstance(value, list) and all(has_shape(one, shape[0]) for one in value)
    if isinstance(shape, dict):
        names = {*shape} - {OTHERS}
        return (
            isinstance(value, dict)
            and names <= {*value}
            and ({*value} == names or OTHERS in shape)
            and all(
                has_shape(one, shape.get(name, shape.get(OTHERS))) for name, one in value.items()
            )
        )
    is_number = isinstance(shape, int | float) and not isinstance(shape, bool)
    return isinstance(value, (int, float) if is_number else type(shape))


@pytest.mark.parametrize(("name", "command"), [*commands(group)], ids=str)
def test_every_command_that_answers_takes_json(name: str, command: click.Command) -> None:
    options = {spelling for param in command.params for spelling in param.opts}
    assert ("--json" in options) == (name not in NO_ANSWER)


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [one for one in SHAPES if not needs_server(one[0])],
    ids=typed,
)
def test_a_command_prints_what_the_page_says(
    library: Library, call: Callable[..., Outcome], arguments: list[str], shape: Any
) -> None:
    Path("train.py").write_text(QUICK_SCRIPT)
    library.grid()
    library.lucky_search()
    run = library.single("1933bdcb" * 4, {"x": 1}, started=MORNING + 400)
    (library.store.layout.trial_directory(run, run) / "model.bin").write_bytes(b"weights")
    if arguments[0] == "import":
        call("export", "train.py+", "-o", "runs.tar.gz")
    if arguments[0] == "observe":
        call("suggest", "train.py+gp")
    if arguments[1] in ("restore", "purge"):
        call("runs", "delete", "1", "--yes")

    done = call(*arguments)

    told = json.loads(done.out)
    assert has_shape(told, shape), done.out
    assert told
    assert done.code == (told["exit"] if "error" in shape else 0)


@pytest.mark.server
@pytest.mark.parametrize(
    ("arguments", "shape"), [one for one in SHAPES if needs_server(one[0])], ids=typed
)
def test_a_command_that_needs_the_server_prints_what_the_page_says(
    served_project: Project, arguments: list[str], shape: Any
) -> None:
    if arguments[:2] in (["deploy", "run"], ["deploy", "delete"]):
        served_project.succeed("deploy", "quick.py", "x=[1,2]", "--name", "nightly")

    assert has_shape(json.loads(served_project.succeed(*arguments)), shape)


def test_a_restart_that_has_nothing_to_run_answers_too(
    library: Library, call: Callable[..., Outcome]
) -> None:
    (shape,) = [shape for one, shape in SHAPES if one[:2] == ["run", "quick.py"]]
    library.grid()

    told = json.loads(call("run", "--restart", "bfcff413", "--json").out)

    assert has_shape(told, shape)
    assert (told["trials_run"], told["best"]["number"]) == (0, 3)
    assert call("run", "--restart", "bfcff413", "--quiet").out == f"{told['id']}\n"
