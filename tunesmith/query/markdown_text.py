"""Text of others as Markdown: it says what it says, and is no link, image, HTML or heading."""

import re

from tunesmith.query.cells import one_line

_SPECIAL = re.compile(
    r"[\\`*_{}\[\]<>()#+!|~&@]"
    r"|:(?=/)"  # http://a.b and the like are links by themselves, in the Markdown of GitHub
    r"|(?<=www)\."
    r"|^\s*[-=](?=\s|[-=]*\s*$)|(?<=\d)\.(?=\s)",  # a list, or the line below a heading
    re.IGNORECASE,
)
_TICKS = re.compile("`+")


def escape(text: str) -> str:
    """Return a text for a paragraph, a heading or a cell: on one line, every letter as it is."""
    return _SPECIAL.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], one_line(text))


def code_span(text: str) -> str:
    """Return a text as code within a line, so that it can be copied as it is."""
    shown = one_line(text)
    fence = "`" * (1 + max(map(len, _TICKS.findall(shown)), default=0))
    room = " " if shown[:1] in ("", "`", " ") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{room}{shown}{room}{fence}"


def code_block(text: str) -> str:
    """Return lines as a block of code, indented so that no text can end it."""
    return "\n".join(f"    {one_line(line)}" for line in text.split("\n"))
