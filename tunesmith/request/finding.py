"""Which program was meant: what was typed becomes a program and the path of its file."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tunesmith.errors import ScriptError
from tunesmith.program import Program, ProgramKind
from tunesmith.script.interpreters import interpreter_of, is_python_file
from tunesmith.script.module_names import Module, find_module, module_of
from tunesmith.script.source import read_source

NOTEBOOK = ".ipynb"


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
    read_source(path)  # says what is wrong with it
    raise ScriptError(f"{typed!r} cannot be run")


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
