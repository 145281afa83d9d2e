"""Flags of a script that computes them: a copy of it is run until it reads its command line."""

import ast
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tunesmith.errors import HiddenFlagsError, ScriptError
from tunesmith.flags.definition import COMPUTED, ScriptFlags
from tunesmith.flags.secret_values import mask_defaults
from tunesmith.script.asking.answers import digests_of, keep_answer, read_answer
from tunesmith.script.asking.child import MODES, REPLIED
from tunesmith.script.asking.fixed_list import check_reading
from tunesmith.script.asking.reasons import failure_reason, lacking_doubt, modules_lacking
from tunesmith.script.computed_defaults import computed_options
from tunesmith.script.source import parse_source, read_source

CHILD = Path(__file__).with_name("child.py")
TIMEOUT_S = 60.0
"""Seconds that a script may take to reach its parser: imports of large libraries take a while."""
STANDING_IN_S = 20.0
"""Seconds for a script whose libraries are not installed, which need not be imported then."""
PATIENCE_S = 1.0
"""Seconds after which it is said that a script is asked."""
MARK_VARIABLE = "TUNESMITH_CAPTURE"
"""Set in the environment of all that the script starts, so that it can be found and ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchCopy:
    """A script's source, and how to make a copy in which the script can be run."""

    script: str
    """The script's path within the project."""
    digest: str
    """A digest of all files of the source."""
    write: Callable[[Path], None]
    """Writes the source into an empty folder."""
    end_marked: Callable[[str], object]
    """Ends the processes with a variable in their environment, given as ``NAME=value``."""
    project: Path
    """The folder of which it is a copy."""
    module: str = ""
    """The name by which the script runs as a module; empty where it runs by its path."""
    n_above: int = 0
    """How many folders above the source are part of the copy."""


def capture_flags(
    copy: ScratchCopy,
    *,
    python: str,
    cache: Path | None,
    timeout_s: float = TIMEOUT_S,
    tell: Callable[[str], None] | None = None,
) -> ScriptFlags:
    """Return the options that a script's parser has when it reads its command line.

    The script runs in a copy of its source, so that the user's own folder stays unchanged.

    Args:
        copy: The script and its source.
        python: The interpreter to run it with.
        cache: A folder in which the answer is cached as long as the source is unchanged; None to
            cache nothing.
        timeout_s: Seconds after which the script is ended.
        tell: Is told once, in a line, where it takes more than a second.

    Raises:
        HiddenFlagsError: The script failed, took too long, or never read its command line.
        ScriptError: The interpreter cannot be run, or the script parses no command line.
    """
    kept = None if cache is None else cache / f"flags-{_digest(copy, python)}.json"
    found = None if kept is None else read_answer(kept)
    if found is None:
        with _scratch_folder() as name:
            scratch = Path(name).resolve()
            folder = scratch.joinpath(*["above"] * copy.n_above, "source")
            folder.mkdir(parents=True)
            copy.write(folder)
            reply = scratch / "flags.json"
            doubt = _ask(copy, folder, python, reply, timeout_s, tell or (lambda _: None))
            read = digests_of(json.loads(reply.read_text()), scratch)
            found = _completed(copy, reply, scratch)
            found = None if found is None else replace(found, doubt=doubt)
            if found is not None and kept is not None:
                keep_answer(found, read, kept)
    if found is None:
        raise HiddenFlagsError(f"{copy.script} reported options that cannot be read")
    return found


def _scratch_folder() -> "tempfile.TemporaryDirectory[str]":
    """Create a temporary folder; files that cannot be removed are left to the system.

    Raises:
        ScriptError: It cannot be created.
    """
    try:
        return tempfile.TemporaryDirectory(prefix="tunesmith-", ignore_cleanup_errors=True)
    except OSError as error:
        raise ScriptError(
            f"cannot create a temporary folder for a copy of the source: {error.strerror}; "
            "set TMPDIR to a writable folder"
        ) from error


def _ask(
    copy: ScratchCopy,
    folder: Path,
    python: str,
    reply: Path,
    timeout_s: float,
    tell: Callable[[str], None],
) -> str:
    """Run the script; where modules are not installed that it needs, once more without them.

    Returns:
        Why there may be more flags than were found; empty where there are none.

    Raises:
        HiddenFlagsError: It did not read its command line.
    """
    try:
        _run(copy, folder, python, reply, timeout_s, tell)
    except HiddenFlagsError:
        lacking = modules_lacking(reply)
        if not lacking:
            raise
        limit_s = min(timeout_s, STANDING_IN_S)
        for mode in MODES:
            with suppress(HiddenFlagsError):
                _run(copy, folder, python, reply, limit_s, tell, mode=mode)
                answer = json.loads(reply.read_text())
                if answer["definitions"] or answer["subcommands"]:
                    lacking = [*dict.fromkeys([*lacking, *answer.get("missing", ())])]
                    return lacking_doubt(lacking, python)
        raise
    return ""


