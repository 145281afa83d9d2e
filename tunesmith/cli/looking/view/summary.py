"""The line above the grid: the number of rows, their order, and the filter."""

from tunesmith.cli.looking.view.sheet import Sheet
from tunesmith.query.cells import count, one_line
from tunesmith.trial import TrialStatus


def summary_of(sheet: Sheet, *, row: int, has_best: bool = False) -> str:
    """Return the text of the line.

    Args:
        sheet: The sheet that is shown.
        row: The row of the cursor, from 0.
        has_best: Whether the best runs of their batches stand out.
    """
    parts = [count(len(sheet.runs), "run")]
    if len(sheet.rows) < len(sheet.runs):
        parts = [f"{len(sheet.rows)} of {parts[0]}"]
    if sheet.rows:
        parts.append(f"row {row + 1}")
    if has_best:
        parts.append("* best of its batch")
    if sheet.order is not None:
        parts.append(f"by {sheet.order.column.header} {sheet.order.arrow}")
    if sheet.filter is not None:
        parts.append(f"filter: {sheet.filter.text}")
    if sheet.marked:
        parts.append(f"{len(sheet.marked)} marked")
    n_running = sum(run.status is TrialStatus.RUNNING for run in sheet.runs)
    if n_running:
        parts.append(f"{n_running} running")
    return one_line("  ".join(parts))
