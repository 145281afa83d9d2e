"""``tunesmith diff``: how two runs differ, in flags and results, output, source or a file."""

import difflib
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from tunesmith.cli import console
from tunesmith.cli.looking.run_files import file_of, folder_of, output_of
from tunesmith.cli.options.chosen_runs import choose_runs
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.text.rendering import render_columns
from tunesmith.errors import TunesmithError, UsageError
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.cells import one_line
from tunesmith.query.csv_text import table_to_plain
from tunesmith.query.difference import difference
from tunesmith.query.table import build_table
from tunesmith.storage.store import Store
from tunesmith.trial import Run, short_id

Pair = tuple[Run, Run]
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the differences")
@click.option("--output", "is_output", is_flag=True, help="Compare their output.")
@click.option("--source", "is_source", is_flag=True, help="Compare their source code.")
@click.option("--path", metavar="FILE", help="Compare this file of the runs' folders.")
def diff(*, choice: Choice, is_output: bool, is_source: bool, path: str | None) -> int:
    """Show how two runs differ; the two latest runs unless two are named.

    By default their attributes, flags and scalars are compared.
    """
    if sum([is_output, is_source, path is not None]) > 1:
        raise UsageError("--output, --source and --path exclude each other: choose one")
    store = open_store(choice.home)
    pair = _pair(read_runs(store), choice)
    if is_output:
        lines = list(_unified(pair, "output", *(output_of(store, run) for run in pair)))
    elif path is not None:
        files = [file_of(folder_of(store, run), path) for run in pair]
        if not all(file.is_file() for file in files):
            raise UsageError(f"{path} is not a file in both folders: name a file that both have")
        lines = list(_unified(pair, path, *files))
    elif is_source:
        lines = list(_source(store, pair))
    elif console.wants_json():
        table = build_table(ListedRuns(pair), is_unchanged_skipped=True)
        console.answer_json(table_to_plain(table))
        return 0
    else:
        lines = _table(pair)
    if console.wants_json():
        console.answer_json({"lines": lines})
        return 0
    for line in lines:
        console.answer(console.paint(line, _STYLES.get(line[:1], "")))
    if not lines:
        console.say(f"{short_id(pair[0].id)} and {short_id(pair[1].id)} do not differ in this")
    return 0


def _pair(every: Sequence[Run], choice: Choice) -> Pair:
    """Return the two runs, the older one first unless they were named.

    Raises:
        UsageError: There are not two.
    """
    chosen = [run for run in choose_runs(every, choice) if not run.is_batch]
    if choice.texts and len(chosen) == 2:
        return chosen[0], chosen[1]
    if choice.texts or len(chosen) < 2:
        raise UsageError(
            f"expected two runs, and got {len(chosen)}: name two that are not batches"
        )
    return chosen[1], chosen[0]


def _table(pair: Pair) -> list[str]:
    rows = [[name, *texts] for name, texts in difference(pair)]
    heading = ["", *(short_id(run.id) for run in pair)]
    return render_columns([heading, *rows]).split("\n") if rows else []


def _source(store: Store, pair: Pair) -> Iterator[str]:
    first, second = (store.source.folder(run.source_digest) for run in pair)
    if first == second:
        return
    names = {
        path.relative_to(folder).as_posix()
        for folder in (first, second)
        for path in folder.rglob("*")
        if path.is_file()
    }
    for name in sorted(names):
        yield from _unified(pair, name, first / name, second / name)


def _unified(pair: Pair, name: str, first: Path, second: Path) -> Iterator[str]:
    """Yield the lines of a unified diff; a missing file counts as empty."""
    before, after = _read(first), _read(second)
    if before == after:
        return
    if b"\0" in before + after:
        yield f"{one_line(name)}: binary files differ"
        return
    old_name, new_name = (f"{short_id(run.id)}/{one_line(name)}" for run in pair)
    for line in difflib.unified_diff(_lines(before), _lines(after), old_name, new_name):
        yield _shown(line.removesuffix("\n"))
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _lines(data: bytes) -> list[str]:
    """Return the lines with their ends; only a line feed ends one, as in other diffs."""
    return io.StringIO(data.decode(errors="backslashreplace"), newline="\n").readlines()


def _shown(line: str) -> str:
    """Return the line unchanged, for a patch; on a terminal with control characters escaped."""
    if not sys.stdout.isatty():
        return line
    return "\t".join(one_line(part) for part in line.split("\t"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise TunesmithError(f"{path} cannot be read: {error.strerror or error}") from error
