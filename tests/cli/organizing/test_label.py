from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., Any]


def test_the_latest_run_gets_the_label(library: Any, call: Call) -> None:
    library.grid()

    done = call("label", "--set", "good one")

    assert done.code == 0
    assert done.err.rstrip().endswith("train.py  label 'good one'")
    assert call("runs", "--label", "good").out.rstrip().endswith("good one  noise=0.1 x=1")


def test_a_label_is_cleared(library: Any, call: Call) -> None:
    library.grid()
    call("label", "1:2", "--set", "good")

    done = call("label", "1", "--clear")

    assert "no label (was 'good')" in done.err
    assert len(call("runs", "--label", "good").out.splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [[], ["--set", "a", "--clear"]],
    ids=["neither", "both"],
)
def test_a_label_is_either_set_or_cleared(library: Any, call: Call, options: list[str]) -> None:
    library.grid()

    assert call("label", *options).code == 2


def test_no_run_to_label_is_not_found(library: Any, call: Call) -> None:
    assert call("label", "--set", "a").code == 3
