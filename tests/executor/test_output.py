from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.executor.line_splitter import MAX_LINE_BYTES, LineSplitter
from tunesmith.executor.output_log import INDEX_ENTRY, OutputLog, tail_lines


def split(*chunks: bytes) -> list[str]:
    return split_states(*chunks)[0]


def split_states(*chunks: bytes) -> tuple[list[str], list[str]]:
    """Return the lines, and in a second list the states that were overwritten before each."""
    lines, states = list[str](), list[str]()
    splitter = LineSplitter(
        lambda line, _: lines.append(line), lambda state, _: states.append(f"{len(lines)} {state}")
    )
    for chunk in chunks:
        splitter.feed(chunk, 0.0)
    splitter.end(0.0)
    return lines, states


@given(st.lists(st.binary(max_size=5).filter(lambda b: b"\r" not in b)))
def test_where_the_chunks_are_cut_makes_no_difference(chunks: list[bytes]) -> None:
    assert split(*chunks) == split(b"".join(chunks))


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([b"a\nb"], ["a", "b"]),
        ([b"a\r\n"], ["a"]),
        ([b"x" * (MAX_LINE_BYTES + 1) + b"\nb\n"], ["b"]),
        ([b"x" * MAX_LINE_BYTES, b"x" * MAX_LINE_BYTES, b"\nb\n"], ["b"]),
        ([b"p\r" * MAX_LINE_BYTES, b"loss: 1\n"], ["loss: 1"]),
    ],
    ids=["no end", "crlf", "a long line", "a long line in pieces", "a progress bar"],
)
def test_lines_are_split(chunks: list[bytes], lines: list[str]) -> None:
    assert split(*chunks) == lines


@pytest.mark.parametrize(
    "chunks",
    [
        [b"begin\r\n\r1/3\r2/3\r3/3\nend\r\n"],
        [b"begin\r\n\r1/", b"3\r2/3", b"\r3/3\nend\r\n"],
        [b"begin\r\n", b"\r1/3", b"\r2/3", b"\r3/3", b"\nend\r\n"],
    ],
    ids=["whole", "cut", "drawn"],
)
def test_what_is_overwritten_is_told_once_and_before_its_line(chunks: list[bytes]) -> None:
    lines, states = split_states(*chunks)
    assert lines == ["begin", "\r1/3\r2/3\r3/3", "end"]
    assert states == ["1 1/3", "1 2/3"]


def test_a_long_bar_is_told_state_by_state() -> None:
    n = MAX_LINE_BYTES // 4
    _, states = split_states(*(b"\rstate %d" % k for k in range(n)))
    assert states == [f"0 state {k}" for k in range(n - 1)]


def test_of_a_very_long_output_the_head_and_the_tail_are_kept(tmp_path: Path) -> None:
    log = OutputLog(tmp_path / "output", head_bytes=10, tail_bytes=6)
    for n in range(10):
        log.write(f"line{n}\n".encode(), float(n))
    log.close()
    text = (tmp_path / "output").read_text()
    assert text == "line0\nline\n… 44 bytes were left out …\nline9\n"


@given(st.lists(st.binary(max_size=20), max_size=20), st.integers(0, 30), st.integers(0, 30))
def test_nothing_is_lost_without_being_counted(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes], head: int, tail: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "output"
    log = OutputLog(path, head_bytes=head, tail_bytes=tail)
    for chunk in chunks:
        log.write(chunk, 0.0)
    log.close()
    whole = b"".join(chunks)
    if len(whole) <= head + tail:
        assert path.read_bytes() == whole
    else:
        note = f"\n… {len(whole) - head - tail} bytes were left out …\n".encode()
        assert path.read_bytes() == whole[:head] + note + whole[len(whole) - tail :]


def test_the_index_says_when_which_byte_came(tmp_path: Path) -> None:
    log = OutputLog(tmp_path / "output")
    log.write(b"abc", 1.0)
    log.write(b"d", 1.01)
    log.write(b"e", 2.0)
    log.close()
    entries = list(INDEX_ENTRY.iter_unpack((tmp_path / "output.index").read_bytes()))
    assert entries == [(0, 1.0), (4, 2.0)]


def test_the_last_lines_are_as_a_terminal_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_bytes(b"one\n10%\r20%\rdone\n\x1b[31mred\x1b[0m\n\n\xff\n")
    assert tail_lines(path, 3) == ["red", "\ufffd"]
    assert tail_lines(path, 10) == ["one", "done", "red", "\ufffd"]
    assert tail_lines(tmp_path / "none", 3) == []
