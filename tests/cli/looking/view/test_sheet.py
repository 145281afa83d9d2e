from dataclasses import replace

import pytest
from textual.pilot import Pilot

from tests.cli.looking.view.conftest import FakeSource
from tests.cli.looking.view.pilot import column_texts, press_keys, use_view
from tunesmith.cli.looking.view.app import CompareApp


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
    app = press_keys(source, "end", key)

    assert column_texts(app, "loss") == losses


def test_a_brings_the_original_order_back(source: FakeSource) -> None:
    app = press_keys(source, "end", "1", "a")

    assert column_texts(app, "loss") == ["0.3", "", "-0.9", "0.1", "0.7"]


def test_a_filter_shows_only_rows_that_pass_and_escape_shows_all(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *"x < 0", "enter")
        assert column_texts(app, "x") == ["-1.0", "-2.0"]
        await pilot.press("escape")
        assert len(app._sheet.rows) == 5

    use_view(source, steps)


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

    use_view(source, steps)


def test_a_filter_that_nothing_passes_says_so(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *"x <<", "enter")
        messages = [one.message for one in app._notifications]
        assert len(messages) == 1
        assert messages[0].startswith("No row matches 'x <<'; as an expression: ")

    use_view(source, steps)


@pytest.mark.parametrize("text", ["los < 1", "not los < 1"])
def test_a_filter_on_a_column_that_no_run_has_names_the_near_ones(
    source: FakeSource, text: str
) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *text, "enter")
        (message,) = [one.message for one in app._notifications]
        assert message.startswith(f"No row matches '{text}'")
        assert "none of these runs has a column 'los': did you mean loss" in message

    use_view(source, steps)


def test_a_filter_holds_as_soon_as_a_run_has_its_column(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *"lr = 0.5", "enter")
        assert app._sheet.rows == []
        source.runs = [replace(source.runs[0], flags={"lr": 0.5}), *source.runs[1:]]
        await pilot.press("r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [run.id for run in app._sheet.rows] == [source.runs[0].id]

    use_view(source, steps)


def test_escape_leaves_a_filter_as_it_was(source: FakeSource) -> None:
    app = press_keys(source, "slash", "x", "escape")

    assert app._sheet.filter is None


def test_u_hides_unchanged_columns_and_shows_them_again(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("end", "u")
        names = [column.name for column in app._sheet.columns]
        assert names == ["run", "started", "status", "label", "x", "step", "loss"]
        assert names[app.grid.column] == "loss"
        await pilot.press("u")
        assert len(app._sheet.columns) == 10

    use_view(source, steps)
