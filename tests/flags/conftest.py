"""Flags of a script with globals and of one with options, and how they are set."""

from typing import Any

from tunesmith.errors import FlagError
from tunesmith.flags.assignments import assign, split_argument
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.settings import Choices, Setting

TRAIN = ScriptFlags(
    source=FlagSource.GLOBALS,
    definitions=(
        FlagDefinition(name="x", type=FlagType.NUMBER, default=0.1),
        FlagDefinition(name="n", type=FlagType.NUMBER, default=3, has_integer_default=True),
        FlagDefinition(name="name", type=FlagType.TEXT, default="a"),
        FlagDefinition(name="layers", default=(64, 64)),
    ),
)
OPTIONS = ScriptFlags(
    source=FlagSource.ARGPARSE,
    definitions=(
        FlagDefinition(name="lr", type=FlagType.FLOAT, is_required=True),
        FlagDefinition(name="batch-size", type=FlagType.INT, default=32),
        FlagDefinition(name="kind", type=FlagType.TEXT, default="a", choices=("a", "b")),
        FlagDefinition(name="shuffle", type=FlagType.BOOL, default=False, switch_on="--shuffle"),
        FlagDefinition(name="sizes", type=FlagType.INT, default=(1,), takes_many=True),
        FlagDefinition(name="scale", default=0.5, option="--scale"),
        FlagDefinition(name="depth", type=FlagType.INT, default=3, option="--depth"),
        FlagDefinition(name="seed", type=FlagType.INT, option="--seed"),
        FlagDefinition(
            name="decay", type=FlagType.TEXT, choices=("none", "cosine"), option="--decay"
        ),
    ),
)


def settings(*arguments: str, flags: ScriptFlags = TRAIN, **options: Any) -> dict[str, Setting]:
    assignments = [split_argument(argument) for argument in arguments]
    return assign(flags, assignments, script="train.py", **options)


def values(text: str) -> tuple[Any, ...]:
    setting = read_setting(text)
    assert isinstance(setting, Choices), setting
    return setting.values


def refusal(text: str) -> str:
    """Return the message with which a text is refused, empty where it is read."""
    try:
        read_setting(text)
    except FlagError as error:
        return str(error)
    return ""
