"""A file with flags, for programs that read their configuration from one."""

import json
import math
from collections.abc import Mapping
from typing import Any

from tunesmith.flags.values import FlagValue


def config_text(flags: Mapping[str, FlagValue]) -> str:
    """Return flags as JSON that readers of YAML read as well; dots in names nest.

    Numbers have a point and a sign of their exponent: of ``1e-05`` YAML 1.1 makes a string.
    """
    nested: dict[str, Any] = {}
    for name, value in flags.items():
        *outer, last = name.split(".")
        place = nested
        for one in outer:
            inner = place.setdefault(one, {})
            if not isinstance(inner, dict):
                inner = place[one] = {}
            place = inner
        place[last] = value
    return f"{_text(nested)}\n"


def config_line(flags: Mapping[str, FlagValue]) -> str:
    """Return flags as JSON in one line, for a program that is given it as an argument."""
    return json.dumps(json.loads(config_text(flags)), ensure_ascii=False)


def _text(value: Any, indent: str = "") -> str:
    if isinstance(value, Mapping):
        inner = f"{indent}  "
        rows = [f"{inner}{json.dumps(name)}: {_text(one, inner)}" for name, one in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}" if rows else "{}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, float) and math.isfinite(value):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    mantissa, exponent, power = repr(value).partition("e")
    if not exponent:
        return mantissa
    sign = "" if power[0] in "+-" else "+"
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}e{sign}{power}"
