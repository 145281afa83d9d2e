"""Classes that are found by name as entry points: optimizers and pruners."""

import inspect
import types
from collections.abc import Iterable, Mapping
from typing import Any, Union, get_args, get_origin

from tunesmith.errors import SpecificationError
from tunesmith.near_names import near_names
from tunesmith.plugins import registered

TYPE_WORDS: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "a string",
    bool: "yes or no",
    type(None): "nothing",
}
"""What the types of settings are called in messages."""


def load_class(group: str, kind: str, name: str) -> type[Any]:
    """Return the class that an entry point names.

    Args:
        group: The group of entry points.
        kind: What the group's classes are called, as ``optimizer``.
        name: A registered name.

    Raises:
        SpecificationError: It cannot be loaded, or is no class.
    """
    entry = registered(group)[name]
    try:
        loaded = entry.load()
    except (ImportError, AttributeError) as error:
        raise SpecificationError(
            f"{kind} {name} cannot be loaded from {entry.value}: {error}; install its package "
            f"again, or choose another {kind}"
        ) from error
    if not isinstance(loaded, type):
        raise SpecificationError(
            f"{kind} {name} is a {type(loaded).__name__} at {entry.value}: expected a class"
        )
    return loaded


def parameters_of(cls: type[Any]) -> dict[str, inspect.Parameter]:
    """Return the settings of a class, by the names of its arguments and in their order."""
    signature = inspect.signature(cls, eval_str=True)
    named = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return {key: p for key, p in signature.parameters.items() if p.kind in named}


def accepted_types(annotation: Any) -> tuple[Any, ...]:
    """Return the types that an annotation allows, ``int | None`` as two."""
    is_union = get_origin(annotation) in (Union, types.UnionType)
    return get_args(annotation) if is_union else (annotation,)


def describe_unknown(
    kind: str, text: str, names: Iterable[str], aliases: Iterable[str] = ()
) -> str:
    """Return what to say of a name that nothing has, with the one that it may mean.

    Args:
        kind: What is named, as ``optimizer``.
        text: What was typed.
        names: What there is, in the order in which it is shown.
        aliases: Names that may be meant too, but are not shown.
    """
    shown = tuple(names)
    close = near_names(text.strip().lower(), (*shown, *aliases), n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"there is no {kind} {text!r}.{hint} Choose one of {', '.join(shown)}"
