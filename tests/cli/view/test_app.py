"""Every key of the help page, pressed in the application without a terminal."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from tests.cli.view.conftest import FakeSource, made_run
from tunesmith.cli.view.app import CompareApp
from tunesmith.cli.view.help import HELP
from tunesmith.cli.view.run_feed import Page
from tunesmith.cli.view.screens import AskScreen, ChartScreen, RunScreen, TextScreen
from tunesmith.cli.view.sheet import Sheet
from tunesmith.scalar import ScalarSeries
from tunesmith.trial import Run

Steps = Callable[[Pilot[None], CompareApp], Awaitable[None]]


def _use(source: FakeSource, steps: Steps, *, size: tuple[int, int] = (110, 24)) -> CompareApp:
    """Open the view, take the steps in it, and return it closed."""

    async def use() -> CompareApp:
        app = CompareApp(source, Sheet(source.read_runs()))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await steps(pilot, app)
        return app

    return asyncio.run(use())


def _press(source: FakeSource, *keys: str, size: tuple[int, int] = (110, 24)) -> CompareApp:
    async def steps(pilot: Pilot[None], _: CompareApp) -> None:
        for key in keys:
            await pilot.press(key)

    return _use(source, steps, size=size)


def _column(app: CompareApp, name: str) -> list[str]:
    place = [column.name for column in app._sheet.columns].index(name)
    return [app._sheet.text(row, place) for row in range(len(app._sheet.rows))]


def _to(app: CompareApp, name: str) -> list[str]:
    place = [column.name for column in app._sheet.columns].index(name)
    return ["home", *["right"] * place]


def _lines(app: CompareApp) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


def _shown(screen: Screen[Any]) -> str:
    content = screen.query_one("#text", Static).content
    return content.plain if isinstance(content, Text) else str(content)


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (["down"], (1, 0)),
        (["j", "j", "k"], (1, 0)),
        (["up"], (0, 0)),
        (["right", "right", "left"], (0, 1)),
        (["l", "l", "h"], (0, 1)),
        (["G"], (4, 0)),
        (["G", "g"], (0, 0)),
        (["end"], (0, 9)),
        (["end", "home"], (0, 0)),
        (["pagedown"], (4, 0)),
        (["pagedown", "pageup"], (0, 0)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_key_moves_the_cursor(
    source: FakeSource, keys: list[str], place: tuple[int, int]
) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press(*keys)
        assert (app.grid.row, app.grid.column) == place

    _use(source, steps)


@pytest.mark.parametrize(
    ("key", "losses"),
    [
        ("1", ["-0.9", "0.1", "0.3", "0.7", ""]),
        ("s", ["-0.9", "0.1", "0.3", "0.7", ""]),
        ("2", ["0.7", "0.3", "0.1", "-0.9", ""]),
        ("S", ["0.7", "0.3", "0.1", "-0.9", ""]),
    ],
)
def test_a_key_sorts_by_the_current_column_missing_values_last(
    source: FakeSource, key: str, losses: list[str]
) -> None:
    app = _press(source, "end", key)

    assert _column(app, "loss") == losses


def test_a_brings_the_original_order_back(source: FakeSource) -> None:
    app = _press(source, "end", "1", "a")

    assert _column(app, "loss") == ["0.3", "", "-0.9", "0.1", "0.7"]


def test_a_filter_shows_only_rows_that_pass_and_escape_shows_all(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *"x < 0", "enter")
        assert _column(app, "x") == ["-1.0", "-2.0"]
        await pilot.press("escape")
        assert len(app._sheet.rows) == 5

    _use(source, steps)


def test_a_text_is_looked_for_and_n_and_p_go_from_match_to_match(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *"COMPLETED", "enter")
        status = [column.name for column in app._sheet.columns].index("status")
        assert len(app._sheet.rows) == 4
        assert (app.grid.row, app.grid.column) == (0, status)
        await pilot.press("n")
        assert (app.grid.row, app.grid.column) == (1, status)
        await pilot.press("p", "p")
        assert (app.grid.row, app.grid.column) == (3, status)

    _use(source, steps)


def test_a_filter_that_nothing_passes_says_so(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *"x <<", "enter")
        messages = [one.message for one in app._notifications]
        assert len(messages) == 1
        assert messages[0].startswith("No row passes 'x <<'; read as an expression: ")

    _use(source, steps)


@pytest.mark.parametrize("text", ["los < 1", "not los < 1"])
def test_a_filter_on_a_column_that_no_run_has_names_the_near_ones(
    source: FakeSource, text: str
) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *text, "enter")
        (message,) = [one.message for one in app._notifications]
        assert message.startswith(f"No row passes '{text}'")
        assert "none of these runs has a column 'los': did you mean loss" in message

    _use(source, steps)


def test_a_filter_holds_as_soon_as_a_run_has_its_column(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *"lr = 0.5", "enter")
        assert app._sheet.rows == []
        source.runs = [replace(source.runs[0], flags={"lr": 0.5}), *source.runs[1:]]
        await pilot.press("r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [run.id for run in app._sheet.rows] == [source.runs[0].id]

    _use(source, steps)


def test_escape_leaves_a_filter_as_it_was(source: FakeSource) -> None:
    app = _press(source, "slash", "x", "escape")

    assert app._sheet.filter is None


def test_enter_opens_the_run_with_its_curve_and_output_and_escape_goes_back(
    source: FakeSource, runs: list[Run]
) -> None:
    curve = ScalarSeries(tag="loss", steps=[0, 1, 2], values=[3.0, 2.0, 1.0], times=[0.0] * 3)
    source.pages[runs[1].id] = Page(
        lines=("id: second",), curve=curve, output=("Epoch \x1b]0;evil\x07 1",)
    )

    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("down", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, RunScreen)
        text = _shown(app.screen)
        assert text.startswith("id: second")
        assert "loss" in text
        assert "step" in text
        assert "3.00" in text
        assert "Epoch \\x1b]0;evil\\x07 1" in text
        await pilot.press("escape")
        assert not isinstance(app.screen, RunScreen)

    _use(source, steps)


def test_space_marks_and_d_shows_what_differs(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("space", "down", "space")
        assert [line[:2] for line in _lines(app)[2:5]] == ["● ", "  ", "● "]
        await pilot.press("d")
        text = _shown(app.screen)
        names = [line.split()[0] for line in text.splitlines()[1:]]
        assert names == ["started", "label", "x", "loss"]
        await pilot.press("escape", "up", "space")
        assert len(app._sheet.marked) == 1

    _use(source, steps)


def test_d_without_marks_says_how_to_mark(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("d")
        assert ["Mark two runs" in one.message for one in app._notifications] == [True]

    _use(source, steps)


def test_u_hides_unchanged_columns_and_shows_them_again(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("end", "u")
        names = [column.name for column in app._sheet.columns]
        assert names == ["run", "started", "status", "label", "x", "step", "loss"]
        assert names[app.grid.column] == "loss"
        await pilot.press("u")
        assert len(app._sheet.columns) == 10

    _use(source, steps)


@pytest.mark.parametrize("key", ["p", "P"])
def test_p_plots_the_objective_against_the_current_column(source: FakeSource, key: str) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press(*_to(app, "x"), key)
        assert isinstance(app.screen, ChartScreen)
        text = _shown(app.screen)
        assert text.count("•") == 3
        assert text.count("x") == 2  # the best point, and the name of the axis
        assert "-2.0" in text

    _use(source, steps)


def test_p_takes_text_for_categories(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press(*_to(app, "status"), "p")
        assert "completed" in _shown(app.screen)

    _use(source, steps)


def test_p_says_where_there_is_nothing_to_plot() -> None:
    source = FakeSource([made_run(1, x=1.0, loss=None)])

    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("p")
        assert ["No run has both" in one.message for one in app._notifications] == [True]

    _use(source, steps)


def test_e_writes_what_is_shown(
    source: FakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    _press(source, "end", "1", "slash", *"loss < 1", "enter", "u", "e", "enter")

    rows = list(csv.DictReader(io.StringIO(Path("compare.csv").read_text())))
    assert [row["loss"] for row in rows] == ["-0.9", "0.1", "0.3", "0.7"]
    assert list(rows[0]) == ["run", "started", "label", "x", "loss"]


def test_e_never_overwrites_a_file(
    source: FakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("compare.csv").write_text("mine")

    _press(source, "e", "enter")

    assert Path("compare.csv").read_text() == "mine"
    assert Path("compare-2.csv").exists()


def test_y_shows_the_command_in_full_precision(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("y")
        text = _shown(app.screen)
        assert "tunesmith run train.py noise=0.1 x=0.5\n" in text
        assert "python train.py --x 0.5" in text

    _use(source, steps)


@pytest.mark.parametrize("key", ["question_mark", "f1"])
def test_help_names_every_key(source: FakeSource, key: str) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press(key)
        assert _shown(app.screen) == HELP
        await pilot.press("q")
        assert not isinstance(app.screen, TextScreen)

    _use(source, steps)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_q_leaves(source: FakeSource, key: str) -> None:
    app = _press(source, key)

    assert not app.is_running


def test_newer_runs_appear_and_the_cursor_stays_on_its_run(
    source: FakeSource, runs: list[Run]
) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await app.workers.wait_for_complete()
        await pilot.press("down", "down")
        kept = app.grid.current_run
        source.runs = [made_run(6, x=0.75, loss=0.2), *runs]
        await pilot.press("r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert len(app._sheet.rows) == 6
        assert app.grid.row == 3
        assert app.grid.current_run == kept

    _use(source, steps)


def test_runs_are_read_again_without_a_key(source: FakeSource, runs: list[Run]) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        source.runs = [replace(runs[0], label="renamed"), *runs[1:]]
        async with asyncio.timeout(20):
            while "renamed" not in _column(app, "label"):
                await pilot.pause(0.05)

    _use(source, steps)


def test_a_click_on_a_heading_sorts_and_a_second_click_turns_the_order(
    source: FakeSource,
) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        x = _lines(app)[1].index("loss") + 1
        await pilot.click("Grid", offset=(x, 0))
        assert _column(app, "loss") == ["-0.9", "0.1", "0.3", "0.7", ""]
        await pilot.click("Grid", offset=(x, 0))
        assert _column(app, "loss") == ["0.7", "0.3", "0.1", "-0.9", ""]

    _use(source, steps)


def test_two_clicks_on_a_row_open_it(source: FakeSource, runs: list[Run]) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.click("Grid", offset=(4, 3), times=2)
        await pilot.pause()
        assert app.grid.current_run == runs[2]
        assert isinstance(app.screen, RunScreen)

    _use(source, steps)


@pytest.mark.parametrize("width", [20, 40, 110, 300])
def test_no_line_is_wider_than_the_terminal(source: FakeSource, width: int) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("end")
        lines = _lines(app)
        assert all(Text(line).cell_len <= width for line in lines)
        assert "loss" in lines[1]
        assert lines[2].startswith(f"  {app._sheet.rows[0].id[:8]}")

    _use(source, steps, size=(width, 12))


def test_a_label_cannot_move_the_cursor_or_turn_the_writing_direction() -> None:
    source = FakeSource([made_run(1, x=1.0, loss=0.5, label="\x1b[2J\u202egnp [bold]")])

    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        screen = "\n".join(_lines(app))
        assert "\\x1b[2J\\u202egnp [bold]" in screen
        assert "\x1b" not in screen

    _use(source, steps)


def test_the_best_run_stands_out_and_a_failed_one_is_red(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        grid = app.grid
        assert grid.best_ids == {app._sheet.rows[2].id}
        failed = [s.style for s in grid.render_line(2) if s.text.startswith("error")]
        fine = [s.style for s in grid.render_line(3) if s.text.startswith("completed")]
        assert failed[0] is not None
        assert fine[0] is not None
        assert failed[0].color != fine[0].color

    _use(source, steps)


def test_an_unanswered_question_leaves_the_view(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("e")
        assert isinstance(app.screen, AskScreen)
        await pilot.press("escape")
        assert not isinstance(app.screen, AskScreen)

    _use(source, steps)
