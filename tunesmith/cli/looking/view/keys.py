"""The keys of the live view, and the help page that lists them."""

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.binding import Binding

BINDINGS = (
    Binding("question_mark,f1", "help", "Help", key_display="?"),
    Binding("enter", "open_run", "Open"),
    Binding("1,s", "sort(False)", "Sort ▲", key_display="1"),
    Binding("2,S", "sort(True)", "Sort ▼", key_display="2"),
    Binding("a", "unsort", "Unsort", show=False),
    Binding("slash", "filter", "Filter", key_display="/"),
    Binding("n", "match(1)", "Next", show=False),
    Binding("p", "match_or_plot", "Plot"),
    Binding("P", "plot", "Plot", show=False),
    Binding("space", "mark", "Mark"),
    Binding("d", "difference", "Diff"),
    Binding("u", "unchanged", "All columns"),
    Binding("r", "refresh", "Refresh", show=False),
    Binding("e", "export", "Export"),
    Binding("y", "command", "Command"),
    Binding("escape", "clear_filter", "Clear filter", show=False),
    Binding("q,ctrl+c", "quit", "Quit", key_display="q"),
)
"""The keys of the application; those that move the cursor belong to the grid."""

CHANGES = (
    Binding("i", "details", "Details", show=False),
    Binding("L", "label", "Label", show=False),
    Binding("t", "tag", "Tag", show=False),
    Binding("D", "confirm('delete')", "Delete", show=False),
    Binding("x", "confirm('stop')", "Stop", show=False),
)
"""The keys of the rows with their details."""

HELP = (
    (
        "Move",
        (
            ("↑ ↓ ← →  or  k j h l", "one row or column"),
            ("PgUp PgDn", "one screen"),
            ("g  G", "first row, last row"),
            ("Home End", "first column, last column"),
        ),
    ),
    (
        "Sort by the column under the cursor",
        (
            ("1  or  s", "lowest first"),
            ("2  or  S", "highest first"),
            ("a", "original order"),
            ("click a heading", "lowest first; click again for highest first"),
        ),
    ),
    (
        "Filter",
        (
            (
                "/",
                "show only rows that match an expression such as  loss < 0.5 and x > 0,  "
                "or that contain a text; Esc shows all rows",
            ),
            ("n  p", "next and previous match, if a filter is set"),
        ),
    ),
    (
        "Inspect",
        (
            ("Enter  or double-click", "open the run: flags, scalars, curve, end of its output"),
            ("i", "show or hide the details of the run beside the rows"),
            ("u", "show or hide columns that are empty or have one value"),
            ("Space", "mark or unmark the run"),
            ("d", "show how the marked runs differ"),
            (
                "p  or  P",
                "plot the objective against the column under the cursor; the objective by trial",
            ),
        ),
    ),
    (
        "Change the marked runs, or the run under the cursor",
        (
            ("L", "set their label"),
            ("t", "add or remove tags"),
            ("D", "delete them; asks first"),
            ("x", "stop those that are running; asks first"),
        ),
    ),
    (
        "Export",
        (
            ("e", "write these rows, with all columns, to a CSV file"),
            ("y", "copy the command that repeats this run"),
        ),
    ),
    (
        "Other keys",
        (
            ("r", "refresh now; the view also refreshes itself"),
            ("?  or  F1", "show this page"),
            ("q", "quit"),
        ),
    ),
)
"""The keys and what they do, by section."""


def help_page() -> Group:
    """Return the page of keys, whose texts keep their column where they are wrapped."""
    parts: list[Text | Table] = []
    for title, rows in HELP:
        table = Table.grid(padding=(0, 2, 0, 2))
        table.add_column(width=22, no_wrap=True)
        table.add_column()
        for keys, text in rows:
            table.add_row(keys, text)
        parts += [Text(title, style="bold"), table, Text()]
    return Group(*parts)
