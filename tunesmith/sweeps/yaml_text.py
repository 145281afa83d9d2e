"""Writes YAML that every reader reads as the same values, whatever version of YAML it follows."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*", re.ASCII)
_MEANT = frozenset(
    ["y", "yes", "n", "no", "on", "off", "true", "false", "null", "none", "nan", "inf", "infinity"]
)
"""Words that some version of YAML, or we, read as something else than text."""


def to_yaml(document: Mapping[str, Any]) -> str:
    """Return a document as YAML: a line for each key, and for each key of a mapping in it.

    Args:
        document: Text, numbers, lists and mappings by name; what is nested deeper stands in line.
    """
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield f"{_inline(key)}:"
            yield from (f"  {_inline(name)}: {_inline(one)}" for name, one in value.items())
        else:
            yield f"{_inline(key)}: {_inline(value)}"


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_inline(k)}: {_inline(one)}" for k, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    return str(value) if isinstance(value, int) else _text(str(value))


def _number(value: float) -> str:
    """Return a float: PyYAML reads 1e-05 as text, and 1.0e-05 as the number."""
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else repr(value)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _MEANT:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"
