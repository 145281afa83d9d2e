"""All points of all scalars as a file for other programs."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tunesmith.errors import UsageError
from tunesmith.output_file import write_output_file
from tunesmith.query.csv_text import defuse
from tunesmith.storage.records.table_file import write_parquet
from tunesmith.storage.store import Store
from tunesmith.trial import Run, short_id

COLUMNS = ("run", "path", "tag", "step", "value")
Row = tuple[str, str, str, int, float]
"""Short id of the run, folder of the event file (empty for the run's folder), tag, step, value."""


def write_scalars(store: Store, runs: Sequence[Run], path: Path) -> int:
    """Write one row for each point, as CSV or Parquet by the file's suffix; return how many.

    Raises:
        UsageError: The suffix is neither ``.csv`` nor ``.parquet``.
        CorruptObjectError: The scalars of a batch are unreadable.
    """
    rows = list(_rows(store, runs))
    if path.suffix == ".parquet":
        write_parquet(path, dict(zip(COLUMNS, _columns(rows), strict=True)))
    elif path.suffix == ".csv":
        write_output_file(path, _to_csv(rows))
    else:
        raise UsageError(
            f"{path} has an unknown format: name a file that ends in .csv or .parquet"
        )
    return len(rows)


def _rows(store: Store, runs: Sequence[Run]) -> Iterator[Row]:
    """Yield the points batch by batch, so that each object of the store is read once."""
    ordered = sorted(runs, key=lambda run: (run.batch, run.number))
    for batch, members in groupby(ordered, key=lambda run: run.batch):
        its_runs = list(members)
        series = store.series_of(batch, [run.id for run in its_runs])
        for run in its_runs:
            for one in series[run.id]:
                path, _, tag = one.tag.rpartition("#")
                for step, value in zip(one.steps, one.values, strict=True):
                    yield short_id(run.id), path, tag, step, value


def _columns(rows: Sequence[Row]) -> list[list[str | int | float]]:
    return [[row[place] for row in rows] for place in range(len(COLUMNS))]


def _to_csv(rows: Sequence[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for run, path, tag, step, value in rows:
        writer.writerow([run, defuse(path), defuse(tag), step, repr(value)])
    return text.getvalue()
