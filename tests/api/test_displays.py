import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import tunesmith
from tests.cli.conftest import MORNING, Library
from tunesmith.errors import NotFoundError, QueryError
from tunesmith.flags.settings import Distribution
from tunesmith.trial import PlannedTrial

PUBLIC = """__version__ Batch BatchSpec Objective OpenStore PlannedTrial Runner ScalarSummary
TrialRecord TrialStatus TunesmithError arun choice errors integers lognormal loguniform maximize
minimize new_search normal open run uniform"""


class Cells(HTMLParser):
    """Reads the tables of a page, and checks that each element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag == "br":
            return
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def shown(value: Any) -> str:
    """Return what a notebook shows of a value."""
    text = value._repr_html_()
    assert isinstance(text, str)
    return text


def test_the_package_names_what_is_public_and_nothing_else() -> None:
    assert dir(tunesmith) == sorted(PUBLIC.split())
    assert all(hasattr(tunesmith, name) for name in dir(tunesmith))


def test_a_batch_a_trial_and_a_store_are_told_in_a_line(
    library: Library, store: tunesmith.OpenStore
) -> None:
    library.search()
    (batch,) = store.batches()

    assert repr(batch) == "<Batch 0b5e55ed train.py+gp error, 3/3 trials, best -0.93641>"
    assert re.fullmatch(
        r"<Trial 3 \w{8} completed -0.93641 noise=0.1 x=0.37037>", repr(batch.trials[2])
    )
    assert repr(store) == f"<Store {library.store.home}: 1 batch, 3 runs>"


def test_a_batch_tells_its_status_and_the_counts_of_its_trials(
    library: Library, store: tunesmith.OpenStore
) -> None:
    library.search()
    library.grid()
    grid, search = store.batch("bfcff413"), store.batch("0b5e55ed")
    assert store.batch(1).id == store.batch("1").id

    assert (grid.status, grid.counts) == ("completed", {"completed": 3})
    assert (search.status, search.counts) == ("error", {"completed": 2, "error": 1})


def test_a_batch_that_was_removed_says_so(library: Library, store: tunesmith.OpenStore) -> None:
    batch = tunesmith.Batch(library.store, "ab" * 16)

    assert repr(batch) == "<Batch abababab, not in the store>"
    with pytest.raises(NotFoundError, match="abababab is not in"):
        _ = batch.status


def test_a_notebook_shows_a_batch_with_its_best_trial_first_and_marked(
    library: Library, store: tunesmith.OpenStore
) -> None:
    library.search()
    text = shown(store.batches()[0])

    cells = Cells(text)
    assert cells.rows[0] == ["trial", "run", "status", "loss", "x", "proposed by", "seconds"]
    assert [row[0] for row in cells.rows[1:]] == ["3", "1", "2"]
    assert text.count("<tr style") == 1
    assert 'title="the best"><td>3</td>' in text
    assert "svg" in cells.tags
    assert "best: <b>loss -0.93641  x=0.37037</b> trial 3" in text


def test_what_a_notebook_shows_is_bounded_and_escaped(
    library: Library, store: tunesmith.OpenStore
) -> None:
    batch, names = "0b5e55ed" * 4, [f"<b>{place}" for place in range(30)]
    interval = Distribution(low=-200.0, high=200.0, text="[-200:200]")
    library.spec(batch, optimizer="random", settings=dict.fromkeys(names, interval), n_trials=60)
    for number in range(1, 61):
        flags = {name: number / (place + 1) for place, name in enumerate(names)}
        planned = PlannedTrial(number=number, flags=flags, origin="random")
        library.trial(batch, planned, started=MORNING + number, loss=float(number))
    found = store.batch(batch)

    for value, n_rows in ((found, 21), (found.trials[0], 25), (store, 2)):
        text = shown(value)
        assert len(Cells(text).rows) <= n_rows
        assert len(text) < 40_000
        assert "<b>0" not in text
    assert "20 of 60 trials" in shown(found)


def test_a_secret_is_not_shown(library: Library, store: tunesmith.OpenStore) -> None:
    run = library.single("1933bdcb" * 4, {"api_key": "***", "x": 1}, started=MORNING)
    (trial,) = tunesmith.Batch(library.store, run).trials

    assert "api_key=***" in repr(trial)
    assert "***" in shown(trial)


def test_the_report_is_written_again_where_its_path_says(
    library: Library, store: tunesmith.OpenStore
) -> None:
    library.search()
    page = store.batches()[0].report()

    assert page.name == "report.html"
    assert "train.py+gp" in page.read_text()


def test_a_plot_is_a_chart_that_a_notebook_shows_and_a_file_keeps(
    library: Library, store: tunesmith.OpenStore, tmp_path: Path
) -> None:
    library.search()
    batch = store.batches()[0]
    plot = batch.plot()

    plot.save(tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_text() in shown(plot)
    assert "loss of each trial" in plot.svg
    assert "loss against x" in batch.plot("x").svg
    with pytest.raises(QueryError, match="'noise' does not vary in this batch: choose one of x"):
        batch.plot("noise")


def test_without_a_result_there_is_nothing_to_plot(
    library: Library, store: tunesmith.OpenStore
) -> None:
    library.spec("ab" * 16, optimizer="grid", settings={"x": 1}, n_trials=1)

    with pytest.raises(NotFoundError, match="reported loss yet: there is nothing to plot"):
        tunesmith.Batch(library.store, "ab" * 16).plot()
