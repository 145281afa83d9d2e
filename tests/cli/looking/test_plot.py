from collections.abc import Callable

import pytest

from tests.cli.conftest import Library, Outcome
from tunesmith.cli.text.charts import Frame, draw_history
from tunesmith.cli.text.rendering import display_width

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
