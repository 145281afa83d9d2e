"""How the program of a batch is started for one trial, by its kind."""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.executor.child import MODULE_VARIABLE
from tunesmith.flags.assignments import find_flag
from tunesmith.flags.definition import FlagSource, unknown_option
from tunesmith.flags.values import Flags, FlagValue
from tunesmith.program import PYTHON, ProgramKind
from tunesmith.script import arguments
from tunesmith.script.command_words import CONFIG, fill, names_in
from tunesmith.script.config_text import config_line, config_text
from tunesmith.script.option_words import build_text
from tunesmith.storage.files.layout import METADATA

CHILD = Path(__file__).with_name("child.py")
CONFIG_PLACE = f"{METADATA}/flags.json"
"""The file for ``{config}``, within the directory of a run."""
NOTEBOOK_CHILD = Path(__file__).with_name("notebook_child.py")
EXECUTABLE_CHILD = Path(__file__).with_name("executable_child.py")
_START = (sys.executable, "-S", str(EXECUTABLE_CHILD))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStart:
    """What a trial's process is started with."""

    argv: tuple[str, ...]
    """The interpreter, our file that it runs, then what that file is told."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beside those that every trial has."""


def start_of(spec: BatchSpec, script: Path, flags: Flags, *, config: Path) -> ProgramStart:
    """Return how a trial is started.

    Args:
        spec: The batch.
        script: The file that is run: the trial's copy, or the project's own.
        flags: The trial's flags, with what secrets hide.
        config: The file for ``{config}`` in a command.
    """
    program = spec.program
    variables = arguments.build_variables(spec.script_flags, spec.passed(flags))
    if program.kind is ProgramKind.COMMAND:
        filled = _filled(spec, flags, config=str(config))
        return ProgramStart(argv=(*_START, *_with_python(filled, spec)), environment=variables)
    if program.kind is ProgramKind.EXECUTABLE:
        words = (*program.words, str(script), *_arguments(spec, flags))
        return ProgramStart(argv=(*_START, *words), environment=variables)
    if program.kind is ProgramKind.NOTEBOOK:
        start = (spec.execution.python or sys.executable, str(NOTEBOOK_CHILD))
        folder = str(Path(spec.script).parent)
        return ProgramStart(argv=(*start, str(script), folder), environment=variables)
    if program.kind is ProgramKind.MODULE:
        variables[MODULE_VARIABLE] = program.words[0]
    start = (spec.execution.python or sys.executable, str(CHILD))
    return ProgramStart(
        argv=(*start, str(script), *_arguments(spec, flags)), environment=variables
    )


def needs_config(spec: BatchSpec) -> bool:
    """Return whether a trial is given its flags in a file."""
    return spec.program.kind is ProgramKind.COMMAND and CONFIG in names_in(spec.program.words)


def config_of(spec: BatchSpec, flags: Flags) -> str:
    """Return the text of the file with the flags that its command does not name."""
    return config_text(_unnamed(spec, spec.passed(flags)))


def typed_command(spec: BatchSpec, flags: Flags) -> str:
    """Return the command with which a person runs the program once, quoted for a shell."""
    if spec.program.kind is ProgramKind.COMMAND:
        words = _filled(spec, flags, config=CONFIG_PLACE)
    else:
        words = [*spec.program.typed(spec.script), *_arguments(spec, flags)]
    return arguments.as_typed(spec.script_flags, spec.passed(flags), words)


def _arguments(spec: BatchSpec, flags: Flags) -> list[str]:
    words = arguments.build_arguments(spec.script_flags, spec.passed(flags))
    extra = list(spec.extra_arguments)
    if spec.script_flags.source is FlagSource.SACRED and "with" in words and extra[:1] == ["with"]:
        del extra[0]  # as it is typed for Sacred, where named configurations follow one "with"
    return [*words, *extra]


def _filled(spec: BatchSpec, flags: Flags, *, config: str) -> list[str]:
    """Return the words of a command with the values of a trial in them."""
    words, known, passed = spec.program.words, spec.script_flags, spec.passed(flags)
    texts = {
        typed: build_text(known, known.get(name) or unknown_option(name), passed[name])
        for typed, name in _named(spec, passed).items()
    }
    unnamed = arguments.build_arguments(known, _unnamed(spec, passed))
    document = config_line(_unnamed(spec, passed))
    return fill(words, texts, flags=unnamed, config=config, document=document)


def _named(spec: BatchSpec, passed: Flags) -> dict[str, str]:
    """Return the flags that a command names in braces, as it names them."""
    names = {name.replace("-", "_"): name for name in passed}
    found = {}
    for typed in names_in(spec.program.words):
        flag = find_flag(spec.script_flags, typed)
        name = names.get(typed.replace("-", "_"), flag.name if flag else "")
        if name in passed:
            found[typed] = name
    return found


def _unnamed(spec: BatchSpec, passed: Flags) -> dict[str, FlagValue]:
    named = set(_named(spec, passed).values())
    return {name: value for name, value in passed.items() if name not in named}


def _with_python(words: list[str], spec: BatchSpec) -> list[str]:
    """Return a command whose Python is the one of the trials, or one that is there."""
    if words[0] not in PYTHON:
        return words
    here = words[0] if shutil.which(words[0]) else sys.executable
    return [spec.execution.python or here, *words[1:]]
