from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import NotFoundError, QueryError
from tunesmith.query.selection import select, select_one
from tunesmith.trial import Run

MakeRun = Callable[..., Run]


@pytest.fixture
def runs(make_run: MakeRun) -> list[Run]:
    ids = ["1933bdcb", "1933ffff", "abcd0000", "77777777", "bfcff413"]
    operations = ["train.py", "train.py", "other.py", "train.py", "train.py+"]
    return [
        make_run(i, id=f"{short}{i:024x}", operation=operation)
        for i, (short, operation) in enumerate(zip(ids, operations, strict=True))
    ]


def numbers(runs: tuple[Run, ...]) -> list[int]:
    return [run.number + 1 for run in runs]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], [1, 2, 3, 4, 5]),
        (["2"], [2]),
        (["2:4"], [2, 3, 4]),
        (["3:"], [3, 4, 5]),
        ([":2"], [1, 2]),
        ([":"], [1, 2, 3, 4, 5]),
        (["4", "1"], [4, 1]),
        (["1", "1:2", "1933bdcb"], [1, 2]),
        (["abcd"], [3]),
        (["ABCD"], [3]),
        (["77"], [4]),
        (["train.py"], [1, 2, 4]),
        (["train.py+"], [5]),
    ],
)
def test_texts_name_runs(runs: list[Run], texts: list[str], expected: list[int]) -> None:
    assert numbers(select(runs, texts).runs) == expected


def test_a_range_longer_than_the_list_is_clipped_with_a_note(runs: list[Run]) -> None:
    selection = select(runs, ["4:20"])

    assert numbers(selection.runs) == [4, 5]
    assert selection.notes == ("4:20 ends beyond the list: the last run is 5",)


def test_a_range_within_the_list_has_no_note(runs: list[Run]) -> None:
    assert select(runs, ["1:5"]).notes == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("6", "indexes 1 to 5"),
        ("0", "indexes 1 to 5"),
        ("6:9", "starts outside"),
        ("0:2", "starts outside"),
        ("1933", "1933bdcb (train.py), 1933ffff (train.py)"),
        ("ffff", "1933bdcb"),
        ("trian.py", "did you mean train.py"),
        ("no such", "or an operation"),
    ],
)
def test_what_names_no_run_is_not_found(runs: list[Run], text: str, words: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        select(runs, [text])

    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["4:2", "1:" + "9" * 5000])
def test_a_range_that_cannot_be_meant_is_a_query_error(runs: list[Run], text: str) -> None:
    with pytest.raises(QueryError):
        select(runs, [text])


def test_an_ambiguous_start_shows_enough_characters_to_choose(make_run: MakeRun) -> None:
    runs = [make_run(1, id="0" * 20 + f"{i:012x}") for i in (1, 2)]

    with pytest.raises(NotFoundError, match=f"{'0' * 31}1"):
        select(runs, ["00000000"])


def test_an_index_of_an_empty_list_says_that_it_is_empty() -> None:
    with pytest.raises(NotFoundError, match="the list is empty"):
        select([], ["1"])


def test_an_operation_names_its_latest_run_where_one_is_wanted(runs: list[Run]) -> None:
    assert select_one(runs, "train.py") is runs[0]
    assert select_one(runs, "3:3") is runs[2]


def test_a_range_of_several_is_refused_where_one_is_wanted(runs: list[Run]) -> None:
    with pytest.raises(QueryError, match="names 2 runs"):
        select_one(runs, "1:2")


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet="0123456789abc:-.", max_size=6))
def test_any_text_selects_each_run_once_or_is_an_error(make_run: MakeRun, text: str) -> None:
    runs = [make_run(i, id=f"{i * 7919:032x}"[::-1]) for i in range(1, 12)]
    with suppress(QueryError, NotFoundError):
        found = select(runs, [text]).runs
        assert found
        assert len({run.id for run in found}) == len(found)
