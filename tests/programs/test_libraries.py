"""Programs that read their flags by a library other than argparse, or by none."""

import shlex

import pytest

from tests.programs.conftest import RunSweep, Sweep

pytestmark = pytest.mark.server

HYDRA = """\
import hydra

@hydra.main(version_base=None, config_path="conf", config_name="base")
def main(cfg):
    print(f"loss: {(cfg.opt.lr - 0.3) ** 2}")
    print(f"f1: {cfg.net.width}")
    print(f"score: {len(cfg.note)}")

if __name__ == "__main__":
    main()
"""
CONF = {
    "conf/base.yaml": "defaults:\n  - net: small\n  - _self_\nopt:\n  lr: 0.1\nnote: plain\n",
    "conf/net/small.yaml": "width: 8\n",
    "conf/net/large.yaml": "width: 64\n",
}

ABSL = """\
from absl import app, flags
FLAGS = flags.FLAGS
flags.DEFINE_float("lr", 0.1, "The rate.")
flags.DEFINE_bool("norm", True, "Whether to normalize.")
flags.DEFINE_list("widths", ["8", "8"], "Of the layers.")

def main(argv):
    print(f"loss: {(FLAGS.lr - 0.3) ** 2}")
    print(f"accuracy: {int(FLAGS.norm)}")
    print(f"score: {len(FLAGS.widths)}")

if __name__ == "__main__":
    app.run(main)
"""

FIRE = """\
import fire

def train(name: str, lr: float = 0.1, norm: bool = True, api_key: str = ""):
    assert isinstance(name, str), name
    print(f"loss: {(lr - 0.3) ** 2}")
    print(f"accuracy: {int(norm)}")
    print(f"score: {len(api_key)}")

if __name__ == "__main__":
    fire.Fire(train)
"""

TYRO = """\
from dataclasses import dataclass, field
import tyro

@dataclass
class Optimizer:
    lr: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)

@dataclass
class Args:
    optimizer: Optimizer = field(default_factory=Optimizer)
    norm: bool = True

args = tyro.cli(Args)
print(f"loss: {(args.optimizer.lr - 0.3) ** 2}")
print(f"accuracy: {int(args.norm)}")
print(f"score: {args.optimizer.betas[1]}")
"""

DOCOPT = '''\
"""Train.

Usage:
  train.py [--lr=<rate>] [--norm]
"""
from docopt import docopt
args = docopt(__doc__)
print(f"loss: {(float(args['--lr'] or 0.1) - 0.3) ** 2}")
print(f"accuracy: {int(args['--norm'])}")
'''

SACRED = """\
from sacred import Experiment
ex = Experiment("train")

@ex.config
def config():
    lr = 0.1
    net = {"width": 8, "name": "small"}

@ex.automain
def run(lr, net):
    print(f"loss: {(lr - 0.3) ** 2}")
    print(f"f1: {net['width']}")
"""

OMEGACONF = """\
from omegaconf import OmegaConf
conf = OmegaConf.merge(OmegaConf.load("base.yaml"), OmegaConf.from_cli())
print(f"loss: {(conf.opt.lr - 0.3) ** 2}")
print(f"score: {len(conf.widths)}")
"""

ARGUMENTS = """\
import sys
rate = float(sys.argv[1]) if len(sys.argv) > 1 else 0.1
momentum = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
WIDTH = 8
print(f"loss: {(rate - 0.3) ** 2}")
print(f"score: {momentum}")
print(f"f1: {WIDTH}")
"""

VARIABLES = """\
import os
lr = float(os.environ.get("LR", 0.1))
epochs = int(os.getenv("EPOCHS", "3"))
print(f"loss: {(lr - 0.3) ** 2}")
print(f"score: {epochs}")
"""


def assert_searched(done: Sweep, name: str) -> None:
    assert len(done.completed) == len(done.trials)
    expected = [(value - 0.3) ** 2 for value in done.values(name)]
    assert done.last("loss") == pytest.approx(expected)
    assert done.objectives == done.last("loss")


