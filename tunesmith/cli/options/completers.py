"""What can be typed next: runs, operations, scripts, and the flags of a script.

Every command refers to these functions, so this module imports the rest only to complete a word.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tunesmith.errors import TunesmithError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from tunesmith.flags.definition import ScriptFlags
    from tunesmith.trial import Run

_N_OFFERED = 50
"""How many runs are offered by their ids: the latest ones."""

_PERIODS = (
    "today",
    "yesterday",
    "last hour",
    "last 3 days",
    "this week",
    "2 hours ago",
    "after yesterday",
)

_PROGRAMS = (".py", ".ipynb", ".sh", ".bash", ".R", ".jl", ".yaml", ".yml")
_SKIPPED = frozenset({"__pycache__", "node_modules"})
"""Folders that hold no scripts of the user's."""


def complete_runs(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Return the short ids of the latest runs, and the operations, that match."""
    runs = _read_runs(ctx)
    words = [(run.id[:8], _describe(run)) for run in runs[:_N_OFFERED]]
    words += [(name, "all runs of it") for name in sorted({run.operation for run in runs})]
    return _items(words, incomplete)


def complete_operations(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Return the operations of the store that match."""
    names = sorted({run.operation for run in _read_runs(ctx)})
    return _items([(name, "") for name in names], incomplete)


def complete_batches(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Return the short ids of the latest batches, and their operations, that match."""
    batches = [run for run in _read_runs(ctx) if run.is_batch]
    words = [(run.id[:8], _describe(run)) for run in batches[:_N_OFFERED]]
    words += [(name, "the latest of it") for name in sorted({run.operation for run in batches})]
    return _items(words, incomplete)


def complete_columns(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Return the scalars and the flags of the latest runs that match."""
    runs = _read_runs(ctx)[:_N_OFFERED]
    scalars = sorted({name for run in runs for name in run.scalars})
    flags = sorted({name for run in runs for name in run.flags} - {*scalars})
    words = [*((name, "scalar") for name in scalars), *((name, "flag") for name in flags)]
    return _items(words, incomplete)


def complete_scalars(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Return the scalars of the latest runs that match."""
    return [one for one in complete_columns(ctx, param, incomplete) if one.help == "scalar"]


def complete_optimizers(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Return the optimizers that match, those of other packages too."""
    from tunesmith.plugins import registered
    from tunesmith.search.registry import AUTO, GROUP

    return _items([(AUTO, ""), *((name, "") for name in sorted(registered(GROUP)))], incomplete)


def complete_started(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Return examples of periods that match: there are many more."""
    return _items([(text, "") for text in _PERIODS], incomplete)


def complete_arguments(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Return the scripts, or after a script its flags as ``x=``, that match."""
    script = ctx.params.get("script")
    words = [(path, "") for path in _scripts(incomplete)] if not script else _flags(script)
    return _items(words, incomplete)


def _items(words: Iterable[tuple[str, str]], incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    return [CompletionItem(w, help=text or None) for w, text in words if w.startswith(incomplete)]


def _read_runs(ctx: click.Context) -> "list[Run]":
    """Return the runs of the store, newest first; none where it cannot be read."""
    from tunesmith.cli.console import chosen_home
    from tunesmith.cli.options.store import is_kept, open_store

    with suppress(TunesmithError):
        return [run for run in open_store(chosen_home(ctx)).list_runs().runs if is_kept(run)]
    return []


def _describe(run: "Run") -> str:
    from tunesmith.flags.display import format_flags
    from tunesmith.query.cells import one_line

    return one_line(f"{run.operation} {run.status} {format_flags(run.flags)}".rstrip())


def _scripts(incomplete: str) -> list[str]:
    """Return the programs, the sweep files and the folders of a folder."""
    folder, slash, start = incomplete.rpartition("/")
    found = []
    with suppress(OSError), os.scandir(f"{folder}{slash}" or ".") as entries:
        for entry in entries:
            is_hidden = entry.name.startswith(".") and not start.startswith(".")
            if entry.name in _SKIPPED or is_hidden:
                continue
            if entry.is_dir():
                found.append(f"{folder}{slash}{entry.name}/")
            elif entry.name.endswith(_PROGRAMS) or os.access(entry.path, os.X_OK):
                found.append(f"{folder}{slash}{entry.name}")
    return sorted(found)


def _flags(script: str) -> list[tuple[str, str]]:
    """Return the flags of a script as ``x=``, read from its text without running it."""
    from tunesmith.flags.display import format_value
    from tunesmith.script.notebook import NOTEBOOK, read_notebook_flags
    from tunesmith.script.shell_flags import is_shell_file, read_shell_flags
    from tunesmith.script.static_flags import read_without_running

    path = Path(script)
    with suppress(TunesmithError):
        found: ScriptFlags | None
        if path.suffix == NOTEBOOK:
            found = read_notebook_flags(path)
        elif is_shell_file(path):
            found = read_shell_flags(path)
        else:
            found = read_without_running(path)
        definitions = () if found is None else found.definitions
        return [(f"{flag.name}=", f"default {format_value(flag.default)}") for flag in definitions]
    return []
