"""What is set for an option of click or typer is what the command gets."""

import enum
import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.flags.assignments import assign, split_argument
from tunesmith.flags.definition import ScriptFlags
from tunesmith.flags.display import format_assignments
from tunesmith.flags.script_flags_json import script_flags_from_plain
from tunesmith.flags.settings import Choices
from tunesmith.flags.values import FlagValue
from tunesmith.script.arguments import build_arguments, check_arguments
from tunesmith.script.asking import click_child


class Kind(enum.Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True)
class Option:
    """An option of click, what may be set for it, and what the command then gets."""

    more: dict[str, Any]
    values: st.SearchStrategy[FlagValue]
    name: str = "--one"
    seen: Callable[[Any], Any] = lambda value: value


ints, bools = st.integers(-(10**9), 10**9), st.booleans()
floats = st.floats(allow_nan=False).filter(lambda value: value != float("-inf"))
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)

CLICK = {
    "int": Option({"default": 3}, ints),
    "float": Option({"default": 0.1}, floats),
    "text": Option({}, texts),
    "range": Option({"type": click.IntRange(1, 9), "default": 3}, st.integers(1, 9)),
    "bool": Option({"default": True}, bools),
    "typed bool": Option({"type": bool}, bools),
    "pair": Option({"default": True}, bools, name="--one/--no-one"),
    "pair without default": Option({"default": None}, bools, name="--one/--no-one"),
    "switch": Option({"is_flag": True}, bools),
    "constant": Option({"flag_value": "c"}, bools, seen=lambda value: "c" if value else None),
    "counted": Option({"count": True}, st.integers(0, 5)),
    "choice": Option({"type": click.Choice(["a", "b"])}, st.sampled_from(["a", "b"])),
    "any case": Option(
        {"type": click.Choice(["A", "b"], case_sensitive=False)},
        st.sampled_from(["a", "A", "b", "B"]),
        seen=lambda value: {"a": "A", "b": "b"}[value.lower()],
    ),
    "several": Option({"multiple": True, "type": int}, st.lists(ints, min_size=1).map(tuple)),
    "two": Option({"nargs": 2, "type": float}, st.tuples(floats, floats)),
    "mixed": Option({"type": (int, str)}, st.tuples(ints, st.sampled_from(["a", "b"]))),
    "pairs": Option(
        {"multiple": True, "type": (int, int)},
        st.lists(st.tuples(ints, ints), min_size=1).map(tuple),
    ),
    "converter": Option({"type": lambda text: text == "on", "default": True}, bools),
    "json": Option({"type": json.loads}, st.lists(ints).map(tuple), seen=list),
}
TYPER: dict[str, tuple[Any, Any, st.SearchStrategy[FlagValue], Callable[[Any], Any]]] = {
    "int": (int, 3, ints, lambda value: value),
    "int or none": (int | None, None, ints, lambda value: value),
    "float": (float, 0.5, floats, lambda value: value),
    "text": (str, "a", texts, lambda value: value),
    "bool": (bool, True, bools, lambda value: value),
    "path": (Path, Path("a"), texts, Path),
    "enum": (Kind, Kind.SMALL, st.sampled_from(["small", "large"]), Kind),
    "ints": (list[int], [1], st.lists(ints, min_size=1).map(tuple), list),
    "enums": (
        list[Kind],
        [],
        st.lists(st.sampled_from(["small", "large"]), min_size=1).map(tuple),
        lambda value: [Kind(one) for one in value],
    ),
    "two": (tuple[int, float], (1, 0.5), st.tuples(ints, floats), lambda value: value),
}


def captured(command: Any) -> ScriptFlags:
    """Return the flags as the child process writes them down."""
    found = [click_child.definition(command, option) for option in command.params]
    plain = {"source": "click", "definitions": [one for one in found if one]}
    return script_flags_from_plain(json.loads(json.dumps(plain)))


def arguments_of(flags: ScriptFlags, **values: FlagValue) -> list[str]:
    """Return the arguments that come of what is typed for some of the flags."""
    words = [split_argument(word) for word in shlex.split(format_assignments(values))]
    typed = assign(flags, words, script="train.py")
    check_arguments(flags, typed)
    given: dict[str, Any] = {
        name: setting.values[0] if isinstance(setting, Choices) else setting
        for name, setting in typed.items()
    }
    return build_arguments(flags, given)


@pytest.mark.parametrize("name", CLICK)
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_command_of_click_gets_what_is_set(name: str, data: Any) -> None:
    option = CLICK[name]
    one = click.Option([option.name], **option.more)
    other = click.Option([option.name.replace("one", "other")], **option.more)
    command = click.Command("train", params=[one, other], callback=lambda **seen: seen)
    value = data.draw(option.values)
    arguments = arguments_of(captured(command), one=value)
    seen, own = (command.main(words, standalone_mode=False) for words in (arguments, []))
    assert seen == {**own, "one": option.seen(value)}


@pytest.mark.parametrize("name", TYPER)
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_command_of_typer_gets_what_is_set(name: str, data: Any) -> None:
    kind, default, values, seen_as = TYPER[name]
    seen: list[Any] = []

    def train(one: Any = default, other: Any = default) -> None:
        seen.append((one, other))

    train.__annotations__ = {"one": kind, "other": kind}
    app = typer.Typer(add_completion=False)
    app.command()(train)
    command = typer.main.get_command(app)
    value = data.draw(values)
    for words in (arguments_of(captured(command), one=value), []):
        command.main(words, standalone_mode=False)
    (one, other), (own, _) = seen
    assert (one, other) == (seen_as(value), own)
