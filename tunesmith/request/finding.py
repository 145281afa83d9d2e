"""Which program was meant: what was typed becomes a program and the path of its file."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from tunesmith.errors import ScriptError
from tunesmith.flags.definition import FlagSource, FlagStyle, ScriptFlags
from tunesmith.program import PYTHON, Program, ProgramKind
from tunesmith.script.command_words import PLACES, names_in
from tunesmith.script.interpreters import interpreter_of, is_python_file
from tunesmith.script.module_names import Module, find_module, module_of, near_module
from tunesmith.script.notebook import NOTEBOOK
from tunesmith.script.source import read_source

_SCRIPTS = (".py", ".ipynb", ".sh", ".bash", ".r", ".jl")
"""What the names of files end with that a command may run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A program that was found."""

    program: Program
    file: Path
    """The file that is run."""
    project: Path
    """The folder that a trial sees a copy of, absolute."""

    @property
    def path(self) -> str:
        """The file's path within the project."""
        return str(self.file.resolve().relative_to(self.project))


def find_program(typed: str, folder: Path) -> Found:
    """Return the program that was typed: the path of a file, or the name of a module.

    Args:
        typed: As it was typed, before its flags.
        folder: Where relative paths begin.

    Raises:
        ScriptError: There is no such program, or what runs it is missing.
    """
    path = folder / typed
    if path.is_file():
        return _of_file(path, folder)
    module = _named(typed, path, folder)
    if module is not None:
        return _of_module(module, folder)
    if "=" in typed:
        raise ScriptError(f"{typed!r} is no script: name the script before its flags")
    if path.is_dir():
        read_source(path)
    if "/" not in typed and (place := shutil.which(typed)):
        raise ScriptError(
            f"there is no script {typed!r} here; to run {place}, write the command after --, as "
            f"in tunesmith run x=[-1,0,1] -- {typed}"
        )
    if not path.exists() and (near := near_module(typed, folder)):
        raise ScriptError(f"there is no module {typed!r}. Did you mean {near!r}?")
    read_source(path)  # says what is wrong with it
    raise ScriptError(f"{typed!r} cannot be run")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCommand:
    """A command, and the Python script that is named in it."""

    program: Program
    project: Path
    """The folder that a trial sees a copy of, absolute."""
    path: str
    """The path within the project of a file that it names; else its first word."""
    file: Path | None = None
    """The Python script that it runs; None where it names none."""
    n_before: int = 0
    """How many of the words stand before those that the script is given."""
    module: str = ""
    """The name by which the script runs as a module; empty where it runs by its path."""


def find_command(words: Sequence[str], folder: Path) -> FoundCommand:
    """Return what a command runs.

    Args:
        words: As they were typed.
        folder: Where it is typed: trials see a copy of it.

    Raises:
        ScriptError: There is no such program.
        SpecificationError: There are no words.
    """
    here = folder.resolve()
    words = [_within(word, here) for word in words]
    program = Program(kind=ProgramKind.COMMAND, words=(_first(words, here), *words[1:]))
    path, file, n_before, module = PurePath(program.words[0]).name, None, 0, None
    for at in range(len(program.words)):
        found = _file_in(program.words, at, here)
        if found is not None and found.is_relative_to(here):
            path, n_before = str(found.relative_to(here)), at + 1
            file = found if found.suffix == ".py" else None
            module = (
                find_module(program.words[at], here) if program.words[at - 1] == "-m" else None
            )
            break
    return FoundCommand(
        program=program,
        project=here,
        path=path,
        file=file,
        n_before=n_before,
        module="" if module is None else module.name,
    )


def _file_in(words: Sequence[str], at: int, here: Path) -> Path | None:
    """Return the file that a word of a command runs; None where it names none."""
    word = words[at]
    if at and words[at - 1] == "-m":
        module = find_module(word, here)
        return None if module is None else module.file
    is_named = word.lower().endswith(_SCRIPTS) or (at == 0 and "/" in word)
    file = Path(os.path.normpath(here / word))
    return file if is_named and file.is_file() else None


def flags_of_command(
    flags: ScriptFlags, words: Sequence[str], n_before: int
) -> ScriptFlags | None:
    """Return the flags of a script as a command passes them: the subcommand is in its words.

    Args:
        flags: The flags of the script.
        words: The words of the command.
        n_before: How many of them stand before those that the script is given.

    Returns:
        None where the script has assignments only, and the command names another flag in braces.
    """
    entered: list[str] = []
    inner = flags
    for word in words[n_before:]:
        if (named := inner.subcommand_of(word)) is not None:
            inner = inner.subcommands[named]
            entered.append(word)
    found = flags.of_subcommand(entered)
    others = names_in(words) - PLACES - {*found.names}
    if found.source in (FlagSource.GLOBALS, FlagSource.NOTEBOOK) and (
        others or not found.settable
    ):
        return None
    definitions = tuple(replace(flag, level=0, is_required=False) for flag in found.definitions)
    if found.source in (FlagSource.ARGUMENTS, FlagSource.ENVIRONMENT):  # others are passed, too
        found = replace(found, source=FlagSource.COMMAND, style=FlagStyle.SPACED)
    return replace(
        found,
        definitions=definitions,
        subcommands={},
        subcommand=(),
        is_open=found.takes_others,
    )


def _within(word: str, here: Path) -> str:
    """Return the path of a file of the project within it, so that a trial takes its own copy."""
    path = Path(word)
    is_ours = path.is_absolute() and path.is_relative_to(here) and path.is_file()
    return str(path.relative_to(here)) if is_ours else word


def _first(words: Sequence[str], here: Path) -> str:
    """Return the program of a command, as trials find it.

    Raises:
        ScriptError: There is no such program.
    """
    if not words or not words[0]:
        raise ScriptError("there is no command after --")
    word = words[0]
    place = os.path.normpath(here / word) if "/" in word else word
    if shutil.which(place) is None and word not in PYTHON:
        raise ScriptError(
            f"the command begins with {word!r}, and there is no such program: name one on the "
            "PATH, or a file that may be executed"
        )
    return word if "/" not in word or Path(place).is_relative_to(here) else place


def _of_file(path: Path, folder: Path) -> Found:
    if path.suffix == NOTEBOOK:
        return _found(ProgramKind.NOTEBOOK, (), path, folder)
    if not is_python_file(path):
        return _found(ProgramKind.EXECUTABLE, interpreter_of(path), path, folder)
    file = Path(os.path.abspath(path))  # noqa: PTH100 - a link's own place says its package
    module = module_of(file, folder.resolve())
    if module is None:
        return _found(ProgramKind.SCRIPT, (), path, folder)
    return _of_module(module, folder)


def _of_module(module: Module, folder: Path) -> Found:
    here, root = folder.resolve(), module.root.resolve()
    return Found(
        program=Program(kind=ProgramKind.MODULE, words=(module.name,)),
        file=module.file,
        project=here if root.is_relative_to(here) else root,
    )


def _named(typed: str, path: Path, folder: Path) -> Module | None:
    """Return the module of a name, or the one that runs for a folder."""
    if path.is_dir():
        typed = typed.rstrip("/").replace("/", ".")
    return find_module(typed, folder)


def _found(kind: ProgramKind, words: tuple[str, ...], path: Path, folder: Path) -> Found:
    return Found(
        program=Program(kind=kind, words=words), file=path, project=project_of(path, folder)
    )


def project_of(file: Path, folder: Path) -> Path:
    """Return the folder that a trial sees a copy of: the working directory, where it can be."""
    here = folder.resolve()
    return here if file.resolve().is_relative_to(here) else file.resolve().parent
