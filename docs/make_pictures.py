"""Takes the pictures of README and guide: ``make pictures``. It needs Chromium.

It runs the search of the README in a folder of its own, and looks at it: ``compare`` as the
terminal shows it, HPARAMS in TensorBoard, the report, the page of its flow run in Prefect.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tunesmith.cli.looking.comparing import LiveChoice
from tunesmith.cli.looking.view.app import CompareApp
from tunesmith.cli.looking.view.run_feed import StoreSource
from tunesmith.cli.looking.view.sheet import Order, Sheet
from tunesmith.cli.options.selection import Choice
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.filters import RunFilter
from tunesmith.query.known import column_named
from tunesmith.server.login_link import authorization, new_link
from tunesmith.server.secret import read_own
from tunesmith.server.server_directory import ServerDirectory
from tunesmith.server.shared_server import find_server
from tunesmith.storage.store import Store

PICTURES = Path(__file__).parent / "pictures"
SCRIPT = Path(__file__).parent.parent / "examples" / "train.py"
N_COLOURS = 96
"""So few keep a picture small; none of them is a photograph."""
SLOW = """\
import time
x = 1
time.sleep(5)
assert x != 3, "x must not be 3"
print("loss:", x)
"""
N_ENDED = 4
"""Trials of the slow batch that have ended when its picture is taken."""
TUNESMITH = [sys.executable, "-m", "tunesmith"]
SEARCH = ["run", "train.py", "x=[-2.0:2.0]", "--optimizer", "gp", "--max-trials", "20", "--yes"]


def draw_compare(folder: Path) -> Path:
    """Draw the live comparison, sorted by the loss."""
    store = Store.open(folder / ".tunesmith")
    source = StoreSource(live=LiveChoice(store=store, choice=Choice(filter=RunFilter())))
    runs = source.live.read_first()
    order = Order(column=column_named("loss", ListedRuns(runs)), is_descending=False)
    sheet = Sheet(runs, order=order, objectives_of=source.objectives_of)
    app = CompareApp(source, sheet)

    async def draw() -> str:
        async with app.run_test(size=(120, 24)) as pilot:
            await pilot.press("right", "down", "space", "down", "space", "down")
            await app.workers.wait_for_complete()
            await pilot.pause()
            return app.export_screenshot(title="tunesmith compare --min loss")

    drawing = folder / "compare.svg"
    # the fonts of the drawing would be asked from the network
    drawing.write_text(re.sub(r"@font-face\s*{.*?}", "", asyncio.run(draw()), flags=re.DOTALL))
    return drawing


def take_compare(browser: Browser, drawing: Path) -> None:
    """Take the drawing as a picture."""
    page = browser.new_page(viewport={"width": 1300, "height": 560})
    page.goto(drawing.as_uri())
    page.locator("svg").first.screenshot(path=PICTURES / "compare.png")
    page.close()


def take_report(browser: Browser, folder: Path) -> None:
    """Take the top of the report."""
    subprocess.run([*TUNESMITH, "report", "-o", "report.html"], cwd=folder, check=True)
    page = browser.new_page(viewport={"width": 940, "height": 1240})
    page.goto((folder / "report.html").as_uri())
    page.screenshot(path=PICTURES / "report.png")
    page.close()


def take_hparams(browser: Browser, folder: Path) -> None:
    """Take TensorBoard's parallel coordinates."""
    with _tensorboard(folder) as url:
        page = browser.new_page(viewport={"width": 1200, "height": 720})
        page.goto(url)
        page.get_by_text("PARALLEL COORDINATES VIEW").click()
        page.locator("tf-hparams-parallel-coords-plot .foreground path").nth(19).wait_for(
            state="attached"
        )
        page.wait_for_timeout(1500)  # the tab's line moves
        page.screenshot(path=PICTURES / "hparams.png")
        page.close()


def take_prefect(browser: Browser) -> None:
    """Take Prefect's page of the search, which is the latest flow run."""
    _take_flow_run(browser, "prefect.png", words="Task Runs")


def take_running(browser: Browser, folder: Path) -> None:
    """Take Prefect's page of a batch in the middle, one of whose trials has failed."""
    (folder / "slow.py").write_text(SLOW)
    command = [*TUNESMITH, "run", "slow.py", "x=[1,2,3,4,5,6,7,8]", "--jobs", "2", "-yq"]
    batch = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        while len(list(folder.glob(".tunesmith/parts/*/*.parquet"))) < N_ENDED:
            time.sleep(0.1)
        _take_flow_run(browser, "prefect-running.png", words="trial 0003 x=3: exit 1")
    finally:
        batch.wait()


def _take_flow_run(browser: Browser, name: str, *, words: str) -> None:
    """Take the page of the latest flow run, once it shows some words."""
    directory = ServerDirectory.from_environment(os.environ)
    server = find_server(directory)
    if server is None:
        raise LookupError("the shared Prefect server does not run")
    request = urllib.request.Request(
        f"{server.api_url}/flow_runs/filter",
        data=b'{"limit": 1, "sort": "START_TIME_DESC"}',
        headers={"content-type": "application/json"}
        | authorization(read_own(directory.secret) or ""),
    )
    with urllib.request.urlopen(request) as answer:
        (run,) = json.load(answer)
    page = browser.new_page(viewport={"width": 1300, "height": 860})
    page.goto(new_link(server, directory, page=f"/runs/flow-run/{run['id']}"))
    page.get_by_text(words).first.wait_for()
    page.wait_for_timeout(3000)  # the timeline is drawn by and by
    page.screenshot(path=PICTURES / name)
    page.close()


@contextmanager
def _tensorboard(folder: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [*TUNESMITH, "tensorboard", "--no-open"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(SCRIPT, folder / "train.py")
        (folder / "pyproject.toml").touch()
        subprocess.run([*TUNESMITH, *SEARCH, "--random-seed", "2"], cwd=folder, check=True)
        drawing = draw_compare(folder)  # Playwright has an event loop, beside which no other runs
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            take_prefect(browser)
            take_running(browser, folder)
            take_report(browser, folder)
            take_hparams(browser, folder)
            take_compare(browser, drawing)
            browser.close()
    for picture in PICTURES.glob("*.png"):
        Image.open(picture).convert("RGB").quantize(N_COLOURS).save(picture, optimize=True)
        print(f"{picture.name}: {picture.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
