"""The program that a request names, with its flags and what else of it can be set."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePath

from tunesmith.capturing import read_script_flags
from tunesmith.errors import HiddenFlagsError, ScriptError, SpecificationError
from tunesmith.executor.notebook_kernel import check_kernel
from tunesmith.flags.definition import FlagSource, FlagStyle, ScriptFlags
from tunesmith.program import ProgramKind
from tunesmith.request.addressing import with_addresses
from tunesmith.request.finding import Found, find_command, find_program, flags_of_command
from tunesmith.request.specification import UNKNOWN, Script, in_style
from tunesmith.request.subcommands import entered
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.script.notebook import read_notebook_flags
from tunesmith.script.shell_flags import is_shell_file, read_shell_flags

_BY_ASSIGNMENT = frozenset({"make", "gmake", "bmake", "just"})
"""Programs that take their variables as ``name=value``."""


def read_script(
    request: SweepRequest, home: Path, *, tell: Callable[[str], None] | None = None
) -> Script:
    """Return the script of a request, with its flags.

    Args:
        request: What was asked for.
        home: The store's folder.
        tell: Is told in a line where asking the program for its flags takes more than a second.

    Raises:
        ScriptError: No script was named, or it cannot be read.
    """
    folder = request.folder or Path()
    if request.command is not None:
        return _command(request, home, tell)
    if request.script is None:
        raise ScriptError(
            "no script was named: write tunesmith run train.py x=[-1,0,1], or --restart RUN"
        )
    found = find_program(request.script, folder)
    flags, hidden = _flags_of(found, request, home, tell)
    script = Script(project=found.project, path=found.path, flags=flags, program=found.program)
    script = entered(request, in_style(script, request.flag_style))
    return with_addresses(script, request, home, hidden=hidden)


def _command(request: SweepRequest, home: Path, tell: Callable[[str], None] | None) -> Script:
    """Return the program of a command, and the flags of the script that it names, if any."""
    words = request.command or ()
    found = find_command(words, request.folder or Path())
    flags = UNKNOWN
    if found.file is not None:
        with suppress(ScriptError):
            python = request.interpreter or sys.executable
            known = read_script_flags(
                found.file,
                project=found.project,
                python=python,
                home=home,
                module=found.module,
                links=request.links or (),
                tell=tell,
            )
            flags = flags_of_command(known, words, found.n_before) or UNKNOWN
    script = Script(project=found.project, path=found.path, flags=flags, program=found.program)
    style = request.flag_style
    if style is None and PurePath(words[0]).name in _BY_ASSIGNMENT and flags is UNKNOWN:
        style = FlagStyle.BARE
    return with_addresses(in_style(script, style), request, home)


def _flags_of(
    found: Found, request: SweepRequest, home: Path, tell: Callable[[str], None] | None
) -> tuple[ScriptFlags, HiddenFlagsError | None]:
    """Return the flags of a program, and why they are not all of them."""
    if found.program.kind is ProgramKind.NOTEBOOK:
        return _of_notebook(found, request), None
    if not found.program.is_python:
        return (read_shell_flags(found.file) if is_shell_file(found.file) else UNKNOWN), None
    python = request.interpreter or sys.executable
    try:
        flags = read_script_flags(
            found.file,
            project=found.project,
            python=python,
            home=home,
            module=found.program.words[0] if found.program.kind is ProgramKind.MODULE else "",
            links=request.links or (),
            tell=tell,
        )
    except HiddenFlagsError as error:
        if request.flag_style is not None:
            return UNKNOWN, None
        if request.force_flags:
            return ScriptFlags(source=FlagSource.ARGPARSE, definitions=()), None
        return ScriptFlags(source=FlagSource.ADDRESSES, definitions=()), error
    return flags, None


def _of_notebook(found: Found, request: SweepRequest) -> ScriptFlags:
    if request.extra_arguments:
        raise SpecificationError(f"{found.path} is a notebook, which takes no arguments after --")
    if request.runner is None or not request.runner.is_remote:
        check_kernel(request.interpreter)
    return read_notebook_flags(found.file)
