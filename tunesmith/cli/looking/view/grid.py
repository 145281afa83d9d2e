"""The grid: a sheet on the screen, of which only the visible lines are rendered.

Textual's own table builds every row before the first paint, which takes 30 s for 100,000 rows.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tunesmith.cli.looking.view.sheet import Sheet
from tunesmith.cli.text.rendering import GAP, display_width, fit
from tunesmith.query.columns import Column, ColumnKind
from tunesmith.trial import Run, TrialStatus

MAX_WIDTH = 32
"""The greatest width of a column on the screen; the page of a run shows values in full."""
N_MEASURED = 200
"""How many rows are measured for the initial width of the columns."""
_MARK_WIDTH = 2
_HEADER_LINES = 1
_STATUS_COMPONENTS = {
    TrialStatus.COMPLETED: "grid--completed",
    TrialStatus.ERROR: "grid--failed",
    TrialStatus.TERMINATED: "grid--failed",
    TrialStatus.RUNNING: "grid--running",
    TrialStatus.PENDING: "grid--pending",
    TrialStatus.PRUNED: "grid--pruned",
}


class Grid(ScrollView, can_focus=True):
    """Rows and columns with a cursor on one cell."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "grid--header",
        "grid--header-cursor",
        "grid--cursor",
        "grid--cell",
        "grid--match",
        "grid--best",
        *_STATUS_COMPONENTS.values(),
    }
    DEFAULT_CSS = """
    Grid { height: 1fr;
        & > .grid--header { text-style: bold; background: $panel; color: $foreground; }
        & > .grid--header-cursor { text-style: bold reverse; background: $panel; }
        & > .grid--cursor { background: $primary-muted; color: $foreground; }
        & > .grid--cell { text-style: reverse; }
        & > .grid--match { background: $warning-muted; color: $text-warning; }
        & > .grid--best { color: $text-success; text-style: bold; }
        & > .grid--completed { color: $text-success; }
        & > .grid--failed { color: $text-error; }
        & > .grid--running { color: $text-accent; }
        & > .grid--pending { color: $text-muted; }
        & > .grid--pruned { color: $text-warning; }
    }
    """
    # on the widget, since a scrolling view takes the arrow keys before its application
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1, 0)", "Up", show=False),
        Binding("down,j", "move(1, 0)", "Down", show=False),
        Binding("left,h", "move(0, -1)", "Left", show=False),
        Binding("right,l", "move(0, 1)", "Right", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("g", "go_row(0)", "First row", show=False),
        Binding("G", "go_row(-1)", "Last row", show=False),
        Binding("home", "go_column(0)", "First column", show=False),
        Binding("end", "go_column(-1)", "Last column", show=False),
    ]

    class HeaderClicked(Message):
        """A column's heading was clicked."""

    class RowOpened(Message):
        """A row was double-clicked."""

    class CursorMoved(Message):
        """The cursor has moved."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet
        self.row = 0
        self.column = 0
        self.has_moved = False
        """Whether the cursor has been moved: until then it stays on the first row."""
        self.best_ids: frozenset[str] = frozenset()
        """The runs whose rows are highlighted."""
        self._widths: list[int] = []
        self._rights: list[bool] = []
        """Whether each column shows numbers, which are aligned to the right."""
        self._current: Column | None = None
        """The column of the cursor, which stays on it when others appear or are hidden."""

    @property
    def current_run(self) -> Run | None:
        """The run under the cursor; None if there are no rows."""
        return self.sheet.rows[self.row] if self.row < len(self.sheet.rows) else None

    def on_mount(self) -> None:
        """Measure the columns."""
        self.show_sheet()

    def show_sheet(self, *, cursor: Run | None = None) -> None:
        """Show the current sheet, with the cursor on the same line of the screen as before.

        Args:
            cursor: The run that the cursor stays on; None to keep the number of its row.
        """
        top = round(self.scroll_offset.y)
        line = self.row - top
        row = None if cursor is None else self.sheet.row_of(cursor.id)
        n_rows, n_columns = len(self.sheet.rows), len(self.sheet.columns)
        self.row = max(0, min(n_rows - 1, self.row if row is None else row))
        if self._current in self.sheet.columns:
            self.column = self.sheet.columns.index(self._current)
        self.column = max(0, min(n_columns - 1, self.column))
        self._widths, sample = [], _spread(n_rows, N_MEASURED)
        self._rights = [self.sheet.is_numeric(place, sample) for place in range(n_columns)]
        self._measure(sample)
        # what is at the top stays in sight while the cursor can move down with its run
        self.scroll_to(y=max(0, self.row - line) if top else 0, animate=False, immediate=True)
        self._follow()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one visible line: the headings, or a row."""
        if not self.sheet.columns:
            return Strip.blank(self.size.width, self.rich_style)
        if y < _HEADER_LINES:
            return self._lay_out(
                list(self._header_cells()), mark="  ", filler=self._style("grid--header")
            )
        row = round(self.scroll_offset.y) + y - _HEADER_LINES
        if row >= len(self.sheet.rows):
            return Strip.blank(self.size.width, self.rich_style)
        run = self.sheet.rows[row]
        mark = ("●" if run.id in self.sheet.marked else " ") + " *"[run.id in self.best_ids]
        filler = self._style("grid--cursor") if row == self.row else self.rich_style
        return self._lay_out(list(self._row_cells(row)), mark=mark, filler=filler)

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        self.go_to(self.row + rows, self.column + columns)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a number of screens."""
        self.go_to(self.row + pages * max(1, self.size.height - 2), self.column)

    def action_go_row(self, row: int) -> None:
        """Move the cursor to the first row, or the last for -1."""
        self.go_to(row if row >= 0 else len(self.sheet.rows) - 1, self.column)

    def action_go_column(self, column: int) -> None:
        """Move the cursor to the first column, or the last for -1."""
        self.go_to(self.row, column if column >= 0 else len(self.sheet.columns) - 1)

    def go_to(self, row: int, column: int) -> None:
        """Move the cursor to a cell, or to the nearest one that exists."""
        self.row = max(0, min(len(self.sheet.rows) - 1, row))
        self.column = max(0, min(len(self.sheet.columns) - 1, column))
        self._current = self.sheet.columns[self.column] if self.sheet.columns else None
        self.has_moved = True
        self._follow()
        self.refresh()
        self.post_message(self.CursorMoved())

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the cell that was clicked."""
        column = self._column_at(event.x)
        if event.y < _HEADER_LINES:
            self.go_to(self.row, column)
            self.post_message(self.HeaderClicked())
            return
        row = round(self.scroll_offset.y) + event.y - _HEADER_LINES
        if row < len(self.sheet.rows):
            self.go_to(row, column)
            if event.chain == 2:
                self.post_message(self.RowOpened())

    def on_resize(self) -> None:
        """Keep the cursor visible."""
        self._follow()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Measure the rows that become visible."""
        super().watch_scroll_y(old_value, new_value)
        first = round(new_value)
        self._measure(range(first, min(len(self.sheet.rows), first + self.size.height)))

    def _measure(self, rows: Iterable[int]) -> None:
        """Widen the columns to fit the cells of some rows."""
        widths = self._widths or [display_width(header) for header in self.sheet.headers]
        if not widths:
            self.virtual_size = Size(0, 0)
            return
        for row in rows:
            for column, width in enumerate(widths):
                if width < MAX_WIDTH:
                    widths[column] = max(width, display_width(self.sheet.text(row, column)))
        self._widths = [min(width, MAX_WIDTH) for width in widths]
        total = _MARK_WIDTH + sum(self._widths) + len(GAP) * (len(widths) - 1)
        self.virtual_size = Size(total, len(self.sheet.rows) + _HEADER_LINES)

    def _follow(self) -> None:
        """Scroll until the cursor is visible; the first column and the headings always are."""
        if not self._widths or not self.size.height:
            return
        height = max(1, self.size.height - _HEADER_LINES)
        frozen = self._frozen_width
        left = self._lefts[self.column]
        # the cursor has no room where the headings and the first column are
        target = Region(
            max(0, left - frozen) if self.column else 0,
            self.row,
            (self._widths[self.column] + frozen) if self.column else 1,
            1,
        )
        top = round(self.scroll_offset.y)
        y = min(max(top, self.row - height + 1), self.row)
        x = round(self.scroll_offset.x)
        right_edge = target.x + target.width
        if target.x < x:
            x = target.x
        elif right_edge > x + self.size.width:
            x = min(target.x, right_edge - self.size.width)
        if (x, y) != (round(self.scroll_offset.x), top):
            self.scroll_to(x=x, y=y, animate=False, immediate=True)

    @property
    def _lefts(self) -> list[int]:
        """The start of each column within a line, in characters."""
        lefts, place = [], _MARK_WIDTH
        for width in self._widths:
            lefts.append(place)
            place += width + len(GAP)
        return lefts

    @property
    def _frozen_width(self) -> int:
        """The width of what does not scroll sideways: the mark and the first column."""
        return _MARK_WIDTH + self._widths[0] + len(GAP)

    def _column_at(self, x: int) -> int:
        if x >= self._frozen_width:
            x += round(self.scroll_offset.x)
        return sum(left <= x for left in self._lefts[1:])

    def _style(self, component: str) -> Style:
        return self.get_component_rich_style(component)

    def _header_cells(self) -> Iterable[tuple[str, Style]]:
        for place, header in enumerate(self.sheet.headers):
            name = "grid--header-cursor" if place == self.column else "grid--header"
            is_right = self._rights[place]
            yield fit(header, self._widths[place], is_right=is_right), self._style(name)

    def _row_cells(self, row: int) -> Iterable[tuple[str, Style]]:
        run = self.sheet.rows[row]
        base = self.rich_style
        if run.id in self.best_ids:
            base += self._style("grid--best")
        if row == self.row:
            base += Style(bgcolor=self._style("grid--cursor").bgcolor)
        for place, column in enumerate(self.sheet.columns):
            style = base
            if column.name == "status" and column.kind is ColumnKind.ATTRIBUTE:
                style += Style(color=self._style(_STATUS_COMPONENTS[run.status]).color)
            if self.sheet.is_match(row, place):
                style += self._style("grid--match")
            if row == self.row and place == self.column:
                style += Style(reverse=True)
            text, is_right = self.sheet.text(row, place), self._rights[place]
            yield fit(text, self._widths[place], is_right=is_right), style

    def _lay_out(self, cells: list[tuple[str, Style]], *, mark: str, filler: Style) -> Strip:
        """Return a line, with all but the first column scrolled sideways."""
        (first, first_style), *rest = cells
        frozen = Strip([Segment(mark, filler), Segment(first, first_style), Segment(GAP, filler)])
        segments = []
        for text, style in rest:
            segments += [Segment(text, style), Segment(GAP, filler)]
        room = max(0, self.size.width - self._frozen_width)
        left = round(self.scroll_offset.x)
        scrolled = Strip(segments).crop_extend(left, left + room, filler)
        return Strip([*frozen, *scrolled]).crop_extend(0, self.size.width, filler)


def _spread(n_rows: int, n: int) -> Sequence[int]:
    """Return at most n row numbers, evenly spaced."""
    return range(0, n_rows, max(1, -(-n_rows // n)))
