"""Tries an option's own converter on texts to learn which values it accepts.

Loaded by ``child.py``: standard library only.
"""

from __future__ import annotations

import contextlib
import enum
import json
import numbers
import os
from collections.abc import Callable
from typing import Any

REFUSED = object()
"""Stands for the result of a string that a converter refuses."""
COMPUTED = "computed"
MAX_CHOICES = 1_000
"""More choices are left to the script."""
MAX_SHOWN = 200
"""Characters of the longest default that is shown."""

PLAIN = {"true": "1", "false": "", "none": None, "form": "words"}
GUESSED = {"true": "true", "false": "false", "none": None, "form": "words"}
"""The spellings for Python's own types and those of click."""

TRUE = ("true", "True", "1", "yes", "on", "y", "t")
FALSE = ("false", "False", "0", "no", "off", "n", "f", "")
NONE = ("None", "none", "null", "~", "")
NESTED = {"a": [1, True, None, "b"]}
LISTS = (("commas", "1,2"), ("words", "1 2"), ("json", "[1, 2]"))
NUMBERS = ("3", "1", "2", "7", "16", "100", "0", "-1")


def ask(convert: Callable[[str], Any], text: str) -> Any:
    """Return the value that a converter makes of a string, or ``REFUSED``.

    Never called with a path, since a converter may create a folder or truncate a file.
    """
    if os.sep in text:
        return REFUSED
    try:
        return convert(text)
    except (Exception, SystemExit):  # noqa: BLE001  # a user's converter may raise anything
        return REFUSED


def is_same(found: Any, value: Any) -> bool:
    """Return whether a converter's result equals a value; 1 and True differ."""
    if found is REFUSED:
        return False
    is_number = isinstance(found, numbers.Number) and isinstance(value, numbers.Number)
    has_its_type = type(found) is type(value) or (
        is_number and not isinstance(found, bool) and not isinstance(value, bool)
    )
    try:
        return has_its_type and bool(found == value)
    except Exception:  # noqa: BLE001  # arrays have no truth value
        return False


def first(convert: Callable[[str], Any], texts: Any, fits: Callable[[Any], bool]) -> str | None:
    """Return the first of some texts whose value fits; None where none does."""
    for text in texts:
        found = ask(convert, text)
        if found is not REFUSED and fits(found):
            return str(text)
    return None


def is_truth(found: Any, value: bool) -> bool:
    """Return whether a result is the boolean, or 1 or 0 instead."""
    return type(found) in (bool, int) and found == value


def spelling(convert: Callable[[str], Any]) -> dict[str, Any]:
    """Return the texts that a converter accepts for booleans, None and lists."""
    if convert is bool:
        return {"true": "1", "false": "", "none": None, "form": "words"}
    return {
        "true": first(convert, TRUE, lambda found: is_truth(found, True)),
        "false": first(convert, FALSE, lambda found: is_truth(found, False)),
        "none": first(convert, NONE, lambda found: found is None),
        "form": form(convert),
    }


def form(convert: Callable[[str], Any]) -> str:
    """Return the syntax of lists that a converter accepts, a value of ``TextForm``."""
    if is_same(ask(convert, json.dumps(NESTED)), NESTED):
        return "json"
    if is_same(ask(convert, repr(NESTED)), NESTED):
        return "python"
    for name, text in LISTS:
        found = ask(convert, text)
        if isinstance(found, (list, tuple)) and [str(one).strip()[:1] for one in found] == [
            "1",
            "2",
        ]:
            return name
    return "words"


def type_name(convert: Callable[[str], Any], texts: dict[str, Any]) -> str:
    """Return the type of a converter's results, a value of ``FlagType``."""
    plain = {int: "int", float: "float", str: "text", bool: "bool"}
    if isinstance(convert, type) and convert in plain:
        return plain[convert]
    word = ask(convert, "007")
    if word == "007" or isinstance(word, os.PathLike):
        return "text"
    number = ask(convert, "7")
    is_bool = number is REFUSED or isinstance(number, bool)
    return "bool" if is_bool and None not in (texts["true"], texts["false"]) else "any"


def takes_integers(convert: Callable[[str], Any]) -> bool:
    """Return whether a converter makes ints of whole numbers, and refuses others."""
    answers = [ask(convert, text) for text in NUMBERS]
    whole = [one for one in answers if one is not REFUSED]
    half = ask(convert, "0.5")
    return bool(whole) and all(type(one) is int for one in whole) and type(half) is not float


def spell(convert: Callable[[str], Any], value: Any) -> str | None:
    """Return the text that a converter maps to a value; None where none was found."""
    texts = [str(value), repr(value)]
    if isinstance(value, enum.Enum):
        texts = [str(value.value), value.name, *texts]
    if isinstance(value, os.PathLike):
        texts.append(str(os.fspath(value)))
    if isinstance(value, (list, tuple)):
        texts += [",".join(map(str, value)), " ".join(map(str, value))]
    with contextlib.suppress(TypeError, ValueError):
        texts.append(json.dumps(value))
    meant = [value.value, value.name] if isinstance(value, enum.Enum) else []
    return first(
        convert,
        texts,
        # typer turns the text of a choice into its member later
        lambda found: is_same(found, value) or (isinstance(found, str) and found in meant),
    )


def plain(value: Any) -> Any:
    """Return a value as plain JSON, or ``REFUSED``."""
    if isinstance(value, enum.Enum):
        return REFUSED
    if isinstance(value, (list, tuple)):
        items = [plain(item) for item in value]
        return REFUSED if REFUSED in items else items
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    return float(value) if isinstance(value, numbers.Real) else REFUSED  # numpy's 32-bit floats


def default_of(convert: Callable[[str], Any], value: Any) -> tuple[Any, bool]:
    """Return a default to record, and whether it is only text that stands for the default."""
    found = os.fspath(value) if isinstance(value, os.PathLike) else plain(value)
    if found is not REFUSED:
        return found, False
    if isinstance(value, (list, tuple)):
        items = [spell(convert, item) for item in value]
        if None not in items:
            return items, False
    text = spell(convert, value)
    if text is not None:
        return text, False
    shown = str(value)
    is_shown = " at 0x" not in shown and len(shown) <= MAX_SHOWN and shown.isprintable()
    return shown if is_shown else COMPUTED, True


def _folds_case(convert: Callable[[str], Any], text: str, value: Any) -> bool:
    """Return whether a converter ignores case, as ``str.lower`` does."""
    if not isinstance(value, (str, enum.Enum)):
        return False
    others = {text.lower(), text.upper(), text.title()} - {text}
    return any(is_same(ask(convert, other), value) for other in others)


def choices_of(convert: Callable[[str], Any], values: Any) -> list[Any]:
    """Return the choices as texts that the converter accepts; none to leave them to the script."""
    found: list[Any] = []
    for value in values:
        text = spell(convert, value)
        if text is None or len(found) == MAX_CHOICES or _folds_case(convert, text, value):
            return []
        is_plain = plain(value) is not REFUSED and not isinstance(value, (list, tuple))
        found.append(value if is_plain else text)
    return found
