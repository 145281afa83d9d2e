"""Programs whose parser only a copy of them shows."""

import pytest

from tests.programs.conftest import RunSweep

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]

OPTIONS = """\
import argparse
def get_parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", "--learning-rate", type=float, default=0.1, dest="rate")
    parser.add_argument("-n", type=int, default=3)
    return parser
"""
TRAIN = """\
from options import get_parser
args = get_parser().parse_args()
print(f"loss: {(args.rate - 0.3) ** 2 + args.n}")
"""


def test_a_parser_of_another_module_gets_options_by_any_of_their_names(sweep: RunSweep) -> None:
    files = {"train.py": TRAIN, "options.py": OPTIONS}
    done = sweep(files, "train.py", "learning-rate=[0.1,0.3]", "n=2")

    assert done.values("lr") == [0.1, 0.3]
    assert done.last("loss") == pytest.approx([2.04, 2.0])
