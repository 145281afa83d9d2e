"""Escaping for Markdown: text stays literal, and is never a link, an image, HTML or a heading."""

import re

from tunesmith.query.cells import one_line

_SPECIAL = re.compile(
    r"[\\`*_{}\[\]<>()#+!|~&@]"
    r"|:(?=/)"  # GitHub's Markdown turns http://a.b into a link
    r"|(?<=www)\."
    r"|^\s*[-=](?=\s|[-=]*\s*$)|(?<=\d)\.(?=\s)",  # a list, or the underline of a heading
    re.IGNORECASE,
)
_TICKS = re.compile("`+")


def escape(text: str) -> str:
    """Return a string for a paragraph, a heading or a cell: on one line, with markup escaped."""
    return _SPECIAL.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], one_line(text))


def code_span(text: str) -> str:
    """Return a string as inline code."""
    shown = one_line(text)
    fence = "`" * (1 + max(map(len, _TICKS.findall(shown)), default=0))
    room = " " if shown[:1] in ("", "`", " ") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{room}{shown}{room}{fence}"


def code_block(text: str) -> str:
    """Return lines as a code block, indented so that no text can end it."""
    return "\n".join(f"    {one_line(line)}" for line in text.split("\n"))
