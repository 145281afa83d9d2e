"""Stands in for the parsers of transformers and trl, which make options of dataclasses."""

from __future__ import annotations

import argparse
import dataclasses
import enum
import types
import typing
from collections.abc import Iterator
from typing import Any

from . import stand_ins

NAMES = ("HfArgumentParser", "TrlParser", "H4ArgumentParser")
"""The classes of such parsers."""
_TRUE = ("yes", "true", "t", "y", "1")
_FALSE = ("no", "false", "f", "n", "0")


def install() -> None:
    """Have these parsers made where the library that has them is not installed."""
    for name in NAMES:
        stand_ins.makers[name] = DataclassParser


def truth(text: str) -> bool:
    """Return what a word means, as the libraries read it."""
    if text.lower() not in (*_TRUE, *_FALSE):
        raise argparse.ArgumentTypeError(text)
    return text.lower() in _TRUE


class DataclassParser(stand_ins.Parser):
    """A parser with an option for each field of the program's own dataclasses."""

    def __init__(self, dataclass_types: Any = (), *_: Any, **__: Any) -> None:
        super().__init__(add_help=False, conflict_handler="resolve")
        is_one = not isinstance(dataclass_types, (list, tuple))
        for one in [dataclass_types] if is_one else dataclass_types:
            if isinstance(one, type) and dataclasses.is_dataclass(one):
                for field, hint in fields_of(one):
                    self.add_argument(f"--{field.name}", **option_of(field, hint))

    def parse_args_into_dataclasses(self, *_: Any, **__: Any) -> Any:
        """Read the command line."""
        return self.parse_known_args()

    def parse_args_and_config(self, *_: Any, **__: Any) -> Any:
        """Read the command line."""
        return self.parse_known_args()

    def parse(self, *_: Any, **__: Any) -> Any:
        """Read the command line."""
        return self.parse_known_args()


def fields_of(kind: type) -> Iterator[tuple[Any, Any]]:
    """Yield the fields of a dataclass that are options, with their types."""
    try:
        hints = typing.get_type_hints(kind)
    except Exception:  # noqa: BLE001  # a hint may be anything
        hints = {}
    for field in dataclasses.fields(kind):
        if field.init:
            yield field, hints.get(field.name, field.type)


def option_of(field: Any, hint: Any) -> dict[str, Any]:
    """Return the arguments of ``add_argument`` for a field."""
    default = field.default
    if default is dataclasses.MISSING:
        default = None
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
    is_required = default is None and field.default is dataclasses.MISSING
    help_text = field.metadata.get("help")
    found: dict[str, Any] = {"default": default, "required": is_required}
    found["help"] = help_text if isinstance(help_text, str) else None
    kinds = [one for one in typing.get_args(hint) if one is not type(None)]
    is_union = typing.get_origin(hint) in (typing.Union, getattr(types, "UnionType", typing.Union))
    if is_union and kinds:
        hint = next((one for one in kinds if one is not str), kinds[0])
        kinds = [one for one in typing.get_args(hint) if one is not type(None)]
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return {**found, "choices": kinds, "type": type(kinds[0])}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {**found, "choices": [one.value for one in hint]}
    if hint in (bool, "bool"):
        return {**found, "type": truth, "nargs": "?", "const": True, "required": False}
    if origin in (list, typing.List):  # noqa: UP006  # as the program may write it
        inner = kinds[0] if kinds and kinds[0] in (int, float, str) else str
        return {**found, "type": inner, "nargs": "+"}
    by_name = {"int": int, "float": float, "str": str}
    return {**found, "type": hint if hint in (int, float, str) else by_name.get(hint, str)}
