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
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tunesmith.atomic_file import write_atomically
from tunesmith.errors import FlagError, HiddenFlagsError, ScriptError
from tunesmith.flags.definition import COMPUTED, ScriptFlags
from tunesmith.flags.script_flags_json import script_flags_from_plain, script_flags_to_plain
from tunesmith.flags.secret_values import mask_defaults
from tunesmith.script.asking.child import REPLIED
from tunesmith.script.asking.fixed_list import check_reading
from tunesmith.script.computed_defaults import computed_options
from tunesmith.script.source import parse_source, read_source

CHILD = Path(__file__).with_name("child.py")
TIMEOUT_S = 60.0
"""Seconds that a script may take to reach its parser: imports of large libraries take a while."""
MAX_READ_BYTES = 64 * 1024
"""Bytes at the end of the script's output in which the reason of a failure is looked for."""
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


def capture_flags(
    copy: ScratchCopy, *, python: str, cache: Path | None, timeout_s: float = TIMEOUT_S
) -> ScriptFlags:
    """Return the options that a script's parser has when it reads its command line.

    The script runs in a copy of its source, so that the user's own folder stays unchanged.

    Args:
        copy: The script and its source.
        python: The interpreter to run it with.
        cache: A folder in which the answer is cached as long as the source is unchanged; None to
            cache nothing.
        timeout_s: Seconds after which the script is ended.

    Raises:
        HiddenFlagsError: The script failed, took too long, or never read its command line.
        ScriptError: The interpreter cannot be run, or the script parses no command line.
    """
    kept = None if cache is None else cache / f"flags-{_digest(copy, python)}.json"
    found = None if kept is None else _read(kept)
    if found is None:
        with _scratch_folder() as name:
            folder = Path(name).resolve() / "source"
            folder.mkdir()
            copy.write(folder)
            reply = folder.with_name("flags.json")
            _run(copy, folder, python, reply, timeout_s)
            found = _completed(copy, reply, folder)
            if found is not None and kept is not None:
                _keep(found, kept)
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


def _run(copy: ScratchCopy, folder: Path, python: str, reply: Path, timeout_s: float) -> None:
    """Run the script in a session of its own, and end all processes that it has started."""
    mark = f"{MARK_VARIABLE}={uuid.uuid4().hex}"
    printed = reply.with_name("output")  # not a pipe, which processes left behind might keep open
    with printed.open("wb") as output:
        try:
            process = subprocess.Popen(
                [python, str(CHILD), str(reply), str(folder / copy.script), str(timeout_s + 5)],
                cwd=folder,
                env=_environment(folder, mark),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ScriptError(f"{python} cannot be run: {error.strerror}; see --python") from error
    try:
        process.wait(timeout=timeout_s)
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
            _failure(copy.script, python, process.returncode, printed.read_bytes())
        )


def _environment(folder: Path, mark: str) -> dict[str, str]:
    """Return the script's environment, in which imports write no compiled files."""
    name, _, value = mark.partition("=")
    own = {"PWD": str(folder), "PYTHONDONTWRITEBYTECODE": "1", name: value}
    return {**os.environ, **own}


def _failure(script: str, python: str, code: int, output: bytes) -> str:
    """Return why no flags were captured; the script ran in a copy, without the data files."""
    if code == 0:
        return (
            f"{script} ended without reading its command line with argparse, click or typer, so "
            "its flags are unknown. It ran in a copy of its folder, so your files are unchanged. "
            "--force-flags passes unknown flags"
        )
    lines = output[-MAX_READ_BYTES:].decode(errors="replace").strip().splitlines()
    last = lines[-1] if lines else f"exit {code}"
    mend = "It ran in a copy of its folder, which has no data: build the parser before the work"
    if "ModuleNotFoundError" in last:
        mend = f"It ran with {python}: --python names another one"
    return (
        f"{script} failed before it read its command line: {last}. {mend}, or pass flags with "
        "--force-flags"
    )


def _digest(copy: ScratchCopy, python: str) -> str:
    """Return a digest of what decides the answer: source, interpreter, packages, our code."""
    content = hashlib.blake2s(copy.digest.encode(), digest_size=16)
    program = os.path.abspath(shutil.which(python) or python)  # noqa: PTH100  # it keeps links,
    root = Path(program).parent.parent  # beside which the packages of an environment lie
    content.update(f"{copy.script}\0{program}\0".encode())
    for part in sorted(CHILD.parent.glob("*.py")):
        content.update(part.read_bytes())
    for packages in sorted(root.glob("lib/python*/site-packages")):
        with suppress(OSError):
            content.update(f"{packages}\0{packages.stat().st_mtime_ns}".encode())
    return content.hexdigest()


def _keep(found: ScriptFlags, kept: Path) -> None:
    """Write the answer to the cache, if there is a store yet; errors are ignored."""
    with suppress(OSError):
        if kept.parent.is_dir():
            write_atomically(kept, json.dumps(script_flags_to_plain(found)).encode())


def _completed(copy: ScratchCopy, reply: Path, folder: Path) -> ScriptFlags | None:
    """Complete the answer with what the modules' text shows, and return it.

    Raises:
        ScriptError: The parser reads a list of the script's own.
    """
    if _read(reply) is None:
        return None
    plain = json.loads(reply.read_text())
    trees = list(_trees(plain.pop("files", ()), folder))
    check_reading(trees, copy.script)
    computed = computed_options(trees)
    for one in plain["definitions"]:
        names = {one["option"], one["name"].replace("-", "_")}
        if names & computed or str(folder.parent) in str(one["default"]):
            one.update(default=COMPUTED, is_computed=True)
    reply.write_text(json.dumps(plain))
    marked = _read(reply)
    return None if marked is None else mask_defaults(marked)


def _trees(files: Iterable[str], folder: Path) -> Iterable[ast.Module]:
    for file in files:
        if Path(file).is_relative_to(folder) and file.endswith(".py"):
            with suppress(ScriptError):
                yield parse_source(read_source(Path(file)), file)


def _read(path: Path) -> ScriptFlags | None:
    try:
        return script_flags_from_plain(json.loads(path.read_text()))
    except (OSError, ValueError, KeyError, TypeError, FlagError):
        return None
