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
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"  # operating system commands and other strings
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]",  # all other escapes
    re.DOTALL,
)
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
        start = text.rfind("\x1b")
        is_open = start >= 0 and not _SEQUENCE.match(text, start)
        cut = start if is_open and len(text) - start < _MAX_SEQUENCE else len(text)
        opened = _open_string(text[:cut])
        if opened is not None and len(text) - opened < _MAX_SEQUENCE:
            cut = opened
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
        sys.stdout.write(cleaner.feed(data) if data else cleaner.end())
        sys.stdout.flush()

    return write


def _write_raw(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _open_string(text: str) -> int | None:
    """Return where a string begins that the text does not end; None where there is none."""
    start = max(text.rfind(f"\x1b{kind}") for kind in "]PX^_")
    if start < 0 or _SEQUENCE.match(text, start):
        return None
    return start


def _escape(text: str) -> str:
    """Return the text with control and direction characters as escapes."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in _KEPT else one.encode("unicode_escape").decode()
        for one in text
    )
