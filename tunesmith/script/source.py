"""Reads a script's text and its syntax tree."""

import ast
import io
import tokenize
from pathlib import Path

from tunesmith.errors import ScriptError
from tunesmith.near_names import near_names
from tunesmith.regular_file import open_regular


def read_source(path: Path) -> str:
    """Return a script's text, decoded as its first lines say; line ends stay as they are.

    Raises:
        ScriptError: There is no such file, or it is not text.
    """
    try:
        with open_regular(path) as file:
            data = file.read()
    except FileNotFoundError as error:
        raise ScriptError(f"there is no script {str(path)!r}.{_near(path)}") from error
    except IsADirectoryError as error:
        raise ScriptError(f"{str(path)!r} is a folder: name the script in it") from error
    except OSError as error:
        raise ScriptError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    try:
        return data.decode(_encoding(data))
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise ScriptError(f"{str(path)!r} is not a Python script: {error}") from error


def encode_source(text: str, *, path: Path) -> bytes:
    """Return a changed text of a script in the script's own encoding.

    Characters that it lacks are escaped: they can only be in string literals that we have written.
    """
    return text.encode(_encoding(path.read_bytes()), errors="backslashreplace")


def _encoding(data: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return encoding


def parse_source(text: str, name: str) -> ast.Module:
    """Return the syntax tree of a script.

    Args:
        text: The script.
        name: Its name, for messages.

    Raises:
        ScriptError: It is not Python.
    """
    try:
        return ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as error:
        line = (error.text or "").strip()
        shown = f": {line}" if line else ""
        raise ScriptError(f"{name} line {error.lineno}: {error.msg}{shown}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ScriptError(f"{name} is not a Python script: {error}") from error


def _near(path: Path) -> str:
    try:
        names = [other.name for other in path.parent.iterdir() if other.suffix == ".py"]
    except OSError:
        return ""
    near = near_names(path.name, names, n=1)
    return f" Did you mean {str(path.with_name(near[0]))!r}?" if near else ""
