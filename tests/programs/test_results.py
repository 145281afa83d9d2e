"""Objectives and other scalars of programs that print them in their own ways."""

import pytest

from tests.programs.conftest import RunSweep

pytestmark = pytest.mark.server

FILES = """\
import json, os
rate = 0.1
os.makedirs("out", exist_ok=True)
with open("out/result.json", "w") as file:
    json.dump({"rmse": (rate - 0.3) ** 2}, file)
with open("metrics.json", "w") as file:
    json.dump({"loss": 1.0}, file)
print("done")
"""
DIGITS = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
for epoch in range(1, 3):
    loss = (args.lr - 0.3) ** 2 / epoch
    print(f"Train Epoch: {epoch} [64/192 (33%)]\\tLoss: {loss:.6f}")
    right = int(9000 + 1000 * args.lr)
    print(f"\\nTest set: Average loss: {loss:.4f}, Accuracy: {right}/10000 (90%)\\n")
"""


def test_an_objective_in_the_middle_of_a_line_is_found_by_its_name(sweep: RunSweep) -> None:
    done = sweep({"digits.py": DIGITS}, "digits.py", "lr=[0.1,0.3]", "--maximize", "accuracy")

    assert done.objectives == pytest.approx([0.91, 0.93])
    assert done.last("Average_loss") == pytest.approx([0.02, 0.0])
    assert [one.scalars["Loss"].last_step for one in done.trials] == [2, 2]
    assert "lr" not in done.trials[0].scalars


def test_a_named_file_has_the_objective(sweep: RunSweep) -> None:
    done = sweep(
        {"fit.py": FILES}, "fit.py", "rate=[0.1,0.3]",
        "--metrics", "out/result.json", "--minimize", "RMSE",
    )  # fmt: skip

    assert done.objectives == pytest.approx([0.04, 0.0])
    assert set(done.trials[0].scalars) == {"rmse"}
