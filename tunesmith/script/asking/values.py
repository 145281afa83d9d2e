"""Describes values as flags: those of a configuration, and the parameters of a function.

Loaded by ``child.py``: standard library only.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from . import converters

HYDRA = {"true": "true", "false": "false", "none": "null", "form": "hydra"}
YAML = {"true": "true", "false": "false", "none": "null", "form": "yaml"}
LITERAL = {"true": "True", "false": "False", "none": "None", "form": "literal"}
"""The spellings of the libraries, as in ``tunesmith.flags.spelling``."""

BARE = "name=value"
JOINED = "--name=value"
TYPES = {bool: "bool", float: "float"}
"""The types of flags by those of their defaults; others take whatever the library reads."""
ANNOTATED = {bool: "bool", float: "float", int: "int", str: "text"}


def flag(name: str, value: Any, texts: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the flag of a name and its default."""
    plain = converters.plain(value)
    is_computed = plain is converters.REFUSED
    if is_computed:
        plain, is_computed = converters.default_of(str, value)
    return {
        "name": name,
        "option": name,
        "type": TYPES.get(type(value), "any"),
        "default": plain,
        "is_computed": is_computed,
        "spelling": dict(texts),
        **more,
    }


def leaves(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted name and the value of everything in a configuration that is no mapping."""
    for key, value in config.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from leaves(value, f"{name}.")
        else:
            yield name, value


def config_flags(config: Any, texts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a flag for each value of a configuration of OmegaConf, as ``to_container`` gives it.

    An interpolation stands for what it is resolved to, and ``???`` for a value that is missing.
    """
    found = []
    for name, value in leaves(config):
        one = flag(name, value, texts)
        if value == "???":
            one.update(default=None, is_required=True)
        elif isinstance(value, str) and "${" in value:
            one.update(is_computed=True)
        found.append(one)
    return found


def parameters(function: Any) -> list[inspect.Parameter]:
    """Return the parameters of a function or class that have a name to pass them by."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [one for one in found if one.kind in named]


def declared(function: Any) -> dict[str, Any]:
    """Return the types that a function's parameters are declared with, by name."""
    target = function.__init__ if inspect.isclass(function) else function
    try:
        return typing.get_type_hints(target)
    except Exception:  # noqa: BLE001  # names that are not defined, or whatever a type does
        return {}


def declared_type(hint: Any) -> type | None:
    """Return the plain type that an annotation means, without ``None``; None for another."""
    inner = [one for one in typing.get_args(hint) if one is not type(None)]
    if len(inner) == 1 and type(None) in typing.get_args(hint):
        hint = inner[0]
    return hint if isinstance(hint, type) and hint in ANNOTATED else None
