import pytest
from rich.text import Text
from textual.pilot import Pilot

from tests.cli.looking.view.conftest import FakeSource, made_run
from tests.cli.looking.view.pilot import column_texts, screen_lines, use_view
from tunesmith.cli.looking.view.app import CompareApp
from tunesmith.cli.looking.view.screens import RunScreen
from tunesmith.trial import Run


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
        (["end"], (0, 6)),
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

    use_view(source, steps)


def test_a_click_on_a_heading_sorts_and_a_second_click_turns_the_order(
    source: FakeSource,
) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        x = screen_lines(app)[1].index("loss") + 1
        await pilot.click("Grid", offset=(x, 0))
        assert column_texts(app, "loss") == ["-0.9", "0.1", "0.3", "0.7", ""]
        await pilot.click("Grid", offset=(x, 0))
        assert column_texts(app, "loss") == ["0.7", "0.3", "0.1", "-0.9", ""]

    use_view(source, steps)


def test_two_clicks_on_a_row_open_it(source: FakeSource, runs: list[Run]) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.click("Grid", offset=(4, 3), times=2)
        await pilot.pause()
        assert app.grid.current_run == runs[2]
        assert isinstance(app.screen, RunScreen)

    use_view(source, steps)


@pytest.mark.parametrize("width", [20, 40, 110, 300])
def test_no_line_is_wider_than_the_terminal(source: FakeSource, width: int) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("end")
        lines = screen_lines(app)
        assert all(Text(line).cell_len <= width for line in lines)
        assert "started" in lines[1]
        assert lines[2].startswith(f"  {app._sheet.rows[0].id[:8]}")

    use_view(source, steps, size=(width, 12))


def test_a_label_cannot_move_the_cursor_or_turn_the_writing_direction() -> None:
    source = FakeSource([made_run(1, x=1.0, loss=0.5, label="\x1b[2J\u202egnp [bold]")])

    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        screen = "\n".join(screen_lines(app))
        assert "\\x1b[2J\\u202egnp [bold]" in screen
        assert "\x1b" not in screen

    use_view(source, steps)


def test_the_best_run_stands_out_and_a_failed_one_is_red(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        grid = app.grid
        assert grid.best_ids == {app._sheet.rows[2].id}
        failed = [s.style for s in grid.render_line(2) if s.text.startswith("error")]
        fine = [s.style for s in grid.render_line(3) if s.text.startswith("completed")]
        assert failed[0] is not None
        assert fine[0] is not None
        assert failed[0].color != fine[0].color

    use_view(source, steps)
