"""Checks that values read from a file have the types that their class declares."""

import math
from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from tunesmith.errors import SpecificationError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def check_types(value: "DataclassInstance", *, but: Collection[str] = ()) -> None:
    """Check that strings are strings, numbers finite numbers, and tuples tuples of them.

    Mappings and nested classes are left to their own readers, and so are types in quotes: those of
    classes that are imported only where there is one.

    Args:
        value: What was read.
        but: The names of fields to leave out, none by default.

    Raises:
        SpecificationError: A field has another type.
    """
    for name, hint in _hints(type(value)).items():
        if name not in but and not _fits(getattr(value, name), hint):
            raise SpecificationError(f"{name} is {getattr(value, name)!r}: it has the wrong type")


@cache
def _hints(cls: type) -> Mapping[str, Any]:
    return {field.name: field.type for field in fields(cls)}


def _fits(value: object, hint: Any) -> bool:
    if type(value) is hint and hint is not float:
        return True
    arguments = get_args(hint)
    if get_origin(hint) is UnionType:
        return any(_fits(value, one) for one in arguments)
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_fits(one, arguments[0]) for one in value)
    if isinstance(value, bool):
        return hint is bool
    if hint is float:
        return isinstance(value, int | float) and math.isfinite(value)
    return not isinstance(hint, type) or isinstance(value, hint)
