"""Stands in for ml_collections, whose configurations are code that has to run."""

from __future__ import annotations

import contextlib
import runpy
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import converters, values

configurations: dict[str, Any] = {}
"""The configurations that flags of absl stand for, by the names of the flags."""
_KINDS = {int: "int", float: "float", bool: "bool", str: "text"}


class ConfigDict(dict[str, Any]):
    """A dictionary whose items are attributes too."""

    def __init__(self, initial: Any = (), **_: Any) -> None:
        super().__init__()
        for name, value in dict(initial or ()).items():
            self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        is_plain = type(value) is dict
        super().__setitem__(name, ConfigDict(value) if is_plain else value)

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return value.get() if isinstance(value, FieldReference) else value

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        self.pop(name, None)

    def update(self, *others: Any, **more: Any) -> None:
        """Take over the items of others, of dictionaries in them too."""
        for other in (*others, more):
            for name, value in dict(other).items():
                known = self.get(name)
                if isinstance(known, ConfigDict) and isinstance(value, dict):
                    known.update(value)
                else:
                    self[name] = value

    def get_ref(self, name: str) -> FieldReference:
        """Return a reference to an item."""
        return FieldReference(self[name])

    def get_oneway_ref(self, name: str) -> FieldReference:
        """Return a reference to an item."""
        return self.get_ref(name)

    def lock(self) -> ConfigDict:
        """Return this."""
        return self

    unlock = copy_and_resolve_references = lock

    @contextlib.contextmanager
    def unlocked(self) -> Iterator[ConfigDict]:
        """Let items be added."""
        yield self

    def to_dict(self) -> dict[str, Any]:
        """Return the items as plain dictionaries."""
        items = {name: self[name] for name in self}
        return {
            name: one.to_dict() if isinstance(one, ConfigDict) else one
            for name, one in items.items()
        }


class FieldReference:
    """A value that several items share."""

    def __init__(self, value: Any = None, **_: Any) -> None:
        self._value = value

    def get(self) -> Any:
        """Return the value."""
        return self._value

    def set(self, value: Any) -> None:
        """Set the value."""
        self._value = value


def define_config_file(name: str, default: Any = None, help_string: str = "", **_: Any) -> Any:
    """Define a flag of absl for a file with a configuration."""
    from absl import flags

    if isinstance(default, str):
        path, _colon, argument = default.partition(":")
        if Path(path).is_file():
            make = runpy.run_path(path)["get_config"]
            configurations[name] = make(argument) if argument else make()
    return flags.DEFINE_string(name, default, help_string or "")


def define_config_dict(name: str, config: Any, help_string: str = "", **_: Any) -> Any:
    """Define a flag of absl for a configuration."""
    from absl import flags

    configurations[name] = config
    return flags.DEFINE_string(name, None, help_string or "")


def contents() -> dict[str, Any]:
    """Return what the library and each of its modules contains."""
    found: dict[str, Any] = {
        "ConfigDict": ConfigDict,
        "FrozenConfigDict": ConfigDict,
        "FieldReference": FieldReference,
        "placeholder": lambda *_, **__: None,
        "required_placeholder": lambda *_, **__: None,
        "create": lambda **items: ConfigDict(items),
        "DEFINE_config_file": define_config_file,
        "DEFINE_config_dict": define_config_dict,
    }
    inner = types.SimpleNamespace(**found)
    return {**found, "config_dict": inner, "config_flags": inner}


def overrides(one: Any) -> list[dict[str, Any]]:
    """Return a flag for each value of the configuration that a flag of absl stands for."""
    config = configurations.get(one.name, one.default)
    if not callable(getattr(config, "to_dict", None)):
        return []
    found = []
    for name, value in values.leaves(config.to_dict(), f"{one.name}."):
        kind = _KINDS.get(type(value), "any")
        more = {"option": f"--{name}", "type": kind, "aliases": [name.partition(".")[2]]}
        found.append(values.flag(name, value, converters.GUESSED, **more))
    return found
