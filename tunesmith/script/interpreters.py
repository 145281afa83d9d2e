"""What runs a file that is no Python script: the system, or the interpreter of its language."""

import ast
import os
import shlex
import shutil
from pathlib import Path, PurePath

from tunesmith.errors import ScriptError

_BY_SUFFIX = {
    ".sh": ("bash", "sh"),
    ".bash": ("bash",),
    ".zsh": ("zsh",),
    ".fish": ("fish",),
    ".r": ("Rscript",),
    ".jl": ("julia",),
    ".pl": ("perl",),
    ".rb": ("ruby",),
    ".js": ("node",),
    ".mjs": ("node",),
    ".lua": ("lua",),
    ".m": ("octave",),
}
"""Interpreters by the end of a file's name, the first that is there counts."""
_READ_BYTES = 4096


def is_python_file(path: Path) -> bool:
    """Return whether a file is a Python script, by its name, its first line or its text."""
    if path.suffix in (".py", ".pyw"):
        return True
    if path.suffix.lower() in _BY_SUFFIX:
        return False
    start = _start(path)
    if start.startswith(b"#!"):
        return any(PurePath(word).name.startswith("python") for word in _shebang(start))
    if b"\0" in start:
        return False
    return not os.access(path, os.X_OK) or _is_python_text(path)


def interpreter_of(path: Path) -> tuple[str, ...]:
    """Return the words before the path of an executable file; none where the system runs it.

    Raises:
        ScriptError: What runs it is missing, or nothing says what does.
    """
    shebang = _shebang(_start(path))
    if shebang:
        program = shebang[0]
        if PurePath(program).name == "env":
            program = next((w for w in shebang[1:] if not w.startswith("-") and "=" not in w), "")
        if shutil.which(program) is None:
            raise _missing(path, program, "of its first line")
        return () if os.access(path, os.X_OK) else shebang
    names = _BY_SUFFIX.get(path.suffix.lower(), ())
    if name := next((one for one in names if shutil.which(one)), None):
        return (name,)
    if names:
        raise _missing(path, names[0], f"for a file named {path.suffix}")
    if os.access(path, os.X_OK):
        return ()
    raise ScriptError(
        f"{path.name} is not a Python script and may not be executed: make it executable with "
        f"chmod +x {shlex.quote(str(path))}, or name what runs it, as in tunesmith run x=[-1,0,1] "
        f"-- PROGRAM {shlex.quote(str(path))}"
    )


def _missing(path: Path, program: str, why: str) -> ScriptError:
    return ScriptError(
        f"{path.name} needs {program}, {why}, and there is no such program on the PATH: install "
        "it, or name another one, as in tunesmith run x=[-1,0,1] -- PROGRAM "
        f"{shlex.quote(str(path))}"
    )


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_READ_BYTES)
    except OSError as error:
        raise ScriptError(f"{str(path)!r} cannot be read: {error.strerror}") from error


def _shebang(start: bytes) -> tuple[str, ...]:
    """Return the words of the line that names an interpreter; none without one."""
    if not start.startswith(b"#!"):
        return ()
    line = start[2:].partition(b"\n")[0].decode(errors="replace")
    return tuple(line.split())


def _is_python_text(path: Path) -> bool:
    try:
        ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError, MemoryError):
        return False
    return True
