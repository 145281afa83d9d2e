import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.regular_file import open_regular


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    with open_regular(tmp_path / "file") as file:
        assert file.read() == b"text"


def link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, link_to_a_device])
def test_what_might_never_end_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "odd")
    n_open = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match=r"regular file|Is a directory"):
        open_regular(tmp_path / "odd")
    assert len(list(Path("/proc/self/fd").iterdir())) == n_open
