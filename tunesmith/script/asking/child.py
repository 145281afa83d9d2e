"""Runs a script until it reads its command line, and writes its options to a file.

Run by path with the user's interpreter, which may not have Tunesmith: the modules beside it that
it loads import the standard library and each other only.
Arguments: the file to write, the script, the seconds after which the process ends by itself, if
its parent is gone, the name by which the script runs as a module; empty for others, and one of
``MODES`` if others stand in for modules that are not installed. Where nothing is written, modules
that are lacking are named in a file beside it.
"""

from __future__ import annotations

import faulthandler
import importlib.abc
import importlib.util
import json
import os
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

REPLIED = 86
"""The exit code of a run that wrote its options."""

LIBRARIES = (
    "hydra_child",
    "sacred_child",
    "fire_child",
    "tyro_child",
    "absl_child",
    "docopt_child",
    "omegaconf_child",
    "argparse_child",
    "click_child",
    "optparse_child",
    "getopt_child",
)
"""The modules beside this one that each know a library.

Their ``install(watch, reply)`` changes the library, once it is imported, so that what would read
the command line calls ``reply`` instead.
"""

MODES = ("libraries", "all")
"""What may be stood in for: only libraries, or packages of the project too if they are not on the
path. The second is tried where the first does not lead to the parser."""
MISSING = "-missing"
"""Ends the name of the file with the modules that are lacking."""
PACKAGE = "_tunesmith_asking"
"""The name of this folder in the script's process, in which nobody else imports it."""


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
    """A finder that patches modules when anything imports them."""

    def __init__(self) -> None:
        self._changes: dict[str, list[Callable[[Any], None]]] = {}

    def __call__(self, name: str, change: Callable[[Any], None]) -> None:
        """Have a function change a module as soon as it is imported.

        Args:
            name: The module's full name, as ``absl.app``.
            change: Called with the module, after it has run and before its importer goes on.
        """
        if name in sys.modules:
            change(sys.modules[name])
        else:
            self._changes.setdefault(name, []).append(change)

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Find the module with the other finders, and add the patches."""
        changes = self._changes.pop(name, [])
        if not changes:
            return None
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            for change in changes:
                spec.loader = Patched(spec.loader, change)
        return spec


class Reply:
    """Collects the answer, writes it, and ends the process before the script does any work."""

    def __init__(self, path: str, folder: str) -> None:
        self.folder = folder
        """The copy of the source, in which the program runs."""
        self.is_pending = False
        """Whether there is an answer that was not written yet."""
        self.is_standing_in = False
        """Whether others stand in for modules that are not installed."""
        self.clean: Callable[[dict[str, Any]], None] = lambda _: None
        """Takes out of an answer what is not known, before it is written."""
        self._path = path
        self._answer: dict[str, Any] = {}
        self._opened: set[str] = set()

    def __call__(self, source: str, definitions: Sequence[Any], **more: Any) -> None:
        """Write the flags and end the process; the arguments are those of ``add``."""
        self.add(source, definitions, **more)
        self.send()

    def add(
        self,
        source: str,
        definitions: Sequence[Mapping[str, Any] | None],
        *,
        unlisted: Sequence[Mapping[str, Any]] = (),
        subcommands: Mapping[str, Any] | Sequence[str] = (),
        runs_alone: bool = False,
        style: str = "--name value",
        found_by: str = "",
    ) -> None:
        """Note the flags, which are written by ``send``; options of earlier ones remain.

        Args:
            source: A value of ``FlagSource``.
            definitions: The flags, each as the fields of a ``FlagDefinition``; None is left out.
            unlisted: Flags that can be set but are not listed.
            subcommands: The answer for each subcommand by its name, or the names alone.
            runs_alone: Whether the program runs without a subcommand.
            style: A value of ``FlagStyle``.
            found_by: How they were found, in words that follow "found".
        """
        found = [dict(flag) for flag in definitions if flag is not None]
        names = {flag["name"] for flag in found}
        earlier = self._answer.get("definitions", ())
        found += [one for one in earlier if one["name"] not in names and not one.get("position")]
        self._answer = {
            "source": source,
            "definitions": found,
            "unlisted": list(unlisted),
            "subcommands": subcommands,
            "runs_alone": runs_alone,
            "style": style,
            "found_by": found_by,
        }
        self.is_pending = True

    def note(self, event: str, arguments: Any) -> None:
        """Note the files that are read, as a hook for audits."""
        if event == "open" and isinstance(arguments[0], str) and arguments[1] in ("r", "rb"):
            self._opened.add(os.path.abspath(arguments[0]))  # noqa: PTH100  # no file is touched

    def send(self) -> None:
        """Write the answer and end the process."""
        self.is_pending = False
        self.clean(self._answer)
        contents = [getattr(module, "__dict__", {}) for module in list(sys.modules.values())]
        files = [one.get("__file__") for one in contents]  # a lazy module is imported if asked
        self._answer["files"] = sorted({str(file) for file in files if is_of_user(file)})
        self._answer["opened"] = sorted(filter(is_of_user, self._opened))
        Path(self._path).write_text(json.dumps(self._answer))
        sys.stdout.flush()
        os._exit(REPLIED)


def is_of_user(file: Any) -> bool:
    """Return whether a file is neither of Python or its packages nor of the system."""
    apart = (str(Path(os.__file__).parent), str(Path(__file__).parent), "/proc", "/sys", "/dev")
    return (
        isinstance(file, str)
        and "site-packages" not in file
        and "dist-packages" not in file
        and not file.endswith(".pyc")
        and not file.startswith(apart)
    )


def load(name: str) -> Any:
    """Return a module from the folder of this one."""
    if PACKAGE not in sys.modules:
        folder = Path(__file__).parent
        spec = importlib.util.spec_from_file_location(
            PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(name)
        sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[PACKAGE])
    return importlib.import_module(f"{PACKAGE}.{name}")


def main() -> None:
    """Run the script that the arguments name."""
    path, script, limit_s, module, standing_in = sys.argv[1:6]
    faulthandler.dump_traceback_later(float(limit_s), exit=True)
    watch, reply = Watch(), Reply(path, str(Path.cwd()))
    sys.addaudithook(reply.note)
    for name in LIBRARIES:
        load(name).install(watch, reply)
    sys.meta_path.insert(0, watch)
    missing = load("missing_modules")
    replies = (path, path + MISSING)
    has_own = standing_in == MODES[0]
    finder = missing.install(
        script, replies, is_standing_in=bool(standing_in), imports_own=has_own
    )
    if standing_in:
        reply.is_standing_in = True
        reply.clean = finder.complete
    sys.argv = [script]
    if not getattr(sys.flags, "safe_path", False):  # then the folder is not on the path
        n_above = module.count(".")
        sys.path[0] = str(Path(script).resolve().parents[n_above])
    try:
        if module:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(script, run_name="__main__")
    finally:
        if reply.is_pending:
            reply.send()
        missing.write_missing(path + MISSING, finder.missing)


if __name__ == "__main__":
    main()
