"""The pruners by name, found by entry point, so that other packages can add one."""

import inspect
from typing import Any

from tunesmith.errors import SpecificationError
from tunesmith.plugins import registered
from tunesmith.search.classes import (
    TYPE_WORDS,
    accepted_types,
    describe_unknown,
    load_class,
    parameters_of,
)
from tunesmith.search.pruner import Pruner

GROUP = "tunesmith.pruners"
"""The entry point group. Each entry is a class; what follows its name are its arguments."""


def pruner_names() -> tuple[str, ...]:
    """Return the registered names, in order."""
    return tuple(sorted(registered(GROUP)))


def build_pruner(text: str) -> Pruner:
    """Return the pruner that a word such as ``careful`` or ``after:5:10`` means.

    Args:
        text: A registered name, in upper or lower case; its arguments follow it in their order,
            each after a colon.

    Raises:
        SpecificationError: The name is unknown, an argument is missing or wrong, or the pruner
            cannot be loaded.
    """
    name, words = _split(text)
    parameters = parameters_of(load_class(GROUP, "pruner", name))
    needed = [key for key, one in parameters.items() if one.default is inspect.Parameter.empty]
    if not len(needed) <= len(words) <= len(parameters):
        has = f"{len(words)} value{'' if len(words) == 1 else 's'}" if words else "no value"
        raise SpecificationError(f"pruner {text!r} has {has}: expected {_form(name, parameters)}")
    arguments = {
        key: _converted(text, key, word, parameters[key].annotation)
        for key, word in zip(parameters, words, strict=False)
    }
    pruner: Pruner = load_class(GROUP, "pruner", name)(**arguments)
    return pruner


def _split(text: str) -> tuple[str, list[str]]:
    """Return the registered name that a text begins with, and the words that follow it."""
    parts = text.strip().lower().split(":")
    by_word = {name.lower(): name for name in registered(GROUP)}
    for n in range(len(parts), 0, -1):
        name = by_word.get(":".join(parts[:n]))
        if name is not None:
            return name, parts[n:]
    raise SpecificationError(describe_unknown("pruner", text, pruner_names()))


def _form(name: str, parameters: dict[str, inspect.Parameter]) -> str:
    """Return how a pruner is written, as ``after:N:K``."""
    empty = inspect.Parameter.empty
    words = [
        key.upper() if one.default is empty else f"[{key.upper()}]"
        for key, one in parameters.items()
    ]
    return ":".join([name, *words]) if words else f"{name} alone"


def _converted(text: str, key: str, word: str, annotation: Any) -> int | float:
    accepted = accepted_types(annotation)
    for kind in (int, float):
        if kind in accepted:
            try:
                return kind(word)
            except ValueError:
                continue
    expected = TYPE_WORDS[int if float not in accepted else float]
    raise SpecificationError(f"{key} of pruner {text!r} is {word!r}: expected {expected}")
