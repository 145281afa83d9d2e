"""Programs that read data of their project, which nobody has named."""

import pytest

from tests.conftest import Project
from tests.programs.conftest import RunSweep

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]

TABLE = """\
import csv
lr = 0.1
rows = list(csv.reader(open("data/train.csv")))
print(f"loss: {len(rows) + lr}")
"""
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
RESUMING = """\
import os
lr = 0.1
start = 0
if os.path.exists("checkpoints/last"):
    start = int(open("checkpoints/last").read())
os.makedirs("checkpoints", exist_ok=True)
print(f"began: {start}")
print(f"loss: {lr}")
open("checkpoints/last", "w").write(str(start + 3))
"""


def test_a_small_table_is_in_every_copy(sweep: RunSweep) -> None:
    done = sweep({"train.py": TABLE, "data/train.csv": "a,b\n1,2\n"}, "train.py", "lr=[0.1,0.2]")

    assert done.last("loss") == pytest.approx([2.1, 2.2])


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


def test_no_trial_goes_on_from_another_s_checkpoint(
    sweep: RunSweep, served_project: Project
) -> None:
    files = {"train.py": RESUMING, "checkpoints/last": "7"}
    done = sweep(files, "train.py", "lr=[0.1,0.2,0.3]")

    assert done.last("began") == [0, 0, 0]
    assert (served_project.path / "checkpoints/last").read_text() == "7"
