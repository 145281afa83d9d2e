"""The application: what each key does, and the rereading of the runs while it is open."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Footer, Static

from tunesmith.cli.looking.view.grid import Grid
from tunesmith.cli.looking.view.keys import BINDINGS, help_page
from tunesmith.cli.looking.view.panel import Panel
from tunesmith.cli.looking.view.run_feed import Source
from tunesmith.cli.looking.view.scatter import plot_of
from tunesmith.cli.looking.view.screens import AskScreen, ChartScreen, RunScreen, TextScreen
from tunesmith.cli.looking.view.sheet import Order, Sheet
from tunesmith.cli.looking.view.summary import summary_of
from tunesmith.cli.text.rendering import clip, render_columns
from tunesmith.errors import TunesmithError
from tunesmith.output_file import write_output_file
from tunesmith.query.cells import count, one_line
from tunesmith.query.csv_text import table_to_csv
from tunesmith.query.difference import difference
from tunesmith.trial import Run, short_id

REFRESH_S = 1.0
"""Seconds between two reads of the store, if reading is fast."""
REST_FACTOR = 10
"""The pause between two reads is at least this many times as long as a read took."""
FILTER_HINT = "an expression such as loss < 0.5 and x in [1,2], or any text; empty shows all rows"


def show(source: Source, sheet: Sheet) -> None:
    """Show a sheet on the terminal until the user quits."""
    CompareApp(source, sheet).run()


class CompareApp(App[None]):
    """The comparison of runs."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "tunesmith compare"
    CSS = """
    #summary { height: 1; background: $primary-muted; color: $foreground; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(BINDINGS)

    def __init__(self, source: Source, sheet: Sheet) -> None:
        super().__init__()
        self._source = source
        self._sheet = sheet
        self._is_reading = False

    @property
    def grid(self) -> Grid:
        """The grid."""
        return self.screen_stack[0].query_one(Grid)

    def compose(self) -> ComposeResult:
        """Lay out the summary line, the rows and the keys."""
        yield Static("", id="summary", markup=False)
        yield Panel(self._source, self._sheet)
        yield Footer()

    def on_mount(self) -> None:
        """Start reading the store."""
        self.grid.focus()
        self._show_sheet()
        self.set_timer(0.05, self._read)

    def on_grid_header_clicked(self) -> None:
        """Sort by the column that was clicked; a second click reverses the order."""
        order = self._sheet.order
        column = self._sheet.columns[self.grid.column]
        is_again = order is not None and order.column == column
        self.action_sort(is_again and not (order and order.is_descending))

    def on_grid_row_opened(self) -> None:
        """Open the run that was double-clicked."""
        self.action_open_run()

    def on_grid_cursor_moved(self) -> None:
        """Show the position of the cursor."""
        self._summarize()

    def on_panel_runs_changed(self) -> None:
        """Show what was changed."""
        self._read()

    def action_sort(self, is_descending: bool) -> None:
        """Sort by the column under the cursor."""
        if self._sheet.columns:
            column = self._sheet.columns[self.grid.column]
            self._sheet.sort(Order(column=column, is_descending=is_descending))
            self._show_sheet()

    def action_unsort(self) -> None:
        """Show the rows in their original order."""
        self._sheet.sort(None)
        self._show_sheet()

    def action_filter(self) -> None:
        """Ask which rows to show."""
        wanted = self._sheet.filter
        value = "" if wanted is None else wanted.text
        self.push_screen(AskScreen("Filter:", value=value, hint=FILTER_HINT), self._filter)

    def action_clear_filter(self) -> None:
        """Show all rows."""
        self._filter("")

    def action_match(self, step: int) -> None:
        """Go to the next or the previous match of the filter."""
        if self._sheet.filter is None:
            self.notify("No filter is set: press / to enter one")
            return
        place = self._sheet.next_match(self.grid.row, self.grid.column, step=step)
        if place is not None:
            self.grid.go_to(*place)

    def action_match_or_plot(self) -> None:
        """Go to the previous match if a filter is set; else plot the current column."""
        if self._sheet.filter is not None:
            self.action_match(-1)
        else:
            self.action_plot()

    def action_mark(self) -> None:
        """Mark the run under the cursor, and move to the next one."""
        run = self.grid.current_run
        if run is not None:
            self._sheet.toggle_mark(run)
            self.grid.action_move(1, 0)
            self._summarize()

    def action_difference(self) -> None:
        """Show how the marked runs differ."""
        runs = self._sheet.marked_runs()
        if len(runs) < 2:
            self.notify("Mark at least two runs with Space: d shows how they differ")
            return
        found = difference(runs)
        if not found:
            self.push_screen(TextScreen("Difference", "The marked runs do not differ."))
            return
        heading = ["", *(short_id(run.id) for run in runs)]
        table = render_columns([heading, *([name, *texts] for name, texts in found)])
        self.push_screen(TextScreen(f"Differences between {count(len(runs), 'run')}", table))

    def action_unchanged(self) -> None:
        """Hide or show the columns that are empty or have one value."""
        self._sheet.toggle_unchanged()
        self._show_sheet()

    def action_plot(self) -> None:
        """Plot the objective against the column under the cursor; the objective by trial."""
        run = self.grid.current_run
        if run is None:
            return
        column = self._sheet.columns[self.grid.column]
        objective = self._source.objective_of(run)
        scatter = plot_of(self._sheet.rows, run, column, objective)
        if not scatter.points:
            self.notify(f"No run has both {column.header} and {objective.column}")
            return
        self.push_screen(ChartScreen(scatter.title, scatter.draw))

    def action_open_run(self) -> None:
        """Open the run under the cursor."""
        run = self.grid.current_run
        if run is not None:
            self.push_screen(RunScreen(self._source, run, self._find))

    def action_refresh(self) -> None:
        """Reread the store at once."""
        self._read()

    def action_export(self) -> None:
        """Ask for a file, and write the shown rows and columns to it as CSV."""
        self.push_screen(
            AskScreen("Write these rows to:", value=_unused_name(), hint="a CSV file"),
            self._export,
        )

    def action_command(self) -> None:
        """Show the command that repeats this run, and copy it to the clipboard."""
        run = self.grid.current_run
        if run is None:
            return
        command = self._source.command_of(run)
        self.copy_to_clipboard(command)
        text = f"{one_line(command)}\n\nCopied to the clipboard, if the terminal allows it."
        if run.command:
            text += f"\n\nThe command of the script:\n\n{one_line(run.command)}"
        self.push_screen(TextScreen("Command that repeats this run", text))

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(TextScreen("Keys", help_page()))

    def _filter(self, text: str | None) -> None:
        if text is None:
            return
        self._sheet.filter_rows(text)
        wanted = self._sheet.filter
        if wanted is not None and not self._sheet.rows:
            why = f"; as an expression: {wanted.mistake}" if wanted.mistake else ""
            self.notify(f"No row matches {one_line(wanted.text)!r}{why}", severity="warning")
        self._show_sheet()
        if wanted is not None and wanted.expression is None and self._sheet.rows:
            self.grid.go_to(self.grid.row, 0)
            if not self._sheet.is_match(self.grid.row, self.grid.column):
                self.action_match(1)

    def _export(self, name: str | None) -> None:
        if not name:
            return
        path = Path(name).expanduser()
        if path.exists():
            self.notify(f"{path} already exists: name another file", severity="error")
            return
        try:
            write_output_file(path, table_to_csv(self._sheet.to_table()))
        except TunesmithError as error:
            self.notify(one_line(str(error)), severity="error")
            return
        self.notify(f"Wrote {len(self._sheet.rows)} row(s) to {path}")

    def _find(self, run_id: str) -> Run | None:
        return next((run for run in self._sheet.runs if run.id == run_id), None)

    def _show_sheet(self) -> None:
        """Show the sheet after a change of its order, filter or columns."""
        self.grid.best_ids = self._source.best_ids(self._sheet.runs)
        self.grid.show_sheet()
        self._summarize()

    def _summarize(self) -> None:
        text = summary_of(self._sheet, row=self.grid.row, has_best=bool(self.grid.best_ids))
        self.screen_stack[0].query_one("#summary", Static).update(
            Text(clip(f" {text}", max(10, self.size.width)))
        )
        self.screen_stack[0].query_one(Panel).show_run()

    def _read(self) -> None:
        if not self._is_reading:
            self._is_reading = True
            self._read_store()

    @work(thread=True, exit_on_error=False)
    def _read_store(self) -> None:
        """Read the store in a thread, and pass new runs to the application."""
        began = time.monotonic()
        try:
            runs = self._source.read_runs()
        except TunesmithError:  # a store that is unreadable now may be readable later
            runs = None
        is_new = runs is not None and runs != self._sheet.runs
        took = time.monotonic() - began
        self.call_from_thread(self._take, runs if is_new else None, took)

    def _take(self, runs: list[Run] | None, took: float) -> None:
        self._is_reading = False
        if runs is not None:
            current = self.grid.current_run if self.grid.has_moved else None
            self._sheet.replace_runs(runs)
            self.grid.best_ids = self._source.best_ids(self._sheet.runs)
            self.grid.show_sheet(cursor=current)
            self._summarize()
        self.set_timer(max(REFRESH_S, REST_FACTOR * took), self._read)


def _unused_name(exists: Callable[[Path], bool] = Path.exists) -> str:
    """Return a name for a CSV file that does not exist yet."""
    number = 1
    while exists(Path(name := "compare.csv" if number == 1 else f"compare-{number}.csv")):
        number += 1
    return name
