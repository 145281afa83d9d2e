"""Whether a command is handed to the engine; nothing else is imported here."""

import sys
from collections.abc import Mapping, Sequence

SWITCH = "TUNESMITH_ENGINE"
"""The variable that turns the engine off."""
_OFF = ("0", "no", "off", "false")
COMMANDS = ("run",)
"""The commands that take long to import."""


def is_on(environ: Mapping[str, str]) -> bool:
    """Return whether there may be an engine on this machine: on Linux, unless it is turned off."""
    is_off = environ.get(SWITCH, "").lower() in _OFF
    return sys.platform.startswith("linux") and not is_off


def is_wanted(arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Return whether a command may be handed over."""
    return bool(arguments) and arguments[0] in COMMANDS and is_on(environ)
