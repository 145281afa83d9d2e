"""The names by which an option can be set, its spellings and its destination, and its places.

Loaded by ``child.py`` too: standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

NO = ("--no-", "--no_")
"""What an option begins with that says no."""


def shown_option(options: Iterable[str]) -> str:
    """Return the option that is shown: the first long one, else the first."""
    spelled = [text for text in options if len(text) > 1]
    long = (text for text in spelled if text[0] == text[1])
    return next(long, spelled[0] if spelled else "")


def bare(option: str, prefixes: str = "-") -> str:
    """Return an option without its dashes.

    Args:
        option: The option, as ``--learning-rate``.
        prefixes: The characters that options begin with, by default a dash.
    """
    return option.lstrip(prefixes)


def destination_of(options: Sequence[str], prefixes: str = "-") -> str:
    """Return the variable that argparse sets for an option without ``dest``."""
    return bare(shown_option(options), prefixes).replace("-", "_")


def aliases(names: Iterable[str], name: str) -> list[str]:
    """Return the names other than the one that is shown, without those that are no names."""
    return [one for one in dict.fromkeys(names) if one not in (name, "", "==SUPPRESS==")]


def fixed_number(nargs: Any) -> int:
    """Return how many values an option takes at once, where that is one number above 1; else 0."""
    return nargs if isinstance(nargs, int) and nargs > 1 else 0
