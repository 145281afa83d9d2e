"""Finds the condition behind several values, as in ``degree=[2:5] if kernel == "poly"``."""

import re

_IF = re.compile(r"\s+if\s+", re.ASCII)
_CLOSED = re.compile(
    r"\s*(?:[A-Za-z_]\w*)?\[.*\][^\s\[\]]*(?:\s*\*\s*\d+)?(?:\s+(?:un)?ordered)?\s*",
    re.ASCII | re.DOTALL,
)
"""A list, a range or a distribution, with what may follow its bracket."""


def split_condition(text: str) -> tuple[str, str | None]:
    """Return the two sides of the first ``if`` behind a closed list, range or distribution.

    Without one, return the text and None: a text may have the word in it.
    """
    for match in _IF.finditer(text):
        before = text[: match.start()]
        if _CLOSED.fullmatch(before) and _is_balanced(before):
            return before, text[match.end() :].strip()
    return text, None


def _is_balanced(text: str) -> bool:
    """Return whether every bracket is closed; those in quotes do not count."""
    depth, quote, last = 0, "", ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"" and last in "[,:(":  # elsewhere it is an apostrophe
            quote = character
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
        last = last if character.isspace() else character
    return depth == 0 and not quote
