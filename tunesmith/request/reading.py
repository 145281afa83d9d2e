"""From what is typed, or what a program gives, to the value of an option.

Every reader takes text as it is typed and the value itself, and returns the value.
"""

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from os import PathLike, fspath
from typing import Any, TypeVar

from tunesmith.durations import parse_duration
from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import split_argument
from tunesmith.flags.grammar import read_setting, to_flag_value
from tunesmith.flags.points import DEFAULTS, Point
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.flags.values import FlagValue
from tunesmith.objective import Objective
from tunesmith.output.patterns import checked_patterns
from tunesmith.pruning import DEFAULT_RULE, NO_PRUNING
from tunesmith.repeats import Repeats
from tunesmith.runner import Runner
from tunesmith.scalar import ScalarColumn
from tunesmith.stopping import MaxCost, MaxTime, Worth

E = TypeVar("E", bound=StrEnum)


class UnfitError(ValueError):
    """What was given is no value of the option; the message says what is expected."""


NONE = "none"
"""The word that takes a limit, conditions or the GPUs away from a batch that goes on."""
_SWITCH = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def read_arguments(words: Iterable[str]) -> dict[str, Any]:
    """Return the fields of a request that ``NAME=VALUE``, ``@FILE`` and words before them say.

    The words are those of a subcommand.

    Raises:
        FlagError: A word after the first ``NAME=VALUE`` is neither.
    """
    words = list(words)
    n_first = next((at for at, word in enumerate(words) if _is_argument(word)), len(words))
    first, words = words[:n_first], words[n_first:]
    return {
        "subcommand": tuple(first) or None,
        "flags": tuple(split_argument(word) for word in words if not word.startswith("@")) or None,
        "files": tuple(word[1:] for word in words if word.startswith("@")) or None,
    }


def _is_argument(word: str) -> bool:
    return "=" in word or word.startswith("@")


def read_text(given: object) -> str:
    """Return a string; a path becomes one."""
    if isinstance(given, str | PathLike):
        return str(fspath(given))
    raise UnfitError("a string")


def read_texts(given: object) -> tuple[str, ...]:
    """Return several strings; one stands for itself."""
    if isinstance(given, str | PathLike):
        return (read_text(given),)
    if isinstance(given, Iterable):
        return tuple(map(read_text, given))
    raise UnfitError("a list of strings")


def read_points(given: object) -> tuple[Point, ...]:
    """Return points, of text as ``lr=3e-4,depth=6`` or by the names of flags."""
    listed = [given] if isinstance(given, str | Mapping) else given
    if not isinstance(listed, Iterable):
        raise UnfitError("points, as lr=3e-4,depth=6, or defaults")
    return tuple(map(_point, listed))


def _point(given: object) -> Point:
    if isinstance(given, Mapping) and given:
        return {str(name): to_flag_value(one, shown=repr(one)) for name, one in given.items()}
    if isinstance(given, str) and (given.strip().lower() == DEFAULTS or "=" in given):
        return given if "=" in given else DEFAULTS
    raise UnfitError("points, as lr=3e-4,depth=6, or defaults")


def read_patterns(given: object) -> tuple[str, ...]:
    """Return patterns of the lines that report scalars, each of which can be read."""
    return checked_patterns(read_texts(given))


def read_conditions(given: object) -> tuple[str, ...]:
    """Return conditions, which are read when the flags are known; ``none`` for no condition."""
    texts = read_texts(given)
    if any(not text.strip() for text in texts):
        raise UnfitError("a condition, as 'layers * width <= 4096'")
    return texts


def read_condition(given: object) -> str:
    """Return a condition on runs, which can be read; ``none`` for no condition."""
    text = read_text(given).strip()
    if text != NONE:
        from tunesmith.query.expression import parse_expression  # few commands have one

        parse_expression(text)
    return text


def read_max_time(given: object) -> MaxTime:
    """Return how long a sitting may last; infinitely long for ``none``."""
    if isinstance(given, MaxTime):
        return given
    if given == NONE:
        return MaxTime(seconds=math.inf)
    return (
        MaxTime.from_text(given)
        if isinstance(given, str)
        else MaxTime(seconds=read_duration(given))
    )


def read_worth(given: object) -> Worth:
    """Return what a trial has to gain; infinity for ``none``."""
    if isinstance(given, Worth):
        return given
    if given == NONE:
        return Worth(amount=math.inf)
    return Worth.from_text(read_text(given))


def read_max_cost(given: object) -> MaxCost:
    """Return what the trials may cost in all; infinity for ``none``."""
    if isinstance(given, MaxCost):
        return given
    if given == NONE:
        return MaxCost(column=ScalarColumn(tag=NONE), amount=math.inf)
    return MaxCost.from_text(read_text(given))


