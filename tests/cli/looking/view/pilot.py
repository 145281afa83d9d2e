"""The view opened without a terminal: keys are pressed, and what it shows is read."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rich.text import Text
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from tunesmith.cli.looking.view.app import CompareApp
from tunesmith.cli.looking.view.run_feed import Source
from tunesmith.cli.looking.view.sheet import Sheet
from tunesmith.scalar import ScalarColumn
from tunesmith.trial import Run

Steps = Callable[[Pilot[None], CompareApp], Awaitable[None]]


def use_view(source: Source, steps: Steps, *, size: tuple[int, int] = (110, 24)) -> CompareApp:
    """Open the view, take the steps in it, and return it closed."""

    async def use() -> CompareApp:
        app = CompareApp(source, Sheet(source.read_runs(), objectives_of=_loss))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await steps(pilot, app)
        return app

    return asyncio.run(use())


def _loss(_: Sequence[Run]) -> list[ScalarColumn]:
    return [ScalarColumn(tag="loss")]


def press_keys(source: Source, *keys: str, size: tuple[int, int] = (110, 24)) -> CompareApp:
    async def steps(pilot: Pilot[None], _: CompareApp) -> None:
        for key in keys:
            await pilot.press(key)

    return use_view(source, steps, size=size)


def column_texts(app: CompareApp, name: str) -> list[str]:
    place = [column.name for column in app._sheet.columns].index(name)
    return [app._sheet.text(row, place) for row in range(len(app._sheet.rows))]


def keys_to(app: CompareApp, name: str) -> list[str]:
    place = [column.name for column in app._sheet.columns].index(name)
    return ["home", *["right"] * place]


def screen_lines(app: CompareApp) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


def page_text(screen: Screen[Any]) -> str:
    content = screen.query_one("#text", Static).content
    return content.plain if isinstance(content, Text) else str(content)
