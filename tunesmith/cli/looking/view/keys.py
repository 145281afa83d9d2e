"""The keys of the live view, and the help page that lists them."""

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
    Binding("u", "unchanged", "Unchanged"),
    Binding("r", "refresh", "Refresh", show=False),
    Binding("e", "export", "Export"),
    Binding("y", "command", "Command"),
    Binding("escape", "clear_filter", "Clear filter", show=False),
    Binding("q,ctrl+c", "quit", "Quit", key_display="q"),
)
"""The keys of the application; those that move the cursor belong to the grid."""

HELP = """\
Move
  ↑ ↓ ← →  or  k j h l     one row or column
  PgUp PgDn                one screen
  g  G                     first row, last row
  Home End                 first column, last column

Sort by the column under the cursor
  1  or  s                 lowest first
  2  or  S                 highest first
  a                        original order
  click a heading          lowest first; click again for highest first

Filter
  /                        show only rows that match an expression such as  loss < 0.5 and x > 0,
                           or that contain a text; Esc shows all rows
  n  p                     next and previous match, if a filter is set

Inspect
  Enter  or double-click   open the run: flags, scalars, curve, end of its output
  Space                    mark or unmark the run
  d                        show how the marked runs differ
  u                        hide or show columns with the same value in all rows
  p  or  P                 plot the objective against the column under the cursor

Export
  e                        write these rows to a CSV file
  y                        copy the command that repeats this run

  r                        refresh now; the view also refreshes itself
  ?  or  F1                show this page
  q                        quit
"""
