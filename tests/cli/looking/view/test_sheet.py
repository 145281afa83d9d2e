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
    app = press_keys(source, "right", key)

    assert column_texts(app, "loss") == losses


def test_a_brings_the_original_order_back(source: FakeSource) -> None:
    app = press_keys(source, "right", "1", "a")

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


def test_what_tells_runs_apart_is_shown_first_and_u_shows_the_rest(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        telling = ["run", "loss", "x", "status", "label", "step", "started"]
        assert [column.name for column in app._sheet.columns] == telling
        await pilot.press("right", "right", "u")
        names = [column.name for column in app._sheet.columns]
        assert names == [*telling, "noise", "time", "operation"]
        assert names[app.grid.column] == "x"
        await pilot.press("end", "u")
        assert len(app._sheet.columns) == len(telling)
        assert app.grid.column == len(telling) - 1

    use_view(source, steps)


def test_the_cursor_stays_on_its_column_when_another_appears(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("right", "right", "right", "right", "right")
        assert app._sheet.columns[app.grid.column].name == "step"
        source.runs = [replace(source.runs[0], flags={"x": 0.5, "noise": 0.9}), *source.runs[1:]]
        await pilot.press("r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "noise" in [column.name for column in app._sheet.columns]
        assert app._sheet.columns[app.grid.column].name == "step"

    use_view(source, steps)


def test_a_text_in_a_hidden_column_is_found(source: FakeSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("slash", *"train", "enter")
        assert len(app._sheet.rows) == 5

    use_view(source, steps)
