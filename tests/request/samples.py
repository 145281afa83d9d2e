"""Values for every option, made from the table: as text and as a program gives them."""

from pathlib import Path
from typing import Any

from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.request.option import Kind, Option
from tunesmith.request.specification import Origin, Script

FLAGS = ScriptFlags(
    source=FlagSource.ARGPARSE,
    definitions=(
        FlagDefinition(name="x", default=0.1),
        FlagDefinition(name="name", default="a"),
        FlagDefinition(name="seed", default=0),
    ),
)
SCRIPT = Script(project=Path("/project"), path="train.py", flags=FLAGS)
ORIGIN = Origin(id="b" * 32, now=1.0, seed=7)

_TEXTS = {
    Kind.TEXT: "random",  # a name of an optimizer as well
    Kind.TEXTS: "name",  # a name of a flag as well
    Kind.CONDITIONS: "x < 1",
    Kind.PATTERNS: r"(\key)=(\value)",
    Kind.GPUS: "0,1",
    Kind.COUNT: "3",
    Kind.LIMIT: "3",
    Kind.SWITCH: "yes",
    Kind.DURATION: "90s",
    Kind.TIME_LIMIT: "90s",
    Kind.COLUMN: "max acc",
    Kind.OBJECTIVES: "maximize acc",
    Kind.RUNNER: "dask://host:8786?GPU=1",
    Kind.FLAGS: "random-starts=3",
    Kind.POINTS: "x=0.5",
    Kind.PRUNER: "bold",
    Kind.REPEATS: "auto:3",
    Kind.SITTING: "90s!",
    Kind.CONDITION: "loss <= 0.1",
    Kind.WORTH: "0.001 per minute",
    Kind.BUDGET: "dollars 20",
}
_VALUES: dict[Kind, Any] = {
    Kind.TEXTS: ("name",),
    Kind.GPUS: [0, 1],
    Kind.COUNT: 3,
    Kind.LIMIT: 3,
    Kind.SWITCH: True,
    Kind.DURATION: 90,
    Kind.TIME_LIMIT: 90,
    Kind.FLAGS: {"random_starts": 3},
}


def text_of(option: Option) -> str:
    """Return a text that the option takes and that is not its default."""
    if option.name == "repeat_over":  # the flag that no test sets
        return "seed"
    if option.name == "subject_to":  # on scalars, as others are on flags
        return "loss < 1"
    return option.choices[-1] if option.choices else _TEXTS[option.kind]


def value_of(option: Option) -> Any:
    """Return the same as a program would write it."""
    return _VALUES.get(option.kind, option.value(text_of(option)))
