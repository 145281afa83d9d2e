"""The keys that change runs, on a real store."""

import select

import pytest
from textual.pilot import Pilot

from tests.cli.conftest import Library
from tests.cli.looking.view.pilot import screen_lines, use_view
from tests.conftest import Project
from tunesmith.cli.looking.comparing import LiveChoice
from tunesmith.cli.looking.view.app import CompareApp
from tunesmith.cli.looking.view.run_feed import StoreSource
from tunesmith.cli.options.selection import Choice
from tunesmith.query.filters import RunFilter
from tunesmith.storage.store import Store


@pytest.fixture
def source(library: Library) -> StoreSource:
    """The three trials of a grid in a store."""
    library.grid()
    return StoreSource(live=LiveChoice(store=library.store, choice=Choice(filter=RunFilter())))


async def _settle(pilot: Pilot[None], app: CompareApp) -> None:
    """Wait until a change is written and the store is read again."""
    for _ in range(2):
        await pilot.pause()
        await app.workers.wait_for_complete()
    await pilot.pause()


def _messages(app: CompareApp) -> list[str]:
    return [one.message for one in app._notifications]


def test_marked_runs_are_labelled_and_tagged(source: StoreSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("space", "space", "L", *"good", "enter")
        await _settle(pilot, app)
        assert [run.label for run in app._sheet.rows] == ["good", "good", ""]
        await pilot.press("t", *"a b", "enter")
        await _settle(pilot, app)
        assert [run.tags for run in app._sheet.rows] == [("a", "b"), ("a", "b"), ()]
        await pilot.press("t", *"-a", "enter")
        await _settle(pilot, app)
        assert [run.tags for run in app._sheet.rows] == [("b",), ("b",), ()]
        assert "label" in screen_lines(app)[1]

    use_view(source, steps)


def test_without_marks_the_run_under_the_cursor_is_changed(source: StoreSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("down", "L", *"mine", "enter")
        await _settle(pilot, app)
        assert [run.label for run in app._sheet.rows] == ["", "mine", ""]

    use_view(source, steps)


@pytest.mark.parametrize(("key", "n_left"), [("y", 1), ("n", 3), ("enter", 3), ("escape", 3)])
def test_runs_are_deleted_only_if_that_is_confirmed(
    source: StoreSource, key: str, n_left: int
) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("space", "space", "D")
        await pilot.pause()
        assert "Delete 2 marked runs? (y/N)" in "\n".join(screen_lines(app))
        await pilot.press(key)
        await _settle(pilot, app)
        assert len(app._sheet.rows) == n_left

    use_view(source, steps)


def test_an_answer_that_changes_nothing_writes_nothing(source: StoreSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("L", "enter", "t", "enter")
        await _settle(pilot, app)
        assert _messages(app) == []

    use_view(source, steps)


def test_a_running_run_is_stopped(project: Project) -> None:
    project.write("wait.py", "import signal\nx = 1\nprint('loss:', x, flush=True)\nsignal.pause()")
    process = project.start("run", "wait.py", "--yes")
    while not any(path.read_bytes() for path in project.home.glob("trials/*/*/.run/output")):
        assert process.poll() is None
        select.select([], [], [], 0.02)
    live = LiveChoice(store=Store.open(project.home), choice=Choice(filter=RunFilter()))

    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("x", "y")
        await _settle(pilot, app)
        assert _messages(app) == ["Stopping 1 run"]

    use_view(StoreSource(live=live), steps)

    process.communicate(timeout=60)
    assert process.returncode == 143


def test_what_cannot_be_done_is_said(source: StoreSource) -> None:
    async def steps(pilot: Pilot[None], app: CompareApp) -> None:
        await pilot.press("x", "y")
        await _settle(pilot, app)
        assert _messages(app) == ["none of these runs is running"]

    use_view(source, steps)
