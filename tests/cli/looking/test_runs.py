import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.api.running import open_store
from tunesmith.errors import UntrustedStoreError
from tunesmith.trial import short_id

Call = Callable[..., Any]


def test_the_list_looks_as_on_the_reference_page(library: Any, call: Call) -> None:
    library.single("68f4da74" * 4, {"noise": 0.1, "x": 0.1}, started=1578991374.0)
    first, second, third = map(short_id, library.grid())

    done = call("runs")

    assert done.code == 0
    assert done.err == ""
    assert done.out == (
        f"[1:{third}]  train.py   2020-01-14 09:38:15  completed  noise=0.1 x=1\n"
        f"[2:{second}]  train.py   2020-01-14 09:38:14  completed  noise=0.1 x=0\n"
        f"[3:{first}]  train.py   2020-01-14 09:38:14  completed  noise=0.1 x=-1\n"
        "[4:bfcff413]  train.py+  2020-01-14 09:38:13  completed\n"
        "[5:68f4da74]  train.py   2020-01-14 08:42:54  completed  noise=0.1 x=0.1\n"
    )


def test_times_are_those_of_the_local_clock(
    library: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.grid()
    monkeypatch.setenv("TZ", "UTC-2")  # two hours east, as POSIX has it
    time.tzset()

    assert "2020-01-14 11:38:15" in call("runs").out


def test_a_search_shows_its_progress_failures_and_best(library: Any, call: Call) -> None:
    library.search(n_trials=5)

    line = call("runs", "--operation", "train.py+gp").out

    assert line.rstrip().endswith("terminated  3/5, 1 failed, best -0.93641")


def test_a_live_batch_is_running_and_shows_how_far_it_is(library: Any, call: Call) -> None:
    library.search(n_trials=5)

    with library.store.lease("0b5e55ed" * 4):
        line = call("runs", "--operation", "train.py+gp").out

    assert "running" in line


def test_twenty_rows_are_shown_and_a_note_names_the_rest(library: Any, call: Call) -> None:
    for number in range(23):
        library.single(f"{number:032x}", {"x": number}, started=1.5e9 + number)

    done = call("runs")

    assert len(done.out.splitlines()) == 20
    assert done.out.startswith("[1:00000000]")
    assert done.err == ("Showing the first 20 runs of 23: use --all or -n N to show more\n")


@pytest.mark.parametrize(
    ("options", "n_rows"),
    [(["-n", "2"], 2), (["--all"], 4), (["-n", "9"], 4), (["2:3"], 2), (["2:99"], 3)],
    ids=["-n", "--all", "more than there are", "a range", "a range past the end"],
)
def test_rows_are_as_many_as_asked_for(
    library: Any, call: Call, options: list[str], n_rows: int
) -> None:
    library.grid()

    assert len(call("runs", *options).out.splitlines()) == n_rows


def test_a_selected_run_keeps_its_index(library: Any, call: Call) -> None:
    library.grid()

    assert call("runs", "bfcf").out.startswith("[4:bfcff413]")
    assert call("runs", "list", "4").out.startswith("[4:bfcff413]")


def test_a_range_past_the_end_is_clipped_with_a_note(library: Any, call: Call) -> None:
    library.grid()

    assert "note: 2:99" in call("runs", "2:99").err


def test_an_index_outside_the_list_exits_with_3(library: Any, call: Call) -> None:
    library.grid()

    done = call("runs", "9")

    assert done.code == 3
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "out"), [((), ""), (("--json",), "[]\n")], ids=["list", "json"]
)
def test_no_store_is_friendly_and_makes_none(
    call: Call, options: tuple[str, ...], out: str, tmp_path: Any
) -> None:
    done = call("runs", *options)

    assert (done.code, done.out) == (0, out)
    assert "tunesmith run train.py" in done.err
    assert not (tmp_path / ".tunesmith").exists()


def test_an_empty_store_is_friendly(library: Any, call: Call) -> None:
    assert "tunesmith run train.py" in call("runs").err


def test_a_named_home_without_a_store_is_an_error(call: Call, tmp_path: Any) -> None:
    done = call("runs", "--home", str(tmp_path / "typo"))

    assert done.code == 3
    assert "typo" in done.err


@pytest.mark.parametrize("position", ["before", "between", "behind"])
def test_the_home_stands_anywhere(
    library: Any, call: Call, position: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.grid()
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / ".git").mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    home = ["--home", str(tmp_path)]
    arguments = {
        "before": [*home, "runs", "info", "1"],
        "between": ["runs", *home, "info", "1"],
        "behind": ["runs", "info", "1", *home],
    }

    assert call(*arguments[position]).out.startswith("id: ")


def test_the_json_has_every_field_of_every_run(library: Any, call: Call) -> None:
    first, *_ = library.grid()

    rows = json.loads(call("runs", "--json").out)

    row = next(row for row in rows if row["id"] == first)
    assert len(rows) == 4
    assert row["flags"] == {"noise": 0.1, "x": -1}
    assert row["scalars"]["loss"]["last"] == 0.25
    assert row["started"] == "2020-01-14T09:38:14.000000+00:00"
    assert Path(row["directory"]).is_dir()
    assert rows[-1]["progress"]["counts"] == {"completed": 3}


def test_nan_in_json_is_a_text(library: Any, call: Call) -> None:
    library.single("a" * 32, {"x": float("nan")}, started=1.5e9, loss=float("inf"))

    (row,) = json.loads(call("runs", "--json").out)

    assert row["flags"] == {"x": "nan"}
    assert row["objective"] == "inf"


def test_a_label_cannot_move_the_cursor(library: Any, call: Call) -> None:
    library.single("a" * 32, {"x": 1}, started=1.5e9)
    call("label", "--set", "bad\x1b[2J\nname")

    assert "completed  bad\\x1b[2J\\nname  x=1" in call("runs").out


def test_the_help_shows_options_and_commands(call: Call) -> None:
    done = call("runs", "--help")

    assert done.code == 0
    for word in ("--started", "--all", "info", "purge", "[RUN]... | COMMAND"):
        assert word in done.out


@pytest.mark.parametrize(
    "command", [("runs",), ("compare", "--table"), ("export",), ("import", "x.tar.gz")]
)
def test_no_command_takes_a_store_that_others_can_write_without_its_name(
    library: Any, call: Call, command: tuple[str, ...]
) -> None:
    Path("x.tar.gz").touch()
    library.store.home.chmod(0o777)
    refused = call(*command)
    assert refused.code == 1
    assert f"--home {library.store.home}" in refused.err
    assert refused.err.count("\n") == 1


def test_a_store_that_others_can_write_is_read_where_it_is_named(library: Any, call: Call) -> None:
    library.grid()
    library.store.home.chmod(0o777)
    assert call("runs", "--home", str(library.store.home)).code == 0
    with pytest.raises(UntrustedStoreError):
        open_store()
    assert len(open_store(library.store.home).batches()) == 1
