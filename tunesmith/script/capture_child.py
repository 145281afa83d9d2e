"""Runs a script until it reads its command line, and writes its options to a file.

Run by path with the user's interpreter, which may not have Tunesmith: standard library only.
Arguments: the file to write, the script, and the seconds after which the process ends by itself,
if its parent is gone.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib.abc
import importlib.util
import json
import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPLIED = 86
"""The exit code of a run that wrote its options."""

CLICKS = ("click.core", "typer._click.core")
"""The modules with click's commands: typer has a copy of its own."""


def load(name: str) -> Any:
    """Return a module from the folder of this one."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"_tunesmith_{name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ASKING = load("converters_child")
OPTIONS = load("options_child")


class Patched(importlib.abc.Loader):
    """A loader that patches a module after its own loader has run it."""

    def __init__(self, loader: Any, change: Callable[[Any], None]) -> None:
        self._loader = loader
        self._change = change

    def create_module(self, spec: Any) -> Any:
        """Let the module's own loader create it."""
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Let the module's own loader run it, then patch it."""
        self._loader.exec_module(module)
        self._change(module)


class Watch(importlib.abc.MetaPathFinder):
    """A finder that patches a module when anything imports it."""

    def __init__(self, names: Any, change: Callable[[Any], None]) -> None:
        self._names = set(names)
        self._change = change

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Find the module with the other finders, and add the patch."""
        if name not in self._names:
            return None
        self._names.discard(name)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = Patched(spec.loader, self._change)
        return spec


def write(path: str, source: str, definitions: list[Any], subcommands: list[str]) -> None:
    """Write the options and end the process before the script does any work."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    reply = {
        "source": source,
        "definitions": [flag for flag in definitions if flag is not None],
        "subcommands": subcommands,
        "files": sorted({str(file) for file in files if file}),
    }
    Path(path).write_text(json.dumps(reply))
    sys.stdout.flush()
    os._exit(REPLIED)


def watch_argparse(path: str) -> None:
    """Have argparse write its options instead of reading the command line."""

    def dump(parser: Any, *_args: Any, **_keywords: Any) -> None:
        actions = list(parser._actions)
        groups = [one for one in actions if isinstance(one, argparse._SubParsersAction)]
        found = [OPTIONS.argparse_definition(parser, action, ASKING) for action in actions]
        write(path, "argparse", found, [name for group in groups for name in group.choices])

    # every way of reading ends there, and derived classes have added their options by then
    setattr(argparse.ArgumentParser, "_parse_known_args", dump)  # noqa: B010  # it has another type


def watch_click(path: str) -> None:
    """Have every copy of click write its options instead of reading the command line."""

    def dump(command: Any, *_args: Any, **_keywords: Any) -> None:
        options = [one for one in command.params if one.param_type_name == "option"]
        found = [OPTIONS.click_definition(command, option, ASKING) for option in options]
        write(path, "click", found, sorted(getattr(command, "commands", ())))

    def change(module: Any) -> None:
        owner = next(one for one in module.Command.__mro__ if "make_context" in vars(one))
        owner.make_context = dump

    for name in CLICKS:
        if name in sys.modules:
            change(sys.modules[name])
    sys.meta_path.insert(0, Watch(CLICKS, change))


def main() -> None:
    """Run the script that the arguments name."""
    path, script, limit_s = sys.argv[1:4]
    faulthandler.dump_traceback_later(float(limit_s), exit=True)
    watch_argparse(path)
    watch_click(path)
    sys.argv = [script]
    if not getattr(sys.flags, "safe_path", False):  # then the folder is not on the path
        sys.path[0] = str(Path(script).resolve().parent)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
