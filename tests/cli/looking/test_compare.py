import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Library, Outcome
from tunesmith.trial import short_id

Call = Callable[..., Any]


def test_the_table_has_one_row_a_trial_and_no_batch(library: Any, call: Call) -> None:
    first, second, third = map(short_id, library.grid())

    done = call("compare", "--table")

    assert done.code == 0
    assert done.out.splitlines() == [
        "run        loss   x  started",
        f"{third}  -0.75   1  2020-01-14 09:38:15",
        f"{second}    0.5   0  2020-01-14 09:38:14",
        f"{first}   0.25  -1  2020-01-14 09:38:14",
    ]
    assert done.err == (
        "same in all rows: noise 0.1, status completed, step 9, time 0:00:01, operation train.py "
        "(--all-columns)\n"
    )


def test_what_is_the_same_in_all_rows_is_wrapped_between_words(
    library: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.grid()
    monkeypatch.setattr("tunesmith.cli.console.terminal_width", lambda: 60)

    done = call("compare", "--table")

    assert done.err.splitlines() == [
        "same in all rows: noise 0.1, status completed, step 9, time",
        "  0:00:01, operation train.py (--all-columns)",
    ]


def test_all_columns_are_shown_on_request_those_that_differ_first(
    library: Any, call: Call
) -> None:
    library.grid()

    done = call("compare", "--table", "--all-columns")

    assert done.out.splitlines()[0].split() == [
        *("run", "loss", "x", "started"),
        *("noise", "status", "label", "step", "time", "operation"),
    ]
    assert done.err == ""


def test_the_objective_stands_first_even_where_it_is_the_same(library: Any, call: Call) -> None:
    library.grid()

    done = call("compare", "--table", "2", "--columns", "run, loss")
    one = call("compare", "--table", "2")

    assert done.out.splitlines()[0].split() == ["run", "loss"]
    assert one.out.splitlines()[0].split()[:2] == ["run", "loss"]
    assert "label" not in one.out


def test_what_other_programs_read_has_all_columns_in_a_fixed_order(
    library: Any, call: Call
) -> None:
    library.grid()

    (head, *_) = call("compare", "--csv", "-").out.splitlines()
    (first, *_) = json.loads(call("compare", "--json").out)

    names = "run,operation,started,time,status,label,noise,x,step,loss"
    assert head == names
    assert list(first) == names.split(",")


def values(text: str, name: str) -> list[Any]:
    """Return one column of a comparison's JSON."""
    return [row[name] for row in json.loads(text)]


@pytest.mark.parametrize(
    ("options", "losses"),
    [
        (["--min", "loss"], [-0.936412345, -0.5, None]),
        (["--max", "loss"], [-0.5, -0.936412345, None]),
        (["--max", "first loss"], [-0.5, -0.936412345, None]),
        (["--min", "=x", "--top", "1"], [-0.5]),
        ([], [-0.936412345, None, -0.5]),
        (["1:2"], [-0.936412345, None]),
        (["2", "1"], [None, -0.936412345]),
        (["--top", "2"], [-0.936412345, None]),
        (["--completed"], [-0.936412345, -0.5]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_rows_are_sorted_selected_and_cut(
    library: Any, call: Call, options: list[str], losses: list[float | None]
) -> None:
    library.search()

    assert values(call("compare", "--json", *options).out, "loss") == losses


@pytest.mark.parametrize(
    "options",
    [["4"], ["0b5e55ed"], ["train.py+gp"], ["--operation", "train.py+gp"], ["4:4"]],
    ids=lambda value: " ".join(value),
)
def test_a_batch_stands_for_its_trials(library: Any, call: Call, options: list[str]) -> None:
    library.grid()
    ids = library.search()

    rows = values(call("compare", "--json", *options).out, "run")

    assert sorted(rows) == sorted(map(short_id, ids))


def test_an_index_counts_in_the_list_of_runs(library: Any, call: Call) -> None:
    *_, last_of_grid = library.grid()
    library.search()

    assert call("runs", "5").out.startswith(f"[5:{short_id(last_of_grid)}]")
    assert values(call("compare", "--json", "5").out, "run") == [short_id(last_of_grid)]


def test_batches_are_shown_on_request(library: Any, call: Call) -> None:
    library.grid()

    rows = values(call("compare", "--json", "--include-batch").out, "operation")

    assert rows == ["train.py", "train.py", "train.py", "train.py+"]


def test_columns_are_chosen_and_named(library: Any, call: Call) -> None:
    library.grid()

    done = call("compare", "1", "--table", "--columns", "min loss as low, =x, .status, loss step")

    assert done.out == "  low  x  status     loss step\n-0.75  1  completed          9\n"


def test_columns_that_do_not_differ_are_left_out(library: Any, call: Call) -> None:
    library.grid()

    header = call("compare", "--skip-unchanged", "--md").out.splitlines()[0].replace("|", " ")

    assert header.split() == ["run", "started", "x", "loss"]


def test_a_csv_holds_full_values(library: Any, call: Call, tmp_path: Path) -> None:
    library.search()

    done = call("compare", "--csv", "results.csv", "--min", "loss")

    with (tmp_path / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert (done.code, done.out, done.err) == (0, "", "Wrote 3 row(s) to results.csv\n")
    assert [row["loss"] for row in rows] == ["-0.936412345", "-0.5", ""]
    assert rows[0]["x"] == "0.370370367"


def test_a_csv_on_stdout_is_the_whole_answer(library: Any, call: Call) -> None:
    library.grid()

    done = call("compare", "--csv", "-")

    assert len(list(csv.DictReader(io.StringIO(done.out)))) == 3
    assert done.err == "Wrote 3 row(s) to stdout\n"


def test_a_csv_replaces_an_earlier_one(library: Any, call: Call, tmp_path: Path) -> None:
    library.grid()
    (tmp_path / "results.csv").write_text("old")

    call("compare", "--csv", "results.csv")

    assert "old" not in (tmp_path / "results.csv").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".tunesmith",
        "pyproject.toml",
        "results.csv",
    ]


def test_markdown_is_a_table_of_markdown(library: Any, call: Call) -> None:
    library.grid()

    done = call("compare", "1", "--md", "--columns", "x, loss")

    assert done.out == "| x | loss |\n| --- | --- |\n| 1 | -0.75 |\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--min", "los"], "loss"),
        (["--columns", "noize"], "noise"),
        (["--min", "loss", "--max", "x"], "choose one"),
        (["--min", "loss, x"], "names 2 columns"),
        (["--table", "--csv", "a.csv"], "--table and --csv"),
        (["--all-columns", "--columns", "x"], "--all-columns and --columns"),
        (["--csv", "no/such/a.csv"], "no folder"),
        (["--top", "0"], "--top"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_is_one_error(
    library: Any, call: Call, options: list[str], words: str
) -> None:
    library.grid()

    done = call("compare", *options)

    assert done.code == 2
    assert done.out == ""
    assert words in done.err


@pytest.mark.parametrize(
    ("options", "out"),
    [(["--table"], ""), (["--json"], "[]\n")],
    ids=["table", "json"],
)
def test_no_runs_are_said_on_stderr(call: Call, options: list[str], out: str) -> None:
    done = call("compare", *options)

    assert (done.code, done.out) == (0, out)
    assert "tunesmith run" in done.err


def test_parquet_has_typed_columns(library: Library, call: Callable[..., Outcome]) -> None:
    import pandas as pd

    library.search()

    done = call("compare", "--parquet", "c.parquet")

    table = pd.read_parquet("c.parquet")
    assert done.err == "Wrote 3 row(s) to c.parquet\n"
    assert table["x"].tolist() == [0.123456789 * number for number in (3, 2, 1)]
    assert table["loss"].tolist()[::2] == [-0.936412345, -0.5]
    assert table["loss"].isna().tolist() == [False, True, False]
    assert str(table["started"].dtype).startswith("datetime64")


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["0b5e55ed", "--error"], [2]),
        (["train.py+gp", "--error"], [2]),
        (["0b5e55ed", "-F", "loss < -0.6"], [3]),
        (["0b5e55ed", "--pruned"], []),
    ],
    ids=str,
)
def test_a_filter_holds_for_the_trials_of_a_batch_that_is_named(
    library: Any, call: Call, words: list[str], numbers: list[int]
) -> None:
    library.search()
    library.grid()

    done = call("compare", *words, "--json", "--columns", "number")

    assert done.code == 0, done.err
    assert [row["number"] for row in json.loads(done.out)] == numbers


def test_a_name_that_no_run_has_is_still_refused_with_a_filter(library: Any, call: Call) -> None:
    library.search()

    for text in ("ffffffff", "99", "3:4"):
        done = call("compare", text, "--error", "--table")
        assert done.code == 3
        assert text in done.err
