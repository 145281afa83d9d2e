"""The rows with the details of the run under the cursor, and the keys that change runs."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from tunesmith.cli.looking.view.changes import Change
from tunesmith.cli.looking.view.details import details_of
from tunesmith.cli.looking.view.grid import Grid
from tunesmith.cli.looking.view.keys import CHANGES
from tunesmith.cli.looking.view.run_feed import Source
from tunesmith.cli.looking.view.screens import AskScreen, ConfirmScreen
from tunesmith.cli.looking.view.sheet import Sheet
from tunesmith.errors import TunesmithError
from tunesmith.query.cells import count, one_line
from tunesmith.trial import Run, short_id

LEAST_WIDTH = 120
"""The columns of a terminal that has room for details."""
TAGS_HINT = "tags to add, and with a minus to remove: good -draft"


class Panel(Horizontal):
    """The rows, and beside them the details of one run."""

    DEFAULT_CSS = """
    Panel > #details { width: 34%; max-width: 60; height: 1fr; padding: 0 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(CHANGES)

    class RunsChanged(Message):
        """Runs were changed in the store."""

    def __init__(self, source: Source, sheet: Sheet) -> None:
        super().__init__()
        self._source = source
        self._sheet = sheet
        self._grid = Grid(sheet)
        self._is_wanted = True
        self._shown: Run | None = None

    def compose(self) -> ComposeResult:
        """Lay out the rows and the details."""
        yield self._grid
        yield Static("", id="details", markup=False)

    def on_resize(self) -> None:
        """Show details where there is room."""
        self.show_run()

    def show_run(self) -> None:
        """Show the details of the run under the cursor, and its output as soon as it is read."""
        run = self._grid.current_run
        details = self.query_one("#details", Static)
        details.display = self._is_wanted and self.size.width >= LEAST_WIDTH
        if details.display and run is not None and run != self._shown:
            self._shown = run
            details.update(details_of(run, ()))
            self._read_output(run)

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _read_output(self, run: Run) -> None:
        output = self._source.read_output(run)
        self.app.call_from_thread(self._take_output, run, output)

    def _take_output(self, run: Run, output: tuple[str, ...]) -> None:
        if run is self._shown and self.is_mounted:
            self.query_one("#details", Static).update(details_of(run, output))

    def action_details(self) -> None:
        """Show or hide the details."""
        if self.size.width < LEAST_WIDTH:
            self.notify(f"Details need {LEAST_WIDTH} columns: Enter opens the run")
            return
        self._is_wanted = not self._is_wanted
        self.show_run()

    def action_label(self) -> None:
        """Ask for the label of the chosen runs."""
        if runs := self._chosen():
            question = f"Label of {_named(runs)}:"
            known = {run.label for run in runs}
            value = known.pop() if len(known) == 1 else ""
            hint = "empty removes the label" if value else "a text"
            self._ask(Change.LABEL, runs, AskScreen(question, value=value, hint=hint))

    def action_tag(self) -> None:
        """Ask for tags of the chosen runs."""
        if runs := self._chosen():
            self._ask(Change.TAG, runs, AskScreen(f"Tags of {_named(runs)}:", hint=TAGS_HINT))

    def action_confirm(self, change: str) -> None:
        """Delete or stop the chosen runs, once that is confirmed."""
        if runs := self._chosen():

            def take(is_sure: bool | None) -> None:
                if is_sure:
                    self._apply(Change(change), runs, "")

            question = f"{change.capitalize()} {_named(runs)}?"
            self.app.push_screen(ConfirmScreen(question), take)

    def _ask(self, change: Change, runs: list[Run], asked: AskScreen) -> None:
        """Ask for a text; one that was not changed changes nothing."""

        def take(text: str | None) -> None:
            if text is not None and text.strip() != asked.value:
                self._apply(change, runs, text.strip())

        self.app.push_screen(asked, take)

    def _chosen(self) -> list[Run]:
        """Return the marked runs, or else the one under the cursor."""
        run = self._grid.current_run
        return self._sheet.marked_runs() or ([] if run is None else [run])

    @work(thread=True, exit_on_error=False)
    def _apply(self, change: Change, runs: list[Run], text: str) -> None:
        try:
            done, severity = self._source.change(change, runs, text), "information"
        except TunesmithError as error:
            done, severity = str(error), "error"
        self.app.call_from_thread(self.notify, one_line(done), severity=severity, markup=False)
        self.post_message(self.RunsChanged())


def _named(runs: list[Run]) -> str:
    return short_id(runs[0].id) if len(runs) == 1 else count(len(runs), "marked run")
