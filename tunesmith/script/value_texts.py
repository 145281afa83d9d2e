"""The text from which a script's converter, or the grammar of its library, reads a value."""

import ast
import json
import math
import re
from collections.abc import Callable
from typing import Any

from tunesmith.errors import FlagError
from tunesmith.flags.definition import FlagDefinition, FlagType
from tunesmith.flags.display import format_value
from tunesmith.flags.secret_values import mask
from tunesmith.flags.spelling import NATIVE, Spelling, TextForm
from tunesmith.flags.values import FlagValue

_WORD = re.compile(r"(?:\.{0,2}/)?[A-Za-z_][\w./-]*", re.ASCII)
"""A name or a path: in no grammar is it anything but text, unless it is one of ``_MEANT``."""
_MEANT = frozenset(
    {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "none", "nan", "inf", "infinity"}
)
"""Words that some grammar reads as a boolean, nothing or a number, whatever their case."""


def value_text(flag: FlagDefinition, value: FlagValue, spelling: Spelling) -> str:
    """Return the text that the flag's converter turns into the value.

    Raises:
        FlagError: No text makes the script see the value.
    """
    if isinstance(value, float) and flag.prefers_integers and value.is_integer():
        return str(int(value))
    if spelling.form in NATIVE:
        is_structure = isinstance(value, str) and value[:1] == "{" and value[-1:] == "}"
        if is_structure and flag.type is not FlagType.TEXT:
            return str(value)
        return _native(flag, value, spelling)
    if isinstance(value, bool) or value is None:
        known = {True: spelling.true, False: spelling.false, None: spelling.none}[value]
        if known is None:
            raise refused(flag, value, "its option accepts no such value")
        return known
    if spelling.form in _QUOTING and isinstance(value, str | tuple):
        read, write = _QUOTING[spelling.form]
        return _quoted(value, read, write)
    if isinstance(value, tuple) and spelling.form is TextForm.COMMAS:
        return ",".join(value_text(flag, item, spelling) for item in value)
    if isinstance(value, tuple) and spelling.form is TextForm.BRACKETS:
        return f"[{','.join(value_text(flag, item, spelling) for item in value)}]"
    return plain_text(value)


def plain_text(value: FlagValue) -> str:
    """Return a value as text for an unknown converter, floats with all their digits."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, tuple):
        return " ".join(plain_text(item) for item in value)
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else str(value)


def refused(flag: FlagDefinition, value: FlagValue, why: str) -> FlagError:
    """Return the error for a value that a script cannot be given."""
    shown = format_value(mask(flag.name, value))
    return FlagError(f"{flag.name} cannot be set to {shown}: {why}")


def _native(
    flag: FlagDefinition, value: FlagValue, spelling: Spelling, *, is_item: bool = False
) -> str:
    """Return a value in the grammar of a library, in which every value can be written."""
    if isinstance(value, tuple):
        items = (_native(flag, item, spelling, is_item=True) for item in value)
        return f"[{','.join(items)}]"
    if isinstance(value, bool) or value is None:
        return str({True: spelling.true, False: spelling.false, None: spelling.none}[value])
    if isinstance(value, float):
        if not math.isfinite(value):
            return _without_digits(flag, value, spelling.form)
        return repr(value)
    if isinstance(value, str):
        is_word = _WORD.fullmatch(value) is not None and value.lower() not in _MEANT
        has_words = not is_item or spelling.form is not TextForm.LITERAL
        return str(value) if is_word and has_words else _QUOTES[spelling.form](value)
    return str(value)


def _without_digits(flag: FlagDefinition, value: float, form: TextForm) -> str:
    """Return NaN or an infinity."""
    if form is TextForm.HYDRA:
        return repr(value)
    if form is TextForm.YAML:
        return repr(value).replace("inf", ".inf").replace("nan", ".nan")
    if math.isnan(value):
        raise refused(flag, value, "Python has no literal for it")
    return "1e999" if value > 0 else "-1e999"


def _quoted_for_hydra(value: str) -> str:
    """Return a string in quotes: backslashes count only before a quote, and double there."""
    inner = re.sub(r"(\\*)'", r"\1\1\\'", value)
    inner = re.sub(r"(\\+)\Z", r"\1\1", inner)
    return f"'{inner}'"


def _quoted_for_yaml(value: str) -> str:
    """Return a string in single quotes, or in double ones with escapes where it has lines."""
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    escaped = (
        one if one.isprintable() and one not in '"\\' else f"\\U{ord(one):08x}" for one in value
    )
    return f'"{"".join(escaped)}"'


_QUOTES: dict[TextForm, Callable[[str], str]] = {
    TextForm.HYDRA: _quoted_for_hydra,
    TextForm.YAML: _quoted_for_yaml,
    TextForm.LITERAL: lambda value: repr(str(value)),
}


def _quoted(value: FlagValue, read: Callable[[str], object], write: Callable[[Any], str]) -> str:
    """Return a list or a string as JSON or Python; a string that is valid already stays."""
    if isinstance(value, str):
        try:
            read(value)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return write(value)
        return value
    return write(_listed(value))


def _listed(value: FlagValue) -> object:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


_QUOTING: dict[TextForm, tuple[Callable[[str], object], Callable[[Any], str]]] = {
    TextForm.JSON: (json.loads, json.dumps),
    TextForm.PYTHON: (ast.literal_eval, repr),
}
