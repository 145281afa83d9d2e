import os
import pty
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., Any]


def operations(text: str) -> list[str]:
    """Return the operations of a list."""
    return [line.split()[1] for line in text.splitlines()]


def test_a_deleted_run_is_listed_with_the_deleted_only(library: Any, call: Call) -> None:
    library.grid()

    done = call("runs", "delete", "1", "--yes")

    assert done.code == 0
    assert done.err == "Deleted 1 run: undo it with tunesmith runs restore\n"
    assert len(call("runs").out.splitlines()) == 3
    assert len(call("runs", "--deleted").out.splitlines()) == 1


def test_a_batch_takes_its_trials_with_it_and_brings_them_back(library: Any, call: Call) -> None:
    library.grid()

    call("runs", "delete", "train.py+", "--yes")

    assert call("runs").out == ""
    call("runs", "restore", "bfcff413")
    assert operations(call("runs").out) == ["train.py", "train.py", "train.py", "train.py+"]


def test_a_purged_run_is_gone_for_good(library: Any, call: Call) -> None:
    first, *_ = library.grid()
    call("runs", "delete", first, "--yes")

    done = call("runs", "purge", "--yes")

    assert done.err == "Purged 1 run\n"
    assert call("runs", "--deleted").out == ""
    assert not library.store.layout.trial_directory("bfcff413" * 4, first).exists()
    assert len(call("runs").out.splitlines()) == 3


def test_only_deleted_runs_are_purged(library: Any, call: Call) -> None:
    library.grid()

    done = call("runs", "purge", "--yes")

    assert done.err == "No deleted runs: nothing was purged\n"
    assert len(call("runs").out.splitlines()) == 4


@pytest.mark.parametrize("deed", ["delete", "restore"])
def test_nothing_named_is_a_usage_error(library: Any, call: Call, deed: str) -> None:
    library.grid()

    done = call("runs", deed)

    assert done.code == 2
    assert "no run is selected" in done.err


def test_a_filter_names_runs_too(library: Any, call: Call) -> None:
    library.search()

    done = call("runs", "delete", "--error", "-y")

    assert "note: batch 0b5e55ed is kept" in done.err
    assert "Deleted 1 run:" in done.err
    assert len(call("runs").out.splitlines()) == 3


def test_an_operation_names_the_batch_and_its_trials(library: Any, call: Call) -> None:
    library.search()

    done = call("runs", "delete", "--operation", "train.py+gp", "-y")

    assert done.err.startswith("Deleted 4 runs:")


def test_a_running_batch_is_not_deleted(library: Any, call: Call) -> None:
    library.search(n_trials=5)

    with library.store.lease("0b5e55ed" * 4):
        done = call("runs", "delete", "train.py+gp", "--yes")

    assert done.code == 1
    assert "running" in done.err
    assert len(call("runs").out.splitlines()) == 4


def test_without_a_terminal_it_asks_for_yes(library: Any, call: Call) -> None:
    library.grid()

    done = call("runs", "delete", "1:2")

    assert done.code == 2
    assert done.err.startswith("You are about to delete 2 runs\n  [1:")
    assert "--yes" in done.err
    assert len(call("runs").out.splitlines()) == 4


@pytest.mark.parametrize(("keys", "code", "n_left"), [(b"\n", 0, 2), (b"n\n", 4, 4)])
def test_the_question_decides(
    library: Any, call: Call, keys: bytes, code: int, n_left: int
) -> None:
    library.grid()
    outside, inside = pty.openpty()

    with subprocess.Popen(
        [sys.executable, "-m", "tunesmith.cli.main", "runs", "delete", "1:2"],
        stdin=inside,
        stdout=inside,
        stderr=inside,
    ) as child:
        os.write(outside, keys)
    os.close(inside)
    os.close(outside)

    assert child.returncode == code
    assert len(call("runs").out.splitlines()) == n_left
