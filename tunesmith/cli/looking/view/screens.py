"""The screens that open over the grid: a page of text, a chart, a question."""

from collections.abc import Callable
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from tunesmith.cli import console
from tunesmith.cli.looking.view.run_feed import Page, Source
from tunesmith.cli.text.charts import Frame, draw_curve
from tunesmith.query.cells import one_line
from tunesmith.trial import Run, TrialStatus, short_id

CURVE_HEIGHT = 12
PAGE_REFRESH_S = 1.0

Draw = Callable[[int, int], str]
"""Draws a chart of a width in characters and a height in lines; it may contain colours."""


class TextScreen(ModalScreen[None]):
    """A scrollable page of text; Esc, q or Enter goes back."""

    DEFAULT_CSS = """
    TextScreen { align: center middle; }
    TextScreen > Vertical {
        width: 100%; height: 100%; border: round $primary; background: $surface; padding: 0 1;
    }
    TextScreen .title { text-style: bold; width: 100%; }
    TextScreen VerticalScroll { height: 1fr; }
    TextScreen Static { width: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave", "Back"),
        Binding("j", "scroll(1)", "Down", show=False),
        Binding("k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, title: str, text: RenderableType = "") -> None:
        """Take a title and the text; a string is shown as it is, without markup."""
        super().__init__()
        self._title = title
        self._text = Text(text) if isinstance(text, str) else text

    def compose(self) -> ComposeResult:
        """Lay out the title and the text."""
        with Vertical():
            yield Label(f"{one_line(self._title)}   (Esc: back)", classes="title", markup=False)
            with VerticalScroll():
                yield Static(self._text, id="text", markup=False)

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one(VerticalScroll).focus()

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


class ChartScreen(TextScreen):
    """A chart that fills the screen and is redrawn when the terminal is resized."""

    def __init__(self, title: str, draw: Draw) -> None:
        super().__init__(title)
        self._draw = draw

    def on_resize(self) -> None:
        """Draw the chart to fill the screen."""
        size = self.query_one(VerticalScroll).size
        if size.width > 0:
            chart = self._draw(max(24, size.width - 1), max(8, size.height))
            self.query_one("#text", Static).update(Text.from_ansi(chart))


class RunScreen(TextScreen):
    """The page of one run: facts, flags, scalars, the curve of its objective, its last output.

    While the run is running, the page is reread every second.
    """

    def __init__(self, source: Source, run: Run, find: Callable[[str], Run | None]) -> None:
        """Take the run to show.

        Args:
            source: Reads the page.
            run: The run.
            find: Returns the current state of a run by its id; None if it is gone.
        """
        super().__init__(f"{run.operation}  {short_id(run.id)}", "reading …")
        self._source = source
        self._run = run
        self._find = find
        self._page: Page | None = None

    def on_mount(self) -> None:
        """Read the page, repeatedly while the run is running."""
        super().on_mount()
        self._read()
        self.set_interval(PAGE_REFRESH_S, self._read_if_running)

    def on_resize(self) -> None:
        """Draw the curve to fill the width."""
        self._show()

    def _read_if_running(self) -> None:
        was_running = self._run.status in (TrialStatus.RUNNING, TrialStatus.PENDING)
        self._run = self._find(self._run.id) or self._run
        if was_running:
            self._read()

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _read(self) -> None:
        page = self._source.read_page(self._run)
        self.app.call_from_thread(self._take, page)

    def _take(self, page: Page) -> None:
        if page != self._page:
            self._page = page
            self._show()

    def _show(self) -> None:
        page = self._page
        if page is None or not self.is_mounted:
            return
        text = Text("\n".join(page.lines))
        width = max(24, self.query_one(VerticalScroll).size.width - 2)
        if page.curve is not None and len(page.curve.values) > 1:
            frame = Frame(
                width=min(width, 100),
                height=CURVE_HEIGHT,
                title=page.curve.tag,
                x_label=page.curve.unit or "step",
                is_coloured=console.wants_colour(),
            )
            points = [
                (step, value)
                for step, value in zip(page.curve.steps, page.curve.values, strict=True)
                if abs(value) < float("inf")
            ]
            if points:
                steps, values = zip(*points, strict=True)
                text += Text("\n\n") + Text.from_ansi(draw_curve(steps, values, frame))
        if page.output:
            lines = [f"  {one_line(line)}" for line in page.output]
            text += Text("\n\nend of the output:\n" + "\n".join(lines))
        self.query_one("#text", Static).update(text)


class AskScreen(ModalScreen[str | None]):
    """A question that is answered in one line; Esc returns None."""

    DEFAULT_CSS = """
    AskScreen { align: center bottom; background: transparent; }
    AskScreen > Vertical { height: auto; background: $panel; padding: 0 1; }
    AskScreen Input { background: $surface; }
    AskScreen .hint { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", priority=True)]

    def __init__(self, question: str, *, value: str = "", hint: str = "") -> None:
        super().__init__()
        self._question, self._hint = question, hint
        self.value = value

    def compose(self) -> ComposeResult:
        """Lay out the question, the input line and a hint."""
        with Vertical():
            yield Label(self._question, markup=False)
            yield Input(value=self.value, id="answer", select_on_focus=False, compact=True)
            yield Label(self._hint, classes="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the answer."""
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        """Return None."""
        self.dismiss(None)


class ConfirmScreen(ModalScreen[bool]):
    """A question that ``y`` answers with True; Enter, Esc and ``n`` return False."""

    DEFAULT_CSS = """
    ConfirmScreen { align: center bottom; background: transparent; }
    ConfirmScreen > Label { width: 100%; background: $panel; padding: 0 1; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape,enter,q", "answer(False)", "No"),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        yield Label(f"{self._question} (y/N)", markup=False)

    def action_answer(self, is_sure: bool) -> None:
        """Return the answer."""
        self.dismiss(is_sure)
