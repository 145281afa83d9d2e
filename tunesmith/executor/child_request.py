"""The request for a trial's child."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRequest:
    """What to run, where, and for how long."""

    argv: tuple[str, ...]
    """The interpreter, ``child.py``, the script and its arguments."""
    directory: Path
    environment: Mapping[str, str]
    output: Path
    """The file for its output."""
    marker: str = ""
    """A variable of the environment, as ``NAME=value``, by which processes that it left behind are
    found."""
    timeout_s: float | None = None
    grace_s: float = 10.0
    has_terminal_input: bool = False
    has_secrets: bool = False
    """Whether the script's arguments are kept off the command line, which every user can read."""

    @property
    def peak_file(self) -> Path:
        """The file to which the child writes its peak memory, in KiB."""
        return self.output.with_name(self.output.name + ".peak")
