"""Names that a mistyped one may mean."""

from collections.abc import Iterable

MIN_LIKENESS = 0.6
"""How much a name has to look like what was typed, in [0, 1], to be suggested."""


def near_names(typed: str, known: Iterable[str], *, n: int = 3) -> list[str]:
    """Return the known names that a mistyped one may mean, the likeliest first, else in order.

    Args:
        typed: What was typed.
        known: What there is.
        n: How many to return at most, 3 by default.
    """
    rated = {name: likeness(typed, name) for name in known}
    near = [name for name, rate in rated.items() if rate >= MIN_LIKENESS]
    return sorted(near, key=lambda name: -rated[name])[:n]


def likeness(typed: str, name: str) -> float:
    """Return how much two names look alike, in [0, 1].

    The last part of a name like ``val/loss`` may stand for it. A name that begins as the other one
    does is always near.
    """
    from difflib import SequenceMatcher  # only a mistake needs it, and every command starts here

    wanted, whole = (text.lower().replace("#", "/").replace("-", "_") for text in (typed, name))
    parts = whole, whole.rpartition("/")[2]
    alike = max(SequenceMatcher(None, wanted, part).ratio() for part in parts)
    is_begun = any(_begins(wanted, part) or _begins(part, wanted) for part in parts)
    return max(alike, MIN_LIKENESS) if is_begun else alike


def _begins(start: str, name: str) -> bool:
    return len(start) > 1 and name.startswith(start)
