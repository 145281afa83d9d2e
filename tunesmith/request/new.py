"""A new batch: the script, the batch files and the source are read here, for its specification."""

import os
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.capturing import read_script_flags
from tunesmith.errors import HiddenFlagsError, ScriptError, SpecificationError
from tunesmith.executor.links import missing_links, place_links
from tunesmith.executor.notebook_kernel import check_kernel
from tunesmith.flags.batch_files import read_rows
from tunesmith.flags.definition import FlagSource, ScriptFlags
from tunesmith.flags.values import FlagValue
from tunesmith.program import ProgramKind
from tunesmith.request.addressing import check_addresses, with_addresses
from tunesmith.request.environment import environment_of
from tunesmith.request.finding import Found, find_command, find_program, flags_of_command
from tunesmith.request.found_data import keep_data, with_data
from tunesmith.request.specification import UNKNOWN, Origin, Script, in_style, specify
from tunesmith.request.subcommands import check_chosen, entered, with_positionals
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.script.notebook import read_notebook_flags
from tunesmith.storage.store import Store

_SEED_BYTES = 4


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
                links=request.links or (),
                tell=tell,
            )
            flags = flags_of_command(known, words, found.n_before) or UNKNOWN
    script = Script(project=found.project, path=found.path, flags=flags, program=found.program)
    return with_addresses(in_style(script, request.flag_style), request, home)


def _flags_of(
    found: Found, request: SweepRequest, home: Path, tell: Callable[[str], None] | None
) -> tuple[ScriptFlags, HiddenFlagsError | None]:
    """Return the flags of a program, and why they are not all of them."""
    if found.program.kind is ProgramKind.NOTEBOOK:
        return _of_notebook(found, request), None
    if not found.program.is_python:
        return UNKNOWN, None
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


def new(request: SweepRequest, script: Script) -> BatchSpec:
    """Return what is to be run; nothing is written, and the source is not yet known.

    Args:
        request: What was asked for.
        script: As ``read_script`` returned it.

    Raises:
        TunesmithError: An option, a flag or a file does not fit.
    """
    request = with_positionals(request, script)
    check_chosen(request, script)
    rows = _read_files(request, script)
    seed = int.from_bytes(os.urandom(_SEED_BYTES))
    origin = Origin(id=uuid.uuid4().hex, now=time.time(), seed=seed)
    spec = specify(request, script, rows, origin)
    check_addresses(spec)
    _check_links(script, spec.execution.links)
    return spec


def with_source(spec: BatchSpec, store: Store, *, tell: Callable[[str], None]) -> BatchSpec:
    """Return the specification with the digest of the source, which the store has by then.

    What the result depends on beside it, the commit and the versions, is named too.

    Args:
        spec: What is about to run.
        store: Where it is kept.
        tell: Is told of a copy that takes a while, and what was left out of the source that the
            script may miss, a line each.
    """
    project = Path(spec.project)
    links = spec.execution.links
    file = project / spec.script
    is_named = spec.program.kind is not ProgramKind.COMMAND or file.is_file()
    taken = store.source.take(project, file if is_named else None, links=links, tell=tell)
    for note in taken.notes:
        tell(note)
    spec = replace(spec, source_digest=taken.digest, environment=environment_of(spec))
    spec = with_data(spec, store.home)
    keep_data(spec, store)
    return spec


def _read_files(request: SweepRequest, script: Script) -> tuple[dict[str, FlagValue], ...]:
    files, folder = request.files or (), request.folder or Path()
    rows: list[dict[str, FlagValue]] = []
    for file in files:
        try:
            text = (folder / file).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SpecificationError(
                f"the batch file {file!r} cannot be read: {reason}"
            ) from error
        is_forced = bool(request.force_flags)
        rows += read_rows(text, name=file, script_flags=script.flags, is_forced=is_forced)
    if files and not rows:
        raise SpecificationError(
            f"no rows in {', '.join(files)}: a batch file has one for each trial"
        )
    return tuple(rows)


def _check_links(script: Script, links: Sequence[str]) -> None:
    """Check, before anything runs, that links lead somewhere and have a place in a run."""
    place_links(script.project, script.path, links)
    if missing := next(missing_links(script.project, links), None):
        raise SpecificationError(
            f"--link {missing}: there is nothing of that name; a relative path begins at "
            f"{script.project}"
        )
