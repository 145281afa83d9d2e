"""How the program of a batch is started for one trial, by its kind."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.executor.child import MODULE_VARIABLE
from tunesmith.flags.values import Flags
from tunesmith.program import ProgramKind
from tunesmith.script import arguments

CHILD = Path(__file__).with_name("child.py")
EXECUTABLE_CHILD = Path(__file__).with_name("executable_child.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStart:
    """What a trial's process is started with."""

    argv: tuple[str, ...]
    """The interpreter, our file that it runs, then what that file is told."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beside those that every trial has."""


def start_of(spec: BatchSpec, script: Path, flags: Flags) -> ProgramStart:
    """Return how a trial is started.

    Args:
        spec: The batch.
        script: The file that is run: the trial's copy, or the project's own.
        flags: The trial's flags, with what secrets hide.
    """
    program, words = spec.program, _arguments(spec, flags)
    variables = arguments.build_variables(spec.script_flags, spec.passed(flags))
    if program.kind is ProgramKind.EXECUTABLE:
        start = (sys.executable, "-S", str(EXECUTABLE_CHILD), *program.words)
        return ProgramStart(argv=(*start, str(script), *words), environment=variables)
    if program.kind is ProgramKind.MODULE:
        variables[MODULE_VARIABLE] = program.words[0]
    start = (spec.execution.python or sys.executable, str(CHILD))
    return ProgramStart(argv=(*start, str(script), *words), environment=variables)


def typed_command(spec: BatchSpec, flags: Flags) -> str:
    """Return the command with which a person runs the program once, quoted for a shell."""
    words = [*spec.program.typed(spec.script), *_arguments(spec, flags)]
    return arguments.as_typed(spec.script_flags, spec.passed(flags), words)


def _arguments(spec: BatchSpec, flags: Flags) -> list[str]:
    words = arguments.build_arguments(spec.script_flags, spec.passed(flags))
    return [*words, *spec.extra_arguments]