def test_hydra(sweep: RunSweep) -> None:
    files = {"train.py": HYDRA, **CONF}
    done = sweep(files, "train.py", "opt.lr=[1e-05,0.3]", "net=[small,large]", "note=a, 'b'")

    assert_searched(done, "opt.lr")
    widths = {"small": 8, "large": 64}
    assert done.last("f1") == [widths[name] for name in done.values("net")]
    assert done.last("score") == [6.0] * 4


def test_absl(sweep: RunSweep) -> None:
    done = sweep({"train.py": ABSL}, "train.py", "lr=[0.2,0.3]", "norm=[yes,no]", "widths='1,2,3'")

    assert_searched(done, "lr")
    assert done.last("accuracy") == [int(value) for value in done.values("norm")]
    assert done.last("score") == [3, 3, 3, 3]


def test_fire(sweep: RunSweep) -> None:
    flags = ("lr=[0.2,0.25,0.3]", "name=007", "norm=no", "api_key=12345")
    done = sweep({"train.py": FIRE}, "train.py", *flags, "--warm", "on")

    assert_searched(done, "lr")
    assert (done.last("accuracy"), done.last("score")) == ([0] * 3, [5] * 3)
    words = shlex.split(done.trials[0].command)
    assert {"--lr=0.2", "--name='007'", "--norm=False"} < set(words)
    assert "12345" not in done.trials[0].command


def test_tyro(sweep: RunSweep) -> None:
    done = sweep({"train.py": TYRO}, "train.py", "optimizer.lr=[0.2,0.3]", "norm=[yes,no]")

    assert_searched(done, "optimizer.lr")
    assert done.last("accuracy") == [int(value) for value in done.values("norm")]


def test_docopt(sweep: RunSweep) -> None:
    done = sweep({"train.py": DOCOPT}, "train.py", "lr=[0.2,0.3]", "norm=[yes,no]")

    assert_searched(done, "lr")
    assert done.last("accuracy") == [int(value) for value in done.values("norm")]


def test_sacred(sweep: RunSweep) -> None:
    done = sweep(
        {"train.py": SACRED}, "train.py", "lr=[0.2,0.25,0.3]", "net.width=16", "--warm", "on"
    )

    assert_searched(done, "lr")
    assert done.last("f1") == [16, 16, 16]


def test_a_named_configuration_of_sacred_is_typed_as_for_sacred(sweep: RunSweep) -> None:
    text = SACRED.replace(
        "@ex.automain", "@ex.named_config\ndef wide():\n    net = {'width': 32}\n\n@ex.automain"
    )
    done = sweep({"train.py": text}, "train.py", "lr=0.2", "--", "with", "wide")

    assert_searched(done, "lr")
    assert done.last("f1") == [32]


def test_omegaconf(sweep: RunSweep) -> None:
    files = {"train.py": OMEGACONF, "base.yaml": "opt:\n  lr: 0.1\nwidths: [8, 8]\n"}
    done = sweep(files, "train.py", "opt.lr=[1e-05,0.3]")

    assert_searched(done, "opt.lr")


def test_arguments_by_their_place(sweep: RunSweep) -> None:
    done = sweep({"train.py": ARGUMENTS}, "train.py", "rate=[0.2,0.3]", "2=0.25", "WIDTH=16")

    assert_searched(done, "rate")
    assert done.last("score") == [0.25, 0.25]
    assert done.last("f1") == [16, 16]


def test_variables_of_the_environment(sweep: RunSweep) -> None:
    done = sweep({"train.py": VARIABLES}, "train.py", "LR=[0.2,0.3]", "EPOCHS=5")

    assert_searched(done, "LR")
    assert done.last("score") == [5, 5]
    assert done.trials[0].command == "EPOCHS=5 LR=0.2 python train.py"
