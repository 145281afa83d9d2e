"""How values that are no text are written, so that the converter of an option reads them back."""

from dataclasses import dataclass
from enum import StrEnum


class TextForm(StrEnum):
    """How a converter takes a list, and what else it takes apart."""

    WORDS = "words"
    """``1 2``: nothing is known of it."""
    COMMAS = "commas"
    """``1,2``."""
    JSON = "json"
    """``[1, 2]``, ``{"a": null}``: any JSON."""
    PYTHON = "python"
    """``[1, 2]``, ``{'a': None}``: any literal of Python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The texts that an option's converter maps to values; None where there is no such text."""

    true: str | None = "1"
    false: str | None = ""
    """What Python's own ``bool`` takes for false: the only text that it does."""
    none: str | None = None
    form: TextForm = TextForm.WORDS


PLAIN = Spelling()
"""What the types of Python itself take."""

UNASKED = Spelling(true="true", false="false")
"""What click takes, and the best guess where a converter of the script's own was not asked."""
