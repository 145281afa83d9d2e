"""What a batch runs: a script, a module, a notebook, an executable file or a whole command."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from tunesmith.errors import SpecificationError

PYTHON = ("python", "python3")
"""Names of the interpreter in a command, which mean the one of the trials."""


class ProgramKind(StrEnum):
    """How the file of a program is run."""

    SCRIPT = "script"
    """By Python, as ``python train.py``."""
    MODULE = "module"
    """By Python, by the name with which it is imported, as ``python -m pkg.train``."""
    NOTEBOOK = "notebook"
    """By a Jupyter kernel, cell by cell."""
    EXECUTABLE = "executable"
    """By the system, or by the interpreter of its language, as ``bash train.sh``."""
    COMMAND = "command"
    """As it was typed after ``--``."""
    NONE = "none"
    """Nothing: whoever asks for a trial runs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is run, beside the path of its file.

    Raises:
        SpecificationError: A module has no name, or a command no words.
    """

    kind: ProgramKind = ProgramKind.SCRIPT
    words: tuple[str, ...] = ()
    """The name of a module; the interpreter of an executable file and its options, if any; the
    words of a command, with ``{flags}`` and the like as they were typed."""

    def __post_init__(self) -> None:
        if self.kind is ProgramKind.MODULE and len(self.words) != 1:
            raise SpecificationError("a module has one name")
        if self.kind is ProgramKind.COMMAND and not self.words:
            raise SpecificationError("there is no command after --")

    @property
    def is_python(self) -> bool:
        """Whether it is a Python program that a trial becomes."""
        return self.kind in (ProgramKind.SCRIPT, ProgramKind.MODULE)

    def name(self, script: str) -> str:
        """Return the name by which runs are called, unless they get another one."""
        match self.kind:
            case ProgramKind.MODULE:
                return self.words[0].removesuffix(".__main__")
            case ProgramKind.COMMAND:
                return PurePath(self.words[0]).name
            case _:
                return PurePath(script).name

    def asked(self, script: str) -> list[str]:
        """Return the word by which ``tunesmith run`` is asked for it; a command has none."""
        if self.kind in (ProgramKind.COMMAND, ProgramKind.NONE):
            return []
        return [self.name(script)] if self.kind is ProgramKind.MODULE else [script]

    def typed(self, script: str) -> list[str]:
        """Return the words with which a person runs it, without its flags."""
        match self.kind:
            case ProgramKind.MODULE:
                return ["python", "-m", self.name(script)]
            case ProgramKind.NOTEBOOK:
                return ["jupyter", "execute", script]
            case ProgramKind.EXECUTABLE:
                return [*self.words, script] if self.words else [_runnable(script)]
            case ProgramKind.COMMAND | ProgramKind.NONE:
                return list(self.words)
            case _:
                return ["python", script]


def _runnable(path: str) -> str:
    """Return a path that a shell does not look up among its commands."""
    return path if "/" in path else f"./{path}"
