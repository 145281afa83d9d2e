"""Every key of the help page, pressed in the application without a terminal."""

import asyncio
import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.cli.looking.view.conftest import FakeSource, made_run
from tests.cli.looking.view.pilot import (
    column_texts,
    keys_to,
    page_text,
    press_keys,
    screen_lines,
    use_view,
)
from tunesmith.cli.looking.view.app import CompareApp
from tunesmith.cli.looking.view.keys import HELP
from tunesmith.cli.looking.view.run_feed import Page
from tunesmith.cli.looking.view.screens import AskScreen, ChartScreen, RunScreen, TextScreen
from tunesmith.scalar import ScalarSeries
from tunesmith.trial import Run


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
        text = page_text(app.screen)
        assert text.startswith("id: second")
        assert "loss" in text
        assert "step" in text
        assert "3.00" in text
        assert "Epoch \\x1b]0;evil\\x07 1" in text
        await pilot.press("escape")
        assert not isinstance(app.screen, RunScreen)

    use_view(source, steps)


def test_space_marks_and_d_shows_what_differs(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("space", "down", "space")
        assert [line[:2] for line in screen_lines(app)[2:5]] == ["● ", "  ", "●*"]
        await pilot.press("d")
        text = page_text(app.screen)
        names = [line.split()[0] for line in text.splitlines()[1:]]
        assert names == ["started", "label", "x", "loss"]
        await pilot.press("escape", "up", "space")
        assert len(app._sheet.marked) == 1

    use_view(source, steps)


def test_d_without_marks_says_how_to_mark(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("d")
        assert ["Mark at least two runs" in one.message for one in app._notifications] == [True]

    use_view(source, steps)


@pytest.mark.parametrize("key", ["p", "P"])
def test_p_plots_the_objective_against_the_current_column(source: FakeSource, key: str) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press(*keys_to(app, "x"), key)
        assert isinstance(app.screen, ChartScreen)
        text = page_text(app.screen)
        assert text.count("•") == 3
        assert text.count("x") == 2  # the best point, and the name of the axis
        assert "-2.0" in text

    use_view(source, steps)


def test_p_on_the_objective_plots_it_by_trial_with_the_best_so_far(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press(*keys_to(app, "loss"), "p")
        assert isinstance(app.screen, ChartScreen)
        shown = screen_lines(app)
        assert "loss of 4 trials, and the best so far" in shown[1]
        (axis,) = (line for line in shown if line.strip("│ ").startswith("1 "))
        assert axis.strip("│ ").split() == ["1", "2", "3", "4", "5"]

    use_view(source, steps)


def test_p_takes_text_for_categories(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press(*keys_to(app, "status"), "p")
        assert "completed" in page_text(app.screen)

    use_view(source, steps)


def test_p_says_where_there_is_nothing_to_plot() -> None:
    source = FakeSource([made_run(1, x=1.0, loss=None)])

    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("p")
        assert ["No run has both" in one.message for one in app._notifications] == [True]

    use_view(source, steps)


def test_e_writes_the_rows_that_are_shown_with_all_columns(
    source: FakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    press_keys(source, "right", "1", "slash", *"loss < 1", "enter", "e", "enter")

    rows = list(csv.DictReader(io.StringIO(Path("compare.csv").read_text())))
    assert [row["loss"] for row in rows] == ["-0.9", "0.1", "0.3", "0.7"]
    assert {"run", "loss", "x", "noise", "operation"} < {*rows[0]}


def test_e_never_overwrites_a_file(
    source: FakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("compare.csv").write_text("mine")

    press_keys(source, "e", "enter")

    assert Path("compare.csv").read_text() == "mine"
    assert Path("compare-2.csv").exists()


def test_y_shows_the_command_in_full_precision(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("y")
        text = page_text(app.screen)
        assert "tunesmith run train.py noise=0.1 x=0.5\n" in text
        assert "python train.py --x 0.5" in text

    use_view(source, steps)


@pytest.mark.parametrize("key", ["question_mark", "f1"])
def test_help_names_every_key(source: FakeSource, key: str) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press(key)
        shown = "\n".join(screen_lines(app))
        assert all(keys in shown for _, rows in HELP for keys, _ in rows)
        await pilot.press("q")
        assert not isinstance(app.screen, TextScreen)

    use_view(source, steps, size=(110, 60))


def test_a_wrapped_line_of_the_help_keeps_its_column(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("question_mark")
        first, second, *_ = (
            line
            for line in screen_lines(app)
            if "show only rows" in line or "expression" in line or "loss < 0.5" in line
        )
        begin = first.index("show only rows")
        assert second[2:begin].strip() == ""
        assert second[begin] != " "

    use_view(source, steps, size=(60, 60))


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_q_leaves(source: FakeSource, key: str) -> None:
    app = press_keys(source, key)

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

    use_view(source, steps)


def test_a_cursor_that_was_not_moved_stays_on_the_first_row(
    source: FakeSource, runs: list[Run]
) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        source.runs = [*(made_run(n, x=n, loss=n) for n in range(40, 5, -1)), *runs]
        await pilot.press("r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert (app.grid.row, app.grid.scroll_offset.y) == (0, 0)

    use_view(source, steps)


def test_the_first_row_stays_in_sight_while_the_cursor_moves_down_with_its_run(
    source: FakeSource, runs: list[Run]
) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("down", "up")
        source.runs = [made_run(6, x=0.75, loss=-2.0), *runs]
        await pilot.press("r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert (app.grid.row, app.grid.scroll_offset.y) == (1, 0)

    use_view(source, steps, size=(110, 8))


@pytest.mark.parametrize(("width", "is_shown"), [(119, False), (120, True)])
def test_details_stand_where_there_is_room(
    source: FakeSource, runs: list[Run], width: int, is_shown: bool
) -> None:
    source.pages[runs[1].id] = Page(lines=(), curve=None, output=("Epoch 7",))

    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("down")
        await app.workers.wait_for_complete()
        await pilot.pause()
        shown = "\n".join(screen_lines(app))
        assert ("Epoch 7" in shown) is is_shown
        assert ("4 of f9f9f9f9" in shown) is is_shown
        await pilot.press("i")
        await pilot.pause()
        assert "Epoch 7" not in "\n".join(screen_lines(app))

    use_view(source, steps, size=(width, 24))


def test_the_best_run_is_marked_and_the_mark_explained(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        shown = screen_lines(app)
        assert "* best of its batch" in shown[0]
        assert [line[:2] for line in shown[2:7]] == ["  ", "  ", " *", "  ", "  "]

    use_view(source, steps)


def test_runs_are_read_again_without_a_key(source: FakeSource, runs: list[Run]) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        source.runs = [replace(runs[0], label="renamed"), *runs[1:]]
        async with asyncio.timeout(20):
            while "renamed" not in column_texts(app, "label"):
                await pilot.pause(0.05)

    use_view(source, steps)


def test_an_unanswered_question_leaves_the_view(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("e")
        assert isinstance(app.screen, AskScreen)
        await pilot.press("escape")
        assert not isinstance(app.screen, AskScreen)

    use_view(source, steps)
