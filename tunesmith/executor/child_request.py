"""What is to be run as a trial's child."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRequest:
    """What is to be run, where, and for how long."""

    argv: tuple[str, ...]
    """The interpreter, ``child.py``, the script and its arguments."""
    directory: Path
    environment: Mapping[str, str]
    output: Path
    """The file that its output goes to."""
    marker: str = ""
    """A variable of the environment, with its value, by which strays are found at the end."""
    timeout_s: float | None = None
    grace_s: float = 10.0
    has_terminal_input: bool = False
    has_secrets: bool = False
    """Whether the arguments of the script are to be kept out of the list of processes."""

    @property
    def peak_file(self) -> Path:
        """The file in which the child writes down the most memory that it used."""
        return self.output.with_name(self.output.name + ".peak")
