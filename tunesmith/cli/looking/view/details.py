"""The details of the run under the cursor, beside the rows."""

from collections.abc import Mapping, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tunesmith.flags.display import format_value, shortened
from tunesmith.query.cells import format_clock, format_started, one_line
from tunesmith.trial import Run, short_id


def details_of(run: Run, output: Sequence[str]) -> Group:
    """Return the facts, scalars, flags and the last output of a run.

    Args:
        run: The run.
        output: The last lines of its output; empty for none, or if they are not read yet.
    """
    end = f"exit {run.exit_code}" if run.exit_code else ""
    facts = {
        "run": short_id(run.id),
        "trial": f"{run.number} of {short_id(run.batch)}" if run.is_trial else "",
        "status": ", ".join(filter(None, (str(run.status), end, run.reason))),
        "time": "" if run.seconds is None else format_clock(run.seconds),
        "started": format_started(run.started),
        "label": run.label,
        "tags": ", ".join(run.tags),
    }
    scalars = {tag: format_value(run.scalars[tag].last) for tag in sorted(run.scalars)}
    flags = {name: format_value(run.flags[name]) for name in sorted(run.flags)}
    parts: list[Table | Text] = [_grid(facts)]
    for title, texts in (("scalars", scalars), ("flags", flags)):
        parts += [Text(f"\n{title}", style="bold"), _grid(texts)] if texts else []
    if output:
        parts.append(Text("\nend of the output", style="bold"))
        parts += [Text(one_line(line)) for line in output]
    return Group(*parts)


def _grid(texts: Mapping[str, str]) -> Table:
    """Return names and texts in two columns; names without a text are left out."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", max_width=16)
    table.add_column(overflow="fold")
    for name, text in texts.items():
        if text:
            table.add_row(Text(one_line(name)), Text(one_line(shortened(text))))
    return table
