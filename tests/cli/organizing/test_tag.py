from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., Any]


def test_tags_are_added_and_removed(library: Any, call: Call) -> None:
    library.grid()

    done = call("tag", "1:2", "--add", "nice", "--add", "kept")

    assert done.code == 0
    assert done.err.count("tags nice, kept") == 2
    assert len(call("runs", "--tag", "nice").out.splitlines()) == 2
    assert call("tag", "1", "--remove", "nice").err.rstrip().endswith("tags kept")
    assert len(call("runs", "--tag", "nice").out.splitlines()) == 1


def test_the_last_tag_can_be_removed(library: Any, call: Call) -> None:
    library.grid()
    call("tag", "--add", "nice")

    assert call("tag", "--remove", "nice").err.rstrip().endswith("no tags")


@pytest.mark.parametrize(
    "options",
    [[], ["--add", ""], ["--add", "a b"], ["--add", "a,b"], ["--add", "a", "--remove", "a"]],
    ids=["none", "empty", "space", "comma", "both"],
)
def test_a_wrong_tag_is_a_usage_error(library: Any, call: Call, options: list[str]) -> None:
    library.grid()

    done = call("tag", *options)

    assert done.code == 2
    assert done.err.startswith("error: ")
