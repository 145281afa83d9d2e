"""Values of Python files: of names, classes, dicts, function defaults and calls."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tunesmith.addresses.address import Address, without_repeated
from tunesmith.addresses.python_calls import without_overridden
from tunesmith.addresses.python_places import Found, find_places
from tunesmith.errors import FlagError, ScriptError
from tunesmith.flags.grammar import to_flag_value
from tunesmith.flags.number import read_word
from tunesmith.flags.values import FlagValue
from tunesmith.script.bindings import module_bindings, settable
from tunesmith.script.constant_expressions import constant
from tunesmith.script.global_flags import read_globals
from tunesmith.script.rewrite import Span, literal_of, replace_spans, rewrite_globals, span_of
from tunesmith.script.source import parse_source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """A value of the file with its expression."""

    address: Address
    node: ast.expr
    is_global: bool = False
    is_variable: bool = False
    """Whether it is the default of a variable of the environment, which is text."""


def read_python(text: str) -> tuple[Address, ...]:
    """Return the values of a Python file that can be set.

    Raises:
        FlagError: It is not Python.
    """
    return without_repeated(one.address for one in _values(text))


def rewrite_python(text: str, values: Mapping[str, FlagValue]) -> str:
    """Return the text with new values; every other line stays the same.

    Args:
        text: The file.
        values: The new values by the keys of their addresses.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    found = {one.address.key: one for one in _values(body)}
    changes: dict[Span, str] = {}
    for key, value in values.items():
        if not found[key].is_global:
            changes[span_of(found[key].node)] = _literal(found[key], value)
    of_module = {
        str(found[key].address.parts[0]): value
        for key, value in values.items()
        if found[key].is_global
    }
    return mark + rewrite_globals(replace_spans(body, changes), of_module)


def _literal(old: _Value, value: FlagValue) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if old.is_variable and is_number:
        return repr(str(value))
    return literal_of(value, like=constant(old.node))


def _values(text: str) -> list[_Value]:
    try:
        tree = parse_source(text, "it")
    except ScriptError as error:
        raise FlagError(f"it is not Python: {error}") from error
    body = text.removeprefix("\ufeff")
    places = find_places(tree)
    found = {id(place): value for place in places if (value := _value(place)) is not None}
    computed = [place for place in places if id(place) not in found]
    kept = without_overridden([place for place in places if id(place) in found], computed, tree)
    return [
        *_globals(body, tree),
        *(_with_reason(found[id(place)], reason) for place, reason in kept),
    ]


def _with_reason(value: _Value, reason: str) -> _Value:
    return replace(value, address=replace(value.address, reason=reason))


def _globals(text: str, tree: ast.Module) -> list[_Value]:
    bindings = module_bindings(tree)
    values = []
    for flag in read_globals(text, tree).settable:
        place = settable(bindings[flag.name])
        if place is not None and place.value is not None:
            address = Address(
                parts=(flag.name,),
                value=flag.default,
                line=place.line,
                note=flag.note,
                help=flag.help,
            )
            values.append(_Value(address=address, node=place.value, is_global=True))
    return values


def _value(place: Found) -> _Value | None:
    """Return a place with its value; None where it is computed."""
    try:
        value = to_flag_value(constant(place.node), shown="it")
    except (ValueError, FlagError):
        return None
    if place.is_variable and isinstance(value, str) and (number := read_word(value)) is not None:
        value = number
    address = Address(
        parts=place.parts,
        value=value,
        line=place.node.lineno,
        shown=place.shown,
        variable=str(place.parts[-1]) if place.is_variable else "",
    )
    return _Value(address=address, node=place.node, is_variable=place.is_variable)
