"""A script's output on a terminal: colours may stay, whatever else controls a terminal may not."""

import codecs
import re
import sys
from collections.abc import Callable

from tunesmith.cli import console

_COLOUR = r"\x1b\[[0-9;:]*m"
_SEQUENCE = re.compile(
    rf"(?P<colour>{_COLOUR})"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: moving, clearing, modes
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands, other strings
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"  # all other escapes
)
_STRING_START = re.compile(r"\x1b[\]PX^_][^\x07\x1b]*\Z")
_START = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*|[ -/]*)\Z")
"""The start of a sequence that goes on behind the end of the text."""
_MAX_SEQUENCE = 4096
"""A sequence that is longer is none: its start is shown as text."""
_KEPT = "\n\t\r"


class OutputCleaner:
    """Turns bytes of output, given piece by piece, into text that is harmless on a terminal."""

    def __init__(self, *, keeps_colour: bool) -> None:
        """Choose whether colours stay."""
        self._keeps_colour = keeps_colour
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""

    def feed(self, data: bytes) -> str:
        """Return what can be shown so far; a sequence that is not whole yet is held back."""
        text = self._held + self._decoder.decode(data)
        start = _open_start(text)
        cut = start if len(text) - start < _MAX_SEQUENCE else len(text)
        self._held = text[cut:]
        return self._clean(text[:cut])

    def end(self) -> str:
        """Return what was held back."""
        text, self._held = self._held + self._decoder.decode(b"", final=True), ""
        return self._clean(text)

    def _clean(self, text: str) -> str:
        if text.isprintable():
            return text
        pieces, place = [], 0
        for found in _SEQUENCE.finditer(text):
            pieces.append(_escape(text[place : found.start()]))
            if found["colour"] and self._keeps_colour:
                pieces.append(found["colour"])
            place = found.end()
        return "".join([*pieces, _escape(text[place:])])


def stdout_writer() -> Callable[[bytes], None]:
    """Return what writes output to stdout: as it is, or cleaned where stdout is a terminal."""
    if not sys.stdout.isatty():
        return _write_raw
    cleaner = OutputCleaner(keeps_colour=console.has_colour(sys.stdout))

    def write(data: bytes) -> None:
        _write_text(cleaner.feed(data) if data else cleaner.end())

    return write


def _write_raw(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _write_text(text: str) -> None:
    """Write to the terminal; what its encoding lacks is shown as an escape, never an error."""
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def _open_start(text: str) -> int:
    """Return where a sequence begins that the text does not end; its length without one."""
    start = text.rfind("\x1b")
    if start < 0 or not _START.match(text, start):
        return len(text)
    before = text.rfind("\x1b", 0, start)
    if start == len(text) - 1 and before >= 0 and _STRING_START.match(text[before:start]):
        return before  # the last escape may be the first half of that string's end
    return start


def _escape(text: str) -> str:
    """Return the text with control and direction characters as escapes."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in _KEPT else one.encode("unicode_escape").decode()
        for one in text
    )
