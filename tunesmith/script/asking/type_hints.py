"""Describes options of jsonargparse, which are read by the type hint of a parameter."""

from __future__ import annotations

import contextlib
import enum
import sys
import types
import typing
from typing import Any

from . import converters, values

MAX_CLASSES = 200
"""Classes whose parameters are options of one that takes a class."""
PLAIN_MODULES = ("builtins", "typing", "collections.abc", "pathlib", "os", "datetime", "decimal")
"""The modules of classes whose values are written as one text."""
KINDS = {int: "int", float: "float", str: "text", bool: "bool"}


def is_hinted(action: Any) -> bool:
    """Return whether an option is read by a type hint."""
    return hasattr(action, "_typehint") and callable(getattr(action, "_check_type", None))


def is_required(parser: Any, action: Any) -> bool:
    """Return whether an option has to be given; jsonargparse notes that elsewhere as it reads."""
    module = sys.modules.get("jsonargparse._required")
    restore = getattr(module, "restore_suppressed_required", contextlib.nullcontext)
    with restore():
        return bool(action.required) or action.dest in getattr(parser, "required_args", ())


def valued(action: Any, default: Any) -> dict[str, Any]:
    """Return the fields of a flag that such an option's values decide."""
    hint = without_none(action._typehint)

    def convert(text: str) -> Any:
        return action._check_type(text)

    class_path = getattr(default, "class_path", None)
    default = default if class_path is None else class_path.removeprefix("__main__.")
    texts = converters.spelling(convert)
    value, is_computed = converters.default_of(convert, default)
    choices = converters.choices_of(convert, choices_of(hint))
    return {
        "type": "text" if choices else KINDS.get(hint, "any"),
        "default": value,
        "is_computed": is_computed,
        "choices": choices,
        "takes_many": action.nargs not in (None, "?"),
        "spelling": texts,
    }


def parts(action: Any, option: str) -> list[dict[str, Any]]:
    """Return the parameters of the classes that an option takes, as ``--model.width``."""
    found: dict[str, dict[str, Any]] = {}
    for one in classes_of(action._typehint) if is_hinted(action) and option else ():
        hints = values.declared(one)
        for parameter in values.parameters(one):
            default = None if parameter.default is parameter.empty else parameter.default
            name = f"{option.lstrip('-')}.{parameter.name}"
            flag = values.flag(name, default, values.YAML, option=f"--{name}")
            kind = values.declared_type(hints.get(parameter.name))
            flag.update({} if kind is None else {"type": KINDS[kind]})
            inner = f"{option.lstrip('-')}.init_args.{parameter.name}"
            found.setdefault(name, {**flag, "aliases": [inner]})
    return list(found.values())


def classes_of(hint: Any) -> list[type]:
    """Return the classes that a type hint names, and those that are derived from them so far."""
    if typing.get_origin(hint) is not None:
        return [one for inner in typing.get_args(hint) for one in classes_of(inner)]
    is_own = isinstance(hint, type) and not issubclass(hint, enum.Enum)
    if not is_own or hint.__module__ in PLAIN_MODULES:
        return []
    found = [hint]
    for one in found:
        new = [derived for derived in type.__subclasses__(one) if derived not in found]
        found += new[: MAX_CLASSES - len(found)]
    return found


def without_none(hint: Any) -> Any:
    """Return the type of ``type | None``; others as they are."""
    origin = typing.get_origin(hint)
    if origin is typing.Union or origin is getattr(types, "UnionType", None):
        others = [one for one in typing.get_args(hint) if one is not type(None)]
        return others[0] if len(others) == 1 else hint
    return hint


def choices_of(hint: Any) -> list[Any]:
    """Return the values of a literal type or an enumeration; none for other types."""
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    is_enum = isinstance(hint, type) and issubclass(hint, enum.Enum)
    return list(hint) if is_enum else []
