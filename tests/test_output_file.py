import os
import threading
from pathlib import Path

import pytest

from tunesmith.errors import TunesmithError, UsageError
from tunesmith.output_file import output_file, write_output_file


def test_newlines_and_letters_arrive_as_they_are(tmp_path: Path) -> None:
    write_output_file(tmp_path / "a.csv", "é\r\n")

    assert (tmp_path / "a.csv").read_bytes() == b"\xc3\xa9\r\n"


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(0o640)

    write_output_file(path, "new")

    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")

    write_output_file(tmp_path / "link.csv", "new")

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()

    write_output_file(pipe, "through")
    reader.join()

    assert got == ["through"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(".", "is a folder", id="a folder"),
        pytest.param("no/such/a.csv", "there is no folder", id="no folder"),
    ],
)
def test_a_place_that_cannot_be_is_a_usage_error(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        write_output_file(tmp_path / name, "text")


def test_a_refusal_of_the_system_is_one_line_with_the_mend(tmp_path: Path) -> None:
    refusal = "cannot be written: File name too long; name a file in another place$"
    with pytest.raises(TunesmithError, match=refusal):
        write_output_file(tmp_path / ("x" * 256), "text")


def test_bytes_go_through_a_pipe_that_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()

    with output_file(pipe) as draft:
        draft.write_bytes(b"through")
    reader.join()

    assert got == [b"through"]
    assert pipe.is_fifo()
