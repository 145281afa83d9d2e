"""Programs whose values are in files: each file of a trial's copy gets its own."""

import pytest

from tests.conftest import Project
from tests.programs.conftest import RunSweep

pytestmark = pytest.mark.server

TRAIN = """\
import argparse, configparser, json, tomllib, yaml
import model
from settings.base import CFG

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
config = yaml.safe_load(open("conf/config.yaml"))
ini = configparser.ConfigParser()
ini.read("settings.ini")
table = tomllib.load(open("run.toml", "rb"))
tree = json.load(open("model.json"))
print("used_lr:", args.lr)
print("rate:", config["optimizer"]["args"]["lr"] * 1)
print("used_momentum:", ini.getfloat("train", "momentum"))
print("used_decay:", table["train"]["decay"])
print("used_list:", len(tree["layers"]))
print("used_width:", CFG.width)
print("used_alpha:", model.build()["alpha"])
print("loss:", config["optimizer"]["args"]["lr"])
"""
FILES = {
    "train.py": TRAIN,
    "settings/__init__.py": "",
    "settings/base.py": "class CFG:\n    width = 64  # units\n",
    "model.py": "def build(alpha=0.5):\n    return dict(alpha=alpha)\n",
    "conf/config.yaml": "# all\noptimizer:\n  args:\n    lr: 1e-2  # the rate\nseed: 1\n",
    "settings.ini": "[train]\nmomentum = 0.9\n",
    "run.toml": "[train]\ndecay = 0.1  # each epoch\n",
    "model.json": '{"layers": [64, 64]}\n',
}


def test_values_of_files_of_all_kinds_beside_an_option(
    sweep: RunSweep, served_project: Project
) -> None:
    done = sweep(
        FILES,
        "train.py",
        "lr=0.5",
        "args.lr=[1e-5,1e-3]",
        "settings.ini:train.momentum=0.5",
        "decay=1e-7",
        "model.json:layers=[[8,8,8]]",
        "width=32",
        "build(alpha)=0.25",
    )

    assert done.values("args.lr") == [1e-5, 1e-3]
    assert done.last("rate") == [1e-5, 1e-3]
    assert done.objectives == [1e-5, 1e-3]
    tags = ("lr", "momentum", "decay", "width", "alpha")
    used = {tag: done.last(f"used_{tag}")[0] for tag in tags}
    assert used == {"lr": 0.5, "momentum": 0.5, "decay": 1e-7, "width": 32, "alpha": 0.25}
    assert done.last("used_list") == [3, 3]
    assert {name: (served_project.path / name).read_text() for name in FILES} == FILES
    assert "args.lr is optimizer.args.lr in conf/config.yaml" in done.said


WARM = """\
import math
import rates

print("loss:", rates.RATE * math.pi)
"""


def test_a_warm_trial_imports_its_own_copy_of_a_module(sweep: RunSweep) -> None:
    done = sweep(
        {"train.py": WARM, "rates.py": "RATE = 0.1\n"},
        "train.py", "RATE=[1,2,3,4]", "--warm", "on",
    )  # fmt: skip

    assert done.last("loss") == pytest.approx([3.1416, 6.2832, 9.4248, 12.5664], abs=1e-3)
    assert "RATE is a value in rates.py" in done.said
