import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.cli.conftest import MORNING
from tunesmith.pruning import Pruned
from tunesmith.trial import PlannedTrial, TrialStatus

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("options", "n_rows"),
    [
        (["--completed"], 2),
        (["--error", "--operation", "train.py"], 1),
        (["--completed", "--error"], 4),
        (["--running"], 0),
        (["--operation", "train.py"], 3),
        (["--operation", "train.py+*"], 1),
        (["-F", "loss < -0.6"], 1),
        (["-F", "x > 0.2 and status = completed"], 1),
        (["--started", "after 2020-01-01"], 4),
        (["--started", "before 2020-01-01"], 0),
        (["--tag", "nice"], 0),
        (["--label", "nice"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_filters_narrow_the_list(
    library: Any, call: Call, options: list[str], n_rows: int
) -> None:
    library.search()

    done = call("runs", *options)

    assert done.code == 0
    assert len(done.out.splitlines()) == n_rows
    assert done.err == (
        "" if n_rows else "No run matches the filters: list all runs with tunesmith runs --all\n"
    )


@pytest.mark.parametrize(
    ("options", "n_rows"),
    [
        (["--started", "after 2026-07-01 12:15"], 1),
        (["--started", "before 2026-07-01 12:15"], 1),
        (["--started", "2026-07-01"], 1),
        (["--started", "2026-07-02"], 0),
        (["--started", "2026-01-02"], 1),
        (["--started", "between 2026-07-01 12:00 and 2026-07-01 13:00"], 1),
        (["-F", ".started > '2026-07-01 12:15'"], 1),
        (["-F", ".started < '2026-07-01 12:31'"], 2),
        (["-F", ".started < '2026-01-02 00:31'"], 1),
        (["-F", "started < '0001-01-01'"], None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_summer_time_counts_for_dates_in_summer_and_winter_time_for_the_others(
    library: Any,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    n_rows: int | None,
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    in_winter, in_summer = 1767310200.0, 1782901800.0  # 2026-01-01 23:30 and 2026-07-01 10:30 UTC
    library.single("a1" * 16, {"x": 1}, started=in_winter)
    library.single("b2" * 16, {"x": 1}, started=in_summer)

    done = call("runs", *options)

    if n_rows is None:
        assert done.code == 2
        assert "is not a date" in done.err
    else:
        assert len(done.out.splitlines()) == n_rows


def test_a_wrong_filter_is_one_line_and_exit_2(library: Any, call: Call) -> None:
    library.grid()

    done = call("runs", "-F", "loss <")

    assert done.code == 2
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["runs", "-F", "los < 1"],
        ["runs", "-F", "status = completed or not los < 1"],
        ["runs", "--json", "-F", "min los < 1"],
        ["runs", "info", "-F", "los < 1"],
        ["runs", "delete", "-y", "-F", "not (los < 1)"],
        ["compare", "--table", "-F", "los is null"],
        ["compare", "--csv", "-", "--min", "los"],
        ["compare", "--table", "--max", "los"],
        ["compare", "--json", "--columns", "run, los"],
        ["export", "-F", "los < 1"],
        ["report", "-F", "los < 1"],
        ["stop", "-F", "los < 1"],
        ["tensorboard", "--no-open", "-F", "los < 1"],
    ],
    ids=" ".join,
)
def test_a_column_that_no_run_has_is_named_with_the_near_ones(
    library: Any, call: Call, arguments: list[str]
) -> None:
    library.grid()

    done = call(*arguments)

    assert done.code == 2
    assert bool(done.out) is ("--json" in arguments)  # which is the error as JSON
    assert done.err.startswith("error: none of these runs has a ")
    assert "'los': did you mean loss" in done.err
    assert done.err.count("\n") == 1


def test_a_column_that_one_run_has_is_known_for_all(library: Any, call: Call) -> None:
    library.grid()
    library.single("a1" * 16, {"momentum": 0.9}, started=MORNING)

    done = call("runs", "-F", "momentum = 0.9")

    assert done.code == 0
    assert done.out.startswith("[1:a1a1a1a1]")


def test_a_column_may_still_come_while_a_run_runs(library: Any, call: Call) -> None:
    library.grid()
    batch = "c3" * 16
    library.spec(batch, optimizer="grid", settings={"x": 1}, n_trials=1)
    library.store.put_plan(batch, [PlannedTrial(number=1, flags={"x": 1}, origin="grid")])
    with library.store.lease(batch):
        library.store.start_trial(batch, 1, attempt=1, started=MORNING)

        done = call("runs", "-F", "val_acc > 0.9")

    assert done.code == 0
    assert done.err.startswith("note: none of these runs has a column 'val_acc': ")


def test_a_filter_of_a_store_without_runs_says_that_there_are_none(
    library: Any, call: Call
) -> None:
    done = call("runs", "-F", "los < 1")

    assert done.code == 0
    assert "No run matches the filters" in done.err


def test_a_batch_that_has_planned_nothing_passes_filters_that_were_not_given(
    library: Any, call: Call
) -> None:
    library.spec("c3" * 16, optimizer="gp", settings={"x": 1}, n_trials=1)

    done = call("compare", "--table", "c3c3c3c3")

    assert done.err == "The batch has no trials yet: see its status with tunesmith runs\n"


BATCH = "0b5e55ed" * 4


def test_a_batch_that_filters_leave_out_stands_for_its_trials(library: Any, call: Call) -> None:
    library.search()
    first = library.store.records(BATCH).records[0]
    fields: dict[str, Any] = {"status": TrialStatus.PRUNED, "exit_code": None, "attempt": 2}
    again = replace(first, pruned=Pruned(point=4, estimate=0.5, among=()), **fields)
    library.store.publish(again, [])

    rows = call("runs", BATCH, "--pruned").out.splitlines()

    assert len(rows) == 1
    assert first.id[:8] in rows[0]
    assert call("runs", "train.py+gp", "--pruned").out.splitlines() == rows
    assert "No run matches the filters" in call("runs", BATCH, "--running").err


@pytest.mark.parametrize("command", [["runs", "info"], ["runs", "delete"], ["stop"], ["export"]])
def test_a_run_that_filters_leave_out_is_told_from_one_that_is_not_there(
    library: Any, call: Call, command: list[str]
) -> None:
    library.search()

    done = call(*command, BATCH, "--running")

    assert done.code != 0
    assert done.err.startswith(f"error: the filters leave out {BATCH[:8]}: ")
    assert "there is no run 'nothing'" in call(*command, "nothing", "--running").err
