import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import FlagError
from tunesmith.flags.points import split_point

FLAGS = ("lr", "depth", "layers", "name", "x-y")


def parts(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.text) for one in split_point(text, FLAGS.__contains__)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lr=3e-4", [("lr", "3e-4")]),
        ("lr=3e-4,depth=6", [("lr", "3e-4"), ("depth", "6")]),
        ("lr=3e-4, --x-y=6", [("lr", "3e-4"), ("x-y", "6")]),
        ("layers=[64,64],depth=6", [("layers", "[64,64]"), ("depth", "6")]),
        ("name=a,b,depth=6", [("name", "a,b"), ("depth", "6")]),
        ("name=a,other=b,depth=6", [("name", "a,other=b"), ("depth", "6")]),
        ("name='a,depth=7',depth=6", [("name", "'a,depth=7'"), ("depth", "6")]),
        ("name=it's,depth=6", [("name", "it's"), ("depth", "6")]),
        ("layers=[[1,2],[lr=1]],depth=6", [("layers", "[[1,2],[lr=1]]"), ("depth", "6")]),
    ],
    ids=["one", "two", "dashes", "list", "commas", "unknown", "quotes", "apostrophe", "nested"],
)
def test_a_comma_separates_flags_where_one_follows(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert parts(text) == expected


def test_what_has_no_equals_sign_is_refused() -> None:
    with pytest.raises(FlagError, match="expected NAME=VALUE"):
        parts("lr")


@given(st.text(alphabet="lr=,[]'\"{}( depth6", min_size=1))
def test_joined_parts_are_the_text_again(text: str) -> None:
    try:
        found = parts(text)
    except FlagError:
        return
    bare = [one.partition("=")[2] for one in [text]]
    assert sum(len(value) for _, value in found) <= len(text)
    assert bare[0].endswith(found[-1][1])
