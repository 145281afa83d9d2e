"""Programs that were always understood, as a check of how the other tests look at theirs."""

import pytest

from tests.programs.conftest import RunSweep

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]

TRAIN = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
print(f"loss: {(args.lr - 0.3) ** 2}")
"""


def test_a_script_with_argparse(sweep: RunSweep) -> None:
    done = sweep({"train.py": TRAIN}, "train.py", "lr=[0.1,0.3]")

    assert done.values("lr") == [0.1, 0.3]
    assert done.last("loss") == pytest.approx([0.04, 0.0])
    assert done.objectives == done.last("loss")
    assert len(done.completed) == 2
