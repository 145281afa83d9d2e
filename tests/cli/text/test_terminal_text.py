import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.cli.text.terminal_text import OutputCleaner


def _clean(data: bytes, *, keeps_colour: bool = True) -> str:
    cleaner = OutputCleaner(keeps_colour=keeps_colour)
    return cleaner.feed(data) + cleaner.end()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"loss: 1\n", "loss: 1\n"),
        (b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        (b"a\x1b[2Jb\x1b[10;20Hc\x1b[?25ld", "abcd"),
        (b"a\x1b]0;title\x07b\x1b]52;c;ZXZpbA==\x1b\\c", "abc"),
        (b"a\x1bPq#0\x1b\\b\x1bcc", "abc"),
        (b"10%\r20%\r\n\tx", "10%\r20%\r\n\tx"),
        (b"a\x08\x07\x00b", "a\\x08\\x07\\x00b"),
        ("a\u202eb\u2066c".encode(), "a\\u202eb\\u2066c"),
        (b"\xc2\x9b2J", "\\x9b2J"),
        ("日本 é 🙂".encode(), "日本 é 🙂"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"end\x1b[3", "end\\x1b[3"),
    ],
    ids=repr,
)
def test_what_moves_the_terminal_is_taken_away(raw: bytes, shown: str) -> None:
    assert _clean(raw) == shown


def test_colours_go_where_there_are_none() -> None:
    assert _clean(b"\x1b[1;31mred\x1b[0m", keeps_colour=False) == "red"


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                b"\x1b",
                b"[",
                b"]",
                b"2J",
                b"31m",
                b"0;t",
                b"\x07",
                b"\\",
                b"a",
                b"\n",
                b"\xc3",
                b"\xa9",
            ]
        ),
        max_size=30,
    ),
    cut=st.integers(0, 60),
)
def test_it_does_not_matter_where_the_output_is_cut(pieces: list[bytes], cut: int) -> None:
    data = b"".join(pieces)
    cleaner = OutputCleaner(keeps_colour=True)

    in_two = cleaner.feed(data[:cut]) + cleaner.feed(data[cut:]) + cleaner.end()

    assert in_two == _clean(data)


@given(data=st.binary(max_size=60))
def test_nothing_but_colours_is_left_of_escapes(data: bytes) -> None:
    shown = _clean(b"\x1b[1m" + data)

    rest = re.sub(r"\x1b\[[0-9;:]*m", "", shown)
    assert all(one.isprintable() or one in "\n\t\r" for one in rest)
