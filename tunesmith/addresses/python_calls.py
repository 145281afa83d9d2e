"""Values of Python files that have no effect, since others take their place."""

import ast
from collections.abc import Sequence

from tunesmith.addresses.python_places import Found, called_name


def without_overridden(
    places: Sequence[Found], computed: Sequence[Found], tree: ast.Module
) -> list[tuple[Found, str]]:
    """Return the places, each with the reason why it cannot be set, which is mostly empty.

    The default of a function or a class has no effect where every call in the file gives the
    value; if a call gives a constant, that is what is set instead.

    Args:
        places: The places of constants.
        computed: Those of other values.
        tree: The module.
    """
    calls: dict[str, list[ast.Call]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.setdefault(called_name(node), []).append(node)
    given = {one.parts for one in places if not one.owner}
    kept = []
    for place in places:
        line = _line_that_gives(place, calls.get(place.owner, ())) if place.owner else 0
        if not line:
            kept.append((place, _reason(place, computed)))
        elif place.parts not in given:
            kept.append((place, f"has its value from the call in line {line}"))
    return kept


def _line_that_gives(place: Found, calls: Sequence[ast.Call]) -> int:
    """Return the line of a call that gives the value, if all calls do; 0 otherwise."""
    name = place.parts[-1]
    is_given = [any(keyword.arg == name for keyword in call.keywords) for call in calls]
    return calls[0].lineno if calls and all(is_given) else 0


def _reason(place: Found, computed: Sequence[Found]) -> str:
    """Return why a place cannot be set: a computed value is assigned to the same name."""
    same = (one for one in computed if one.parts == place.parts and one.shown == place.shown)
    other = next(same, None)
    is_default = place.owner != "" and place.shown != ""
    return "" if other is None or is_default else f"gets another value in line {other.node.lineno}"
