"""Reads YAML from a command line or a file, within limits.

PyYAML takes 10 ms to import, and most values of most commands are numbers: it is imported, with
``yaml_loader``, only where a string needs it.
"""

import re
from typing import TYPE_CHECKING, Any

from tunesmith.errors import FlagError

if TYPE_CHECKING:
    from tunesmith.flags.yaml_loader import Loader

MAX_LENGTH = 1_000_000
"""Characters of a string: a longer one would take PyYAML many seconds."""


class YamlError(FlagError):
    """A text is not YAML."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{shorten(text)} cannot be read: {reason}")
        self.reason = reason
        """What is wrong with it, for a message that names the file."""


def load_yaml(text: str, *, reads_none: bool = False) -> Any:
    """Return a YAML 1.1 text as plain Python values.

    Args:
        text: The text.
        reads_none: Whether the plain word ``None`` means None, as ``null`` does; by default not.

    Raises:
        FlagError: The text is not YAML, or exceeds the limits of length, depth and aliases.
    """
    from tunesmith.flags.yaml_loader import Loader, NoneLoader

    return _load(text, NoneLoader if reads_none else Loader)


def load_yaml_texts(text: str, *, reads_none: bool = False) -> Any:
    """Return a YAML text with each plain word as text, except for ``null``, which is None.

    Args:
        text: The text.
        reads_none: Whether the plain word ``None`` means None, as ``null`` does; by default not.

    Raises:
        FlagError: As for ``load_yaml``.
    """
    from tunesmith.flags.yaml_loader import NoneTextLoader, TextLoader

    return _load(text, NoneTextLoader if reads_none else TextLoader)


def _load(text: str, loader: "type[Loader]") -> Any:
    import yaml

    if len(text) > MAX_LENGTH:
        raise FlagError(f"the text has {len(text)} characters: at most {MAX_LENGTH} are read")
    try:
        return yaml.load(text, Loader=loader)  # a SafeLoader with limits
    except yaml.YAMLError as error:
        raise YamlError(text, _reason(error)) from error
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # PyYAML raises these where a value does not match its tag, as !!bool
        raise YamlError(text, "a tag does not match its value") from error


def shorten(text: str, *, length: int = 60) -> str:
    """Return a string for a message, quoted and abbreviated to 60 characters by default."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")


def _reason(error: Exception) -> str:
    problem = getattr(error, "problem", None) or str(error)
    reason = re.sub(r"\s+", " ", str(problem)).strip()
    reason = reason if len(reason) <= 200 else f"{reason[:199]}…"
    line = getattr(getattr(error, "problem_mark", None), "line", 0)
    return f"{reason}, in line {line + 1}" if line else reason
