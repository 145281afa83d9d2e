"""A headless Chromium, and stores with as many trials as a test wants."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.report.conftest import BATCH, made_spec, made_trials
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, Run, TrialRecord

TIMEOUT_MS = 300_000
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, the same for all tests of a module.

    Playwright keeps an event loop in the thread meanwhile, beside which no other test can run one.
    """
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


class Visit:
    """A page, and what it asked for and complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.set_default_timeout(TIMEOUT_MS)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.complaints.append(str(getattr(message, "text", "")))


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A fresh page."""
    page = browser.new_page(viewport={"width": 1300, "height": 800})
    yield Visit(page)
    page.close()


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., Store]:
    """Makes a store with one batch of made-up trials."""

    def make(n: int, *, n_failed: int = 0) -> Store:
        store = Store.create(tmp_path / ".tunesmith")
        store.put_batch(made_spec())
        trials = made_trials(n, n_failed=n_failed)
        store.put_plan(BATCH, [_planned(run) for run in trials])
        for run in trials:
            store.publish(*_finished(run))
        store.put_end(BATCH, generation=0, reason="", stopped=1_700_009_000.0)
        store.compact(BATCH)
        return store

    return make


def _planned(run: Run) -> PlannedTrial:
    return PlannedTrial(number=run.number, flags=run.flags, origin=run.origin)


def _finished(run: Run) -> tuple[TrialRecord, list[ScalarSeries]]:
    series = []
    if run.objective is not None:
        values = [run.objective + 1, run.objective]
        series = [ScalarSeries(tag="loss", steps=[0, 1], values=values, times=[1.7e9, 1.7e9 + 1])]
    record = TrialRecord(
        id=run.id,
        batch=run.batch,
        number=run.number,
        attempt=1,
        operation=run.operation,
        script=run.script,
        status=run.status,
        exit_code=run.exit_code,
        started=run.started or 0.0,
        stopped=run.stopped or 0.0,
        seconds=run.seconds or 0.0,
        origin=run.origin,
        objective=run.objective,
        flags=run.flags,
        scalars={one.tag: ScalarSummary.from_series(one) for one in series},
        prediction=run.prediction,
    )
    return record, series


@contextmanager
def tensorboard(folder: Path) -> Iterator[str]:
    """Serve a folder's runs in TensorBoard, and give the address of HPARAMS."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tunesmith", "tensorboard", "--no-open"],
        cwd=folder,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