def _run(
    copy: ScratchCopy,
    folder: Path,
    python: str,
    reply: Path,
    timeout_s: float,
    tell: Callable[[str], None],
    *,
    mode: str = "",
) -> None:
    """Run the script in a session of its own, and end all processes that it has started.

    Args:
        copy: The script.
        folder: The copy of its source.
        python: The interpreter.
        reply: The file that the process writes.
        timeout_s: Seconds after which it is ended.
        tell: Is told where it takes more than a second.
        mode: A word if others stand in for modules that are not installed; empty if not.
    """
    words = [python, str(CHILD), str(reply), str(folder / copy.script), str(timeout_s + 5)]
    mark = f"{MARK_VARIABLE}={uuid.uuid4().hex}"
    printed = reply.with_name("output")  # not a pipe, which processes left behind might keep open
    with printed.open("wb") as output:
        try:
            process = subprocess.Popen(
                [*words, copy.module, mode],
                cwd=folder,
                env=_environment(copy.project, folder, mark),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ScriptError(f"{python} cannot be run: {error.strerror}; see --python") from error
    try:
        _wait(process, copy.script, timeout_s, tell)
    except subprocess.TimeoutExpired as error:
        raise HiddenFlagsError(
            f"{copy.script} did not read its command line within {timeout_s:g} s, so its flags "
            "are unknown: create the parser before the work starts, or pass flags with "
            "--force-flags"
        ) from error
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        copy.end_marked(mark)
        process.wait()
    if process.returncode != REPLIED:
        raise HiddenFlagsError(
            failure_reason(copy.script, python, process.returncode, printed.read_bytes())
        )


def _wait(
    process: "subprocess.Popen[bytes]", script: str, timeout_s: float, tell: Callable[[str], None]
) -> None:
    """Wait for the process, and tell after a second that it takes a while."""
    first_s = min(PATIENCE_S, timeout_s)
    try:
        process.wait(timeout=first_s)
    except subprocess.TimeoutExpired:
        if timeout_s <= first_s:
            raise
        tell(
            f"asking {script} for its flags: a copy of it runs up to its parser, for "
            f"{timeout_s:g} s at most; the answer is kept until the source changes"
        )
        process.wait(timeout=timeout_s - first_s)


def _environment(project: Path, folder: Path, mark: str) -> dict[str, str]:
    """Return the script's environment, in which imports write no compiled files.

    Modules that are imported from within the project are imported from the copy.
    """
    name, _, value = mark.partition("=")
    own = {"PWD": str(folder), "PYTHONDONTWRITEBYTECODE": "1", name: value}
    if given := os.environ.get("PYTHONPATH"):
        paths = [os.path.realpath(one) if one else "" for one in given.split(os.pathsep)]
        inside = [
            str(folder / Path(one).relative_to(project))
            if one and Path(one).is_relative_to(project)
            else one
            for one in paths
        ]
        own["PYTHONPATH"] = os.pathsep.join(inside)
    return {**os.environ, **own}


def _digest(copy: ScratchCopy, python: str) -> str:
    """Return a digest of what decides the answer: source, interpreter, packages, our code."""
    content = hashlib.blake2s(copy.digest.encode(), digest_size=16)
    program = os.path.abspath(shutil.which(python) or python)  # noqa: PTH100  # it keeps links,
    root = Path(program).parent.parent  # beside which the packages of an environment lie
    content.update(f"{copy.script}\0{copy.module}\0{program}\0".encode())
    for part in sorted(CHILD.parent.glob("*.py")):
        content.update(part.read_bytes())
    for packages in sorted(root.glob("lib/python*/site-packages")):
        with suppress(OSError):
            content.update(f"{packages}\0{packages.stat().st_mtime_ns}".encode())
    return content.hexdigest()


def _completed(copy: ScratchCopy, reply: Path, folder: Path) -> ScriptFlags | None:
    """Complete the answer with what the modules' text shows, and return it.

    Raises:
        ScriptError: The parser reads a list of the script's own.
    """
    if read_answer(reply) is None:
        return None
    plain = json.loads(reply.read_text())
    trees = list(_trees(plain.pop("files", ()), folder))
    check_reading(trees, copy.script)
    _mark_computed(plain, computed_options(trees), str(folder))
    reply.write_text(json.dumps(plain))
    marked = read_answer(reply)
    return None if marked is None else mask_defaults(marked)


def _mark_computed(plain: dict[str, Any], computed: Collection[str], folder: str) -> None:
    """Mark the defaults that differ whenever the script runs, of subcommands too."""
    for one in (*plain["definitions"], *plain.get("unlisted", ())):
        names = {one.get("option", ""), one["name"].replace("-", "_")}
        if names & set(computed) or folder in str(one["default"]):
            one.update(default=COMPUTED, is_computed=True)
    inner = plain.get("subcommands", ())
    for answer in inner.values() if isinstance(inner, dict) else ():
        _mark_computed(answer, computed, folder)


def _trees(files: Iterable[str], folder: Path) -> Iterable[ast.Module]:
    for file in files:
        if Path(file).is_relative_to(folder) and file.endswith(".py"):
            with suppress(ScriptError):
                yield parse_source(read_source(Path(file)), file)
