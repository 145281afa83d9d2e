"""The differences between runs."""

from collections.abc import Sequence

from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.cells import cell_text, one_line
from tunesmith.query.columns import Column, ColumnKind, read_column
from tunesmith.query.table import default_columns, varies
from tunesmith.trial import Run

_SOURCECODE = Column(kind=ColumnKind.ATTRIBUTE, name="sourcecode")


def difference(runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    """Return the columns in which runs differ: the heading, and each run's value for display."""
    columns = [
        one for one in (*default_columns(ListedRuns(runs)), _SOURCECODE) if one.name != "run"
    ]
    return [
        (column.header, [one_line(cell_text(column, read_column(column, run))) for run in runs])
        for column in columns
        if varies(column, (read_column(column, run) for run in runs))
    ]
