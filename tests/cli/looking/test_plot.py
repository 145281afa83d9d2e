import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.batches import make_record
from tests.cli.conftest import MORNING, Library, Outcome
from tests.query.conftest import summary
from tunesmith.cli.text.charts import Frame, draw_front, draw_history
from tunesmith.cli.text.rendering import display_width
from tunesmith.objective import Objective
from tunesmith.scalar import ScalarColumn
from tunesmith.trial import PlannedTrial

Call = Callable[..., Outcome]


def test_all_charts_are_drawn_without_colour_where_stdout_is_no_terminal(
    library: Library, call: Call
) -> None:
    library.search()

    done = call("plot")

    assert done.code == 0
    assert "loss of each trial; best -0.93641 in trial 3" in done.out
    assert "loss against x" in done.out
    assert "\x1b" not in done.out
    assert max(map(display_width, done.out.splitlines())) <= 80


def test_trials_are_counted_in_whole_numbers(library: Library, call: Call) -> None:
    library.search()

    (*_, axis, _) = call("plot", "--history").out.splitlines()

    assert axis.split() == ["1", "2", "3"]


def test_the_best_so_far_is_level_until_a_trial_changes_it() -> None:
    frame = Frame(width=40, height=12, is_coloured=False)

    lines = draw_history([(1, 4.0), (5, 1.0), (9, 2.0)], [(1, 4.0), (5, 1.0), (9, 1.0)], frame)

    drawn = [line for line in lines.splitlines() if any("\u2800" < one < "\u2900" for one in line)]
    places = [{i for i, one in enumerate(line) if "\u2800" < one < "\u2900"} for line in drawn]
    assert len(places[0]) > 10
    assert len(places[-1]) > 10
    assert {*map(len, places[1:-1])} == {1}


@pytest.mark.parametrize(
    ("arguments", "is_shown"),
    [
        (["--history"], (True, False, False)),
        (["--slice"], (False, True, False)),
        (["--flag", "x"], (False, True, False)),
        (["--parallel"], (False, False, True)),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_charts_are_chosen(
    library: Library, call: Call, arguments: list[str], is_shown: tuple[bool, bool, bool]
) -> None:
    library.search()

    out = call("plot", *arguments).out

    titles = ("loss of each trial", "loss against x", "One line per trial")
    assert tuple(title in out for title in titles) == is_shown


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--flag", "y"], 2, "flag 'y' does not vary in this batch: choose one of x"),
        (["--error"], 3, "no batch matches the filters"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_line(
    library: Library, call: Call, arguments: list[str], code: int, message: str
) -> None:
    library.grid()

    done = call("plot", *arguments)

    assert done.code == code
    assert message in done.err


def test_a_batch_without_an_objective_says_so(library: Library, call: Call) -> None:
    batch = "ee" * 16
    library.spec(batch, optimizer="grid", settings={"x": 1}, n_trials=1)

    done = call("plot")

    assert done.code == 3
    assert "no trial of eeeeeeee has reported loss yet" in done.err


SEVERAL = "5e" * 16
RESULTS = [(0.1, 90.0), (0.2, 20.0), (0.9, 10.0), (0.3, 50.0)]


@pytest.fixture
def several(library: Library) -> Library:
    """A store with a search for a low loss and a low latency; its last trial is dominated."""
    spec = library.spec(SEVERAL, optimizer="random", settings={"x": 1}, n_trials=4)
    latency = Objective(column=ScalarColumn(tag="latency"))
    library.store.put_batch(replace(spec, generation=1, more_objectives=(latency,)))
    for number, (loss, latency_ms) in enumerate(RESULTS, 1):
        planned = PlannedTrial(number=number, flags={"x": number}, origin="random")
        library.store.put_plan(SEVERAL, [planned])
        library.store.start_trial(SEVERAL, number, attempt=1, started=MORNING)
        scalars = {"loss": summary(loss), "latency": summary(latency_ms)}
        trial = make_record(SEVERAL, number, flags={"x": number}, objective=loss, scalars=scalars)
        library.store.publish(trial, [])
    return library


def test_several_objectives_are_drawn_against_each_other(several: Library, call: Call) -> None:
    done = call("plot", SEVERAL)

    assert "loss against latency; 3 of 4 are on the front, its knee is trial 2" in done.out
    assert done.out.index("loss against latency") < done.out.index("loss of each trial; best 0.1")
    assert "loss is plotted; see also --objective latency" in done.err


def test_the_front_alone_is_drawn(several: Library, call: Call) -> None:
    out = call("plot", SEVERAL, "--front").out

    assert "on the front" in out
    assert "loss of each trial" not in out


def test_the_points_of_the_front_stand_out_and_a_line_joins_them() -> None:
    frame = Frame(width=40, height=12, is_coloured=False)
    points = [(90.0, 0.1), (20.0, 0.2), (10.0, 0.9), (50.0, 0.3)]

    drawn = draw_front(points, points[:3], frame, is_line=True)
    apart = draw_front(points, points[:3], frame, is_line=False)

    assert drawn.count("x") == apart.count("x") == 3
    assert any("\u2800" < one < "\u2900" for one in drawn)
    assert not any("\u2800" < one < "\u2900" for one in apart)


def test_another_objective_is_chosen(several: Library, call: Call) -> None:
    done = call("plot", SEVERAL, "--history", "--objective", "latency")
    points = json.loads(call("plot", SEVERAL, "--objective", "latency", "--json").out)

    assert "latency of each trial; best 10.0 in trial 3" in done.out
    assert points["column"] == "latency"
    assert [one["best_so_far"] for one in points["points"]] == [90.0, 20.0, 10.0, 10.0]
    assert [one["is_best"] for one in points["points"]] == [True, True, True, False]
    assert points["points"][0]["objectives"] == {"latency": 90.0, "loss": 0.1}


def test_an_objective_that_a_batch_does_not_have_is_refused(several: Library, call: Call) -> None:
    done = call("plot", SEVERAL, "--objective", "size")

    assert done.code == 2
    assert "'size' is no objective of this batch: choose one of loss, latency" in done.err


def test_one_objective_has_no_front(library: Library, call: Call) -> None:
    library.grid()

    done = call("plot", "--front")

    assert done.code == 2
    assert "--front needs several objectives: this batch would minimize loss" in done.err