def read_count(given: object) -> int:
    """Return a whole number."""
    try:
        if isinstance(given, str):
            return int(given)
        if not isinstance(given, bool):
            return operator.index(given)  # type: ignore[arg-type]  # raises for all else
    except (TypeError, ValueError):
        pass
    raise UnfitError("a whole number")


def read_limit(given: object) -> float:
    """Return a whole number; infinity for ``none``."""
    return math.inf if given == NONE else read_count(given)


def read_switch(given: object) -> bool:
    """Return yes or no."""
    if isinstance(given, bool):
        return given
    if isinstance(given, str) and given.lower() in _SWITCH:
        return _SWITCH[given.lower()]
    raise UnfitError("yes or no")


def read_pruner(given: object) -> str:
    """Return a pruner with its arguments, or ``off``; yes and no serve as well."""
    if isinstance(given, bool):
        return DEFAULT_RULE if given else NO_PRUNING
    if not isinstance(given, str):
        raise UnfitError("the name of a pruner, or off")
    word = given.strip().lower()
    if word in _SWITCH:
        return DEFAULT_RULE if _SWITCH[word] else NO_PRUNING
    from tunesmith.search.pruning.registry import build_pruner  # few commands prune

    build_pruner(word)
    return word


def read_repeats(given: object) -> Repeats:
    """Return how often each candidate is run: from a number, ``auto`` or ``auto:5``."""
    if isinstance(given, Repeats):
        return given
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise UnfitError("a number of runs, as 3, or auto:5 for up to 5")
    return Repeats.from_text(str(given))


def read_duration(given: object) -> float:
    """Return seconds."""
    if isinstance(given, str):
        return parse_duration(given)
    seconds = given.total_seconds() if isinstance(given, timedelta) else given
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0:
        return float(seconds)
    raise UnfitError("seconds, or 30s, 5m, 2h; more than 0")


def read_time_limit(given: object) -> float:
    """Return seconds; infinity for ``none``."""
    return math.inf if given == NONE else read_duration(given)


def read_gpus(given: object) -> tuple[str, ...]:
    """Return GPUs, of a list such as ``0,1``; none of them for ``none``."""
    if given == NONE:
        return ()
    if isinstance(given, str):
        return tuple(gpu.strip() for gpu in given.split(",") if gpu.strip())
    if isinstance(given, Sequence) and all(_is_gpu(one) for one in given):
        return tuple(map(str, given))
    raise UnfitError("a list of GPUs, as 0,1")


def read_column(given: object) -> ScalarColumn:
    """Return the scalar that is improved."""
    if isinstance(given, ScalarColumn):
        return given
    if isinstance(given, str):
        return ScalarColumn.from_text(given)
    raise UnfitError("the name of one scalar; several go into objectives, as minimize loss")


def read_objectives(given: object) -> tuple[Objective, ...]:
    """Return all that a search improves, of ``minimize loss`` and the like; one text is one."""
    listed = [given] if isinstance(given, str | Objective) else given
    if isinstance(listed, Iterable):
        found = [one if isinstance(one, Objective) else _objective(one) for one in listed]
        return tuple(found)
    raise UnfitError("a list of objectives, as minimize loss, maximize acc")


def _objective(given: object) -> Objective:
    if isinstance(given, str):
        return Objective.from_text(given)
    raise UnfitError("objectives, as minimize loss")


def read_runner(given: object) -> Runner:
    """Return where trials run."""
    if isinstance(given, Runner):
        return given
    return Runner.from_text(read_text(given))


def read_choice(given: object, kind: type[E]) -> E:
    """Return one of an enumeration's words."""
    try:
        return kind(str(given))
    except ValueError as error:
        *others, last = kind
        raise UnfitError(f"{', '.join(others)} or {last}") from error


def read_optimizer_flags(given: object) -> dict[str, FlagValue]:
    """Return the optimizer's flags, of ``NAME=VALUE`` or by their names."""
    if isinstance(given, Mapping):
        pairs = [(name, to_flag_value(one, shown=repr(one))) for name, one in given.items()]
    else:
        pairs = [_optimizer_flag(text) for text in read_texts(given)]
    return {name.replace("_", "-"): value for name, value in pairs}


def _optimizer_flag(text: str) -> tuple[str, FlagValue]:
    assignment = split_argument(text)
    setting = read_setting(assignment.text)
    if isinstance(setting, Choices | Distribution):
        raise SpecificationError(f"{text} has several values: an optimizer's flag takes one")
    return assignment.name, setting


def _is_gpu(item: object) -> bool:
    return isinstance(item, int | str) and not isinstance(item, bool)
