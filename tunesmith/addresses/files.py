"""Reads and writes the values of a file, whatever its format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from tunesmith.addresses.address import Address, is_same, normalized, without_repeated
from tunesmith.errors import FlagError, ScriptError
from tunesmith.flags.display import format_value
from tunesmith.flags.values import FlagValue
from tunesmith.script.source import encode_source, read_source

PYTHON = ".py"
NOTEBOOK = ".ipynb"
SUFFIXES = (PYTHON, ".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".env", NOTEBOOK)
"""The endings of files that have addresses."""

_Values = Mapping[str, FlagValue]
"""New values, by the keys of their addresses."""


@dataclass(frozen=True, slots=True)
class _Format:
    read: Callable[[str], tuple[Address, ...]]
    rewrite: Callable[[str, _Values], str]


def has_addresses(name: str) -> bool:
    """Return whether the values of a file can be set, by its name."""
    return _suffix(name) in SUFFIXES


def is_environment_file(name: str) -> bool:
    """Return whether a file holds variables of the environment, and perhaps secrets among them."""
    return _suffix(name) == ".env"


def read_addresses(text: str, *, name: str) -> tuple[Address, ...]:
    """Return the values of a file, those that cannot be set with the reason.

    Args:
        text: The file.
        name: Its name, whose suffix says how to read it.

    Raises:
        FlagError: It cannot be read.
    """
    try:
        return _format(name).read(text)
    except FlagError as error:
        raise FlagError(f"{name}: {error}") from error


def read_text(path: Path) -> str:
    """Return the text of a file that has addresses; line ends stay as they are.

    Raises:
        ScriptError: It cannot be read.
    """
    if path.suffix == PYTHON:
        return read_source(path)
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise ScriptError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ScriptError(f"{str(path)!r} is not UTF-8 text") from error


def encode_text(text: str, *, path: Path) -> bytes:
    """Return a changed text of a file in its own encoding."""
    return encode_source(text, path=path) if path.suffix == PYTHON else text.encode()


def write_values(text: str, values: _Values, *, name: str) -> str:
    """Return the text of a file with new values; all else stays as it is.

    Args:
        text: The file.
        values: The new values by address, as ``optimizer.lr``, however it is typed.
        name: Its name.

    Raises:
        FlagError: A value cannot be written, or would not be read as what it is.
    """
    form = _format(name)
    before = {one.key: one for one in read_addresses(text, name=name)}
    new = {normalized(address): value for address, value in values.items()}
    for key in new:
        _check(before.get(key), key, name)
    try:
        written = form.rewrite(text, new)
        after = {one.key: one for one in form.read(written)}
    except FlagError as error:
        shown = ", ".join(f"{key} to {format_value(value)}" for key, value in new.items())
        raise FlagError(f"{name}: cannot set {shown}: {error}") from error
    _check_written(before, after, new, name)
    return written


def _check(address: Address | None, key: str, name: str) -> None:
    if address is None:
        raise FlagError(f"{name} has no value {key!r}")
    if address.reason:
        raise FlagError(f"{name}: {address.text} cannot be set: it {address.reason}")


def _check_written(
    before: Mapping[str, Address], after: Mapping[str, Address], new: _Values, name: str
) -> None:
    """Check that the new text has the new values, and the old ones everywhere else.

    Raises:
        FlagError: It has not: the layout is one that cannot be kept.
    """
    for key, value in new.items():
        if key not in after or not is_same(after[key].value, value):
            raise FlagError(
                f"{name}: {before[key].text} cannot be set to {format_value(value)} where it is "
                "written: it would be read as something else"
            )
    for key, old in before.items():
        is_changed = any(_is_within(key, one) or _is_within(one, key) for one in new)
        if not is_changed and (key not in after or not is_same(after[key].value, old.value)):
            raise FlagError(f"{name}: {', '.join(new)} cannot be set without a change of {key}")


def _is_within(key: str, other: str) -> bool:
    return f"{key}.".startswith(f"{other}.")


def _suffix(name: str) -> str:
    path = PurePath(name)
    return ".env" if path.name.lower().startswith(".env") else path.suffix.lower()


def _format(name: str) -> _Format:
    """Return how a file is read and written.

    Raises:
        FlagError: Its values cannot be set.
    """
    suffix = _suffix(name)
    if suffix not in SUFFIXES:
        raise FlagError(
            f"the values of {name} cannot be set: its name must end in {', '.join(SUFFIXES)}"
        )
    return _FORMATS[suffix]()


def _python() -> _Format:
    from tunesmith.addresses.python_values import read_python, rewrite_python

    return _Format(read_python, rewrite_python)


def _notebook() -> _Format:
    from tunesmith.addresses.notebook_values import read_notebook, rewrite_notebook

    return _Format(read_notebook, rewrite_notebook)


def _toml() -> _Format:
    from tunesmith.addresses.toml_values import read_toml, rewrite_toml

    def rewrite(text: str, values: _Values) -> str:
        parts = {one.key: one.parts for one in read_toml(text)}
        return rewrite_toml(text, {parts[key]: value for key, value in values.items()})

    return _Format(lambda text: without_repeated(read_toml(text)), rewrite)


def _spans(kind: str) -> Callable[[], _Format]:
    def make() -> _Format:
        from tunesmith.addresses import json_values, line_values, yaml_values
        from tunesmith.addresses.spans import rewrite_spans

        read, literal = {
            "yaml": (yaml_values.read_yaml, yaml_values.yaml_literal),
            "json": (json_values.read_json, json_values.json_literal),
            "ini": (line_values.read_ini, line_values.line_literal),
            "env": (line_values.read_env, line_values.line_literal),
        }[kind]
        return _Format(
            lambda text: without_repeated(one.address for one in read(text)),
            lambda text, values: rewrite_spans(text, read(text), values, literal),
        )

    return make


_FORMATS: dict[str, Callable[[], _Format]] = {
    PYTHON: _python,
    NOTEBOOK: _notebook,
    ".toml": _toml,
    ".yaml": _spans("yaml"),
    ".yml": _spans("yaml"),
    ".json": _spans("json"),
    ".ini": _spans("ini"),
    ".cfg": _spans("ini"),
    ".env": _spans("env"),
}
"""How each kind of file is read; imported only when such a file is."""
