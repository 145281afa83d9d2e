"""Programs that read data of their project, which nobody has named."""

import pytest

from tests.conftest import Project
from tests.programs.conftest import RunSweep

pytestmark = pytest.mark.server

BINARY = """\
import os
lr = 0.1
name = "small"
with open(os.path.join("data", name, "train.bin"), "rb") as file:
    size = len(file.read())
print(f"loss: {size + lr}")
"""
ABOVE = """\
import os
lr = 0.1
with open(os.path.join("..", "data", "x.bin"), "r+b") as file:
    size = len(file.read())
    file.write(b"more")
print(f"loss: {size + lr}")
"""
WENT_UP = """\
import os
lr = 0.1
os.chdir(os.path.dirname(os.path.abspath(__file__)) + "/" + os.pardir)
with open("sizes.json") as file:
    size = int(file.read())
print(f"loss: {size + lr}")
"""


def test_a_folder_that_pieces_of_a_path_name_is_found(sweep: RunSweep) -> None:
    files = {"train.py": BINARY, "data/small/train.bin": "\0" * 10}
    done = sweep(files, "train.py", "lr=[0.1,0.2,0.3]")

    assert done.last("loss") == pytest.approx([10.1, 10.2, 10.3])
    assert "data: data" in done.said


def test_what_trials_write_to_data_beside_the_project_is_their_own(
    sweep: RunSweep, served_project: Project
) -> None:
    files = {"train.py": ABOVE, "../data/x.bin": "\0" * 10}
    done = sweep(files, "train.py", "lr=[0.1,0.2,0.3]")

    assert done.last("loss") == pytest.approx([10.1, 10.2, 10.3])
    assert (served_project.path / "../data/x.bin").read_text() == "\0" * 10


def test_a_program_that_goes_up_finds_what_is_above_its_project(
    sweep: RunSweep, served_project: Project
) -> None:
    done = sweep({"train.py": WENT_UP, "../sizes.json": "3"}, "train.py", "lr=[0.1,0.2]")

    assert done.last("loss") == pytest.approx([3.1, 3.2])
    assert "runs again with ../sizes.json" in done.said
    assert not (served_project.path / "sizes.json").exists()
