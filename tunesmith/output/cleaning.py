"""A line of output without what is for the terminal or a browser."""

import re

MAX_READ = 8192
"""Characters of a line that are read: what is longer is data, not a report."""
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9])")
_URL = re.compile(r"\b[A-Za-z][A-Za-z+.-]{1,12}://\S+")
_TENSORFLOW = re.compile(r"<tf\.(?:Tensor|Variable)[^<>]{0,200}\bnumpy=([^<>\s]{1,40})>")
_TRIED = re.compile(r"^(\[CV[^\]]{0,30}\] END ).{0,2000}?;,?")
"""The parameters in a line of scikit-learn's grid search."""
_RAISED = re.compile(r"(?:[a-z_]\w*\.)*[A-Z]\w*Error: ")
"""The last line of a traceback."""
_PLAIN = str.maketrans(
    {"\xa0": " ", "\u2009": " ", "\u202f": " ", "\u2212": "-", "\x08": None, "\x00": None}
)
_BAR = "%|"
"""What the state of a progress bar has in it."""


def visible(line: str) -> list[str]:
    """Return what a terminal would show of a line: one text, or a bar and what follows it.

    A progress bar overwrites itself: its last state is the visible one. If a message stands in its
    place at the end, as where a bar is removed when it is full, the last state is still read.
    """
    if "\x1b" in line:
        line = _ESCAPES.sub("", line)
    states = _last_states(line) if "\r" in line else [line]
    return [_cleaned(state) for state in states]


def _last_states(line: str) -> list[str]:
    rest, _, last = line.rpartition("\r")
    while rest and not last.strip():
        rest, _, last = rest.rpartition("\r")
    if _BAR in last or _BAR not in rest:
        return [last]
    bar = ""
    while rest and not bar.strip():
        rest, _, bar = rest.rpartition("\r")
    return [bar, last] if _BAR in bar else [last]


def _cleaned(text: str) -> str:
    if len(text) > MAX_READ:
        text = text[:MAX_READ]
    if not text.isascii() or "\x08" in text:
        text = text.translate(_PLAIN)
    if "://" in text:
        text = _URL.sub("<>", text)
    if "<tf." in text:
        text = _TENSORFLOW.sub(r"\1", text)
    if text.startswith("[LightGBM] [") and "Iteration:" not in text:
        return ""  # what it says of the data
    if text.startswith("[CV"):
        return "" if "] START " in text else _TRIED.sub(r"\1", text)
    return "" if "Error: " in text and _RAISED.match(text) else text
