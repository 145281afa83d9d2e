"""How values other than strings are written so that an option's converter reads them back."""

from dataclasses import dataclass
from enum import StrEnum


class TextForm(StrEnum):
    """The syntax of lists and other structures that a converter reads."""

    WORDS = "words"
    """``1 2``: the default, where the converter's syntax is unknown."""
    COMMAS = "commas"
    """``1,2``."""
    JSON = "json"
    """``[1, 2]``, ``{"a": null}``: any JSON."""
    PYTHON = "python"
    """``[1, 2]``, ``{'a': None}``: any literal of Python."""
    BRACKETS = "brackets"
    """``[1,2]``, of which the items are as they are."""
    LITERAL = "literal"
    """As PYTHON, but a string that is a literal itself is quoted, so that it stays a string."""
    YAML = "yaml"
    """``[1,2]``, ``null``: any YAML; a string that YAML would read as something else is quoted."""
    HYDRA = "hydra"
    """``[1,2]``, ``null``: a value in Hydra's grammar of overrides."""


NATIVE = (TextForm.LITERAL, TextForm.YAML, TextForm.HYDRA)
"""The forms that have a text for every value, so that no other rule applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The texts that an option's converter maps to values; None where there is no such text."""

    true: str | None = "1"
    false: str | None = ""
    """The only string that Python's own ``bool`` converts to False."""
    none: str | None = None
    form: TextForm = TextForm.WORDS


PLAIN = Spelling()
"""For Python's own types."""

UNASKED = Spelling(true="true", false="false")
"""For click, and the best guess for a converter of the script's own that was not tried."""

BRACKETS = Spelling(true="true", false="false", none="null", form=TextForm.BRACKETS)
"""The best guess for a program that reads ``name=value``."""

HYDRA = Spelling(true="true", false="false", none="null", form=TextForm.HYDRA)
"""For Hydra's overrides."""

YAML = Spelling(true="true", false="false", none="null", form=TextForm.YAML)
"""For the command line of OmegaConf."""

LITERAL = Spelling(true="True", false="False", none="None", form=TextForm.LITERAL)
"""For fire, sacred and yacs."""
