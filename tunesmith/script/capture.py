"""Flags of a script that computes them: it is run until it reads its command line."""

import hashlib
import json
import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from tunesmith.errors import FlagError, ScriptError
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.values import from_plain
from tunesmith.script.capture_child import REPLIED
from tunesmith.whole_file import write_whole

CHILD = Path(__file__).with_name("capture_child.py")
TIMEOUT_S = 60.0


def capture_flags(
    path: Path, *, python: str, cache: Path | None, timeout_s: float = TIMEOUT_S
) -> ScriptFlags:
    """Return the options that a script's parser has when it reads its command line.

    Args:
        path: The script.
        python: The interpreter to run it with.
        cache: A folder in which the answer is kept by the script's content; None for none.
        timeout_s: Seconds after which the script is ended.

    Raises:
        ScriptError: The script failed, took too long, or never read its command line.
    """
    kept = None if cache is None else cache / f"flags-{_digest(path, python)}.json"
    found = None if kept is None else _read(kept)
    if found is None:
        with tempfile.TemporaryDirectory(prefix="tunesmith-") as folder:
            reply = Path(folder) / "flags.json"
            _run(path, python, reply, timeout_s)
            found = _read(reply)
            if found is not None and kept is not None:
                _keep(reply, kept)
    if found is None:
        raise ScriptError(f"{path.name} wrote down options that cannot be read")
    return found


def _run(path: Path, python: str, reply: Path, timeout_s: float) -> None:
    """Run the script in a session of its own, so that whatever it starts ends with it."""
    try:
        process = subprocess.Popen(
            [python, str(CHILD), str(reply), str(path.resolve())],
            cwd=path.resolve().parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise ScriptError(f"{python} cannot be run: {error.strerror}; see --python") from error
    try:
        output, _ = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        raise ScriptError(
            f"{path.name} did not read its command line within {timeout_s:g} s, so its flags are "
            "not known: build the parser before the work"
        ) from error
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    if process.returncode != REPLIED:
        raise ScriptError(_failure(path, process.returncode, output))


def _failure(path: Path, code: int, output: bytes) -> str:
    if code == 0:
        return f"{path.name} ended without reading its command line, so its flags are not known"
    lines = output.decode(errors="replace").strip().splitlines()
    last = lines[-1] if lines else f"exit {code}"
    return f"{path.name} failed before it read its command line: {last}"


def _digest(path: Path, python: str) -> str:
    content = hashlib.blake2s(path.read_bytes(), digest_size=16)
    content.update(os.fsencode(python))
    content.update(CHILD.read_bytes())
    return content.hexdigest()


def _keep(reply: Path, kept: Path) -> None:
    """Copy the answer to the cache, if there is a store yet; a cache may fail."""
    with suppress(OSError):
        if kept.parent.is_dir():
            write_whole(kept, reply.read_bytes())


def _read(path: Path) -> ScriptFlags | None:
    try:
        plain = json.loads(path.read_text())
        definitions = tuple(_definition(one) for one in plain["definitions"])
        return ScriptFlags(source=FlagSource(plain["source"]), definitions=definitions)
    except (OSError, ValueError, KeyError, TypeError, FlagError):
        return None


def _definition(plain: dict[str, Any]) -> FlagDefinition:
    values = dict(plain)
    values["type"] = FlagType(values["type"])
    values["default"] = from_plain(values["default"])
    values["choices"] = tuple(from_plain(choice) for choice in values["choices"])
    return FlagDefinition(**values)
