"""The front of a batch with several objectives in ``compare``."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.cli.conftest import Library, Outcome
from tunesmith.cli.looking.comparing import LiveChoice
from tunesmith.cli.options.selection import Choice
from tunesmith.objective import Direction, Objective
from tunesmith.query.filters import RunFilter
from tunesmith.scalar import ScalarColumn

BATCH = "0b5e55ed" * 4


@pytest.fixture
def several(library: Library) -> Library:
    """A store with a search for a low loss and a high one, so that no trial beats another."""
    library.search()
    spec = library.store.batch(BATCH)
    high = Objective(column=ScalarColumn(tag="loss"), direction=Direction.MAXIMIZE)
    low = replace(high, column=ScalarColumn.from_text("first loss"), direction=Direction.MINIMIZE)
    library.store.put_batch(
        replace(spec, generation=1, objective=low, more_objectives=(high,), objective_named_in=1)
    )
    return library


def test_it_shows_the_front_alone_along_its_line(
    several: Library, call: Callable[..., Outcome]
) -> None:
    shown = json.loads(call("compare", BATCH, "--pareto", "--json").out)
    info = json.loads(call("runs", "info", BATCH, "--json").out)
    assert [row["run"] for row in shown] == [one["id"][:8] for one in info["front"]]
    assert {row["front"] for row in shown} == {"front"}
    assert len(shown) < 3  # one has failed


def test_a_table_marks_who_is_on_the_front(several: Library, call: Callable[..., Outcome]) -> None:
    head, *rows = call("compare", BATCH, "--table").out.splitlines()
    assert head.split()[1] == "front"
    assert any(" front " in row for row in rows)
    assert "front" not in call("compare", BATCH, "--csv", "-").out  # what programs read is as ever


def test_a_table_says_who_meets_the_constraints(
    library: Library, call: Callable[..., Outcome]
) -> None:
    library.search()
    spec = library.store.batch(BATCH)
    library.store.put_batch(replace(spec, generation=1, subject_to=("loss <= -0.7",)))
    head, *rows = call("compare", BATCH, "--table", "--columns", "loss").out.splitlines()
    assert "holds" not in head  # the columns were chosen
    head, *rows = call("compare", BATCH, "--table").out.splitlines()
    assert head.split()[:2] == ["run", "holds"]
    assert sorted(row.split()[1] for row in rows if row.split()[1] in ("yes", "no")) == [
        "no",
        "yes",
    ]


def test_the_live_view_reads_the_front_alone(several: Library) -> None:
    choice = Choice(texts=(BATCH,), filter=RunFilter())
    live = LiveChoice(store=several.store, choice=choice, is_front_only=True)
    assert {run.number for run in live.read_first()} == {run.number for run in live.read_again()}


def test_without_several_objectives_there_is_no_front(
    library: Library, call: Callable[..., Outcome]
) -> None:
    library.search()
    told = call("compare", "--pareto", "--table")
    assert told.code == 2
    assert "start one, as in --minimize loss --minimize seconds" in told.err
