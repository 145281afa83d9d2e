"""Every row of docs/programs.md, run as it is written there."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.programs.conftest import RunSweep
from tests.script.test_notebook import notebook

PAGE = Path(__file__).parents[2] / "docs" / "programs.md"

PRINT = 'print(f"loss: {(lr - 0.3) ** 2}")\n'
PARSE = "import argparse\nparser = argparse.ArgumentParser()\n"
TRAIN = (
    PARSE
    + 'parser.add_argument("--learning-rate", "--lr", type=float, default=0.1)\n'
    + "lr = parser.parse_args().learning_rate\n"
    + PRINT
)
MODULE = PARSE + (
    'parser.add_argument("--lr", type=float, default=0.1)\n'
    "def main():\n"
    "    lr = parser.parse_args().lr\n"
    f"    {PRINT}"
    'if __name__ == "__main__":\n'
    "    main()\n"
)

MAIN = f"def main(lr):\n    {PRINT}"
DATACLASS = "from dataclasses import dataclass\n@dataclass\nclass Options:\n    lr: float = 0.1\n"
TOOL = (
    PARSE
    + (
        'parser.add_argument("--verbose", action="store_true")\n'
        'commands = parser.add_subparsers(dest="command", required=True)\n'
        'training = commands.add_parser("train")\n'
        'training.add_argument("--lr", type=float, default=0.1)\n'
        'commands.add_parser("test").add_argument("--split", default="all")\n'
        "lr = parser.parse_args().lr\n"
    )
    + PRINT
)
NESTED = 'cfg = {"optimizer": {"lr": 0.1}}\n'
NOTEBOOK = json.dumps(
    {
        "cells": [
            {
                "cell_type": "code",
                "metadata": {},
                "outputs": [],
                "source": "lr = 0.1",
                "execution_count": None,
                "id": "a",
            },
            {
                "cell_type": "code",
                "metadata": {},
                "outputs": [],
                "source": PRINT,
                "execution_count": None,
                "id": "b",
            },
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
_MODULES = {"pkg/__init__.py": "", "pkg/train.py": MODULE}
_CONFIGURED = {
    "config.yaml": "optimizer:\n  lr: 0.1  # per sample\n",
    "configured.py": "import yaml\n"
    'lr = yaml.safe_load(open("config.yaml"))["optimizer"]["lr"]\n' + PRINT,
}

PROJECTS: dict[str, dict[str, str]] = {
    "train.py lr=loguniform[1e-4:1]": {"train.py": TRAIN},
    "train.py learning_rate=[0.1,0.3]": {"train.py": TRAIN},
    "tool.py train lr=[0.1,0.3]": {"tool.py": TOOL},
    "tool.py lr=[0.1,0.3]": {"tool.py": TOOL},
    "positional.py lr=[0.1,0.3]": {
        "positional.py": PARSE
        + 'parser.add_argument("lr", type=float)\nlr = parser.parse_args().lr\n'
        + PRINT
    },
    "dataclass.py lr=[0.1,0.3]": {
        "dataclass.py": DATACLASS
        + "from simple_parsing import ArgumentParser\nparser = ArgumentParser()\n"
        + 'parser.add_arguments(Options, dest="options")\n'
        + "lr = parser.parse_args().options.lr\n"
        + PRINT
    },
    "main.py fit lr=[0.1,0.3]": {
        "main.py": "from jsonargparse import CLI\n"
        "class Main:\n    def fit(self, lr: float = 0.1):\n"
        f"        {PRINT}"
        "    def test(self, split: str = 'all'):\n        pass\n"
        "CLI(Main)\n"
    },
    "configargparse_.py lr=[0.1,0.3]": {
        "configargparse_.py": "import configargparse\n"
        "parser = configargparse.ArgParser()\n"
        'parser.add("--lr", type=float, default=0.1)\nlr = parser.parse_args().lr\n' + PRINT
    },
    "command.py lr=[0.1,0.3]": {
        "command.py": 'import click\n@click.command()\n@click.option("--lr", default=0.1)\n'
        f"{MAIN}main()\n"
    },
    "group.py train lr=[0.1,0.3]": {
        "group.py": "import click\n@click.group()\ndef cli():\n    pass\n"
        '@cli.command("train")\n@click.option("--lr", default=0.1)\n'
        f"{MAIN}cli()\n"
    },
    "older.py lr=[0.1,0.3]": {
        "older.py": "from optparse import OptionParser\nparser = OptionParser()\n"
        'parser.add_option("--lr", type="float", default=0.1)\n'
        "lr = parser.parse_args()[0].lr\n" + PRINT
    },
    "absl_.py learning_rate=[0.1,0.3]": {
        "absl_.py": "from absl import app, flags\nFLAGS = flags.FLAGS\n"
        'flags.DEFINE_float("learning_rate", 0.1, "Step size.")\n'
        "def main(_):\n    lr = FLAGS.learning_rate\n"
        f"    {PRINT}"
        'if __name__ == "__main__":\n    app.run(main)\n'
    },
    "finetune.py lr=[0.1,0.3]": {
        "finetune.py": "import fire\n" + MAIN.replace("(lr)", "(lr=0.1)") + "fire.Fire(main)\n"
    },
    "ppo.py lr=[0.1,0.3]": {
        "ppo.py": DATACLASS + "import tyro\nlr = tyro.cli(Options).lr\n" + PRINT
    },
    "usage.py lr=[0.1,0.3]": {
        "usage.py": '"""Train.\n\nUsage:\n  usage.py [--lr=<lr>]\n\n'
        'Options:\n  --lr=<lr>  Step size [default: 0.1].\n"""\n'
        'from docopt import docopt\nlr = float(docopt(__doc__)["--lr"])\n' + PRINT
    },
    "experiment.py lr=[0.1,0.3]": {
        "experiment.py": "from sacred import Experiment\n"
        'ex = Experiment("train", save_git_info=False)\n'
        "@ex.config\ndef config():\n    lr = 0.1\n"
        f"@ex.automain\n{MAIN}"
    },
    "hydra_.py optimizer.lr=[0.1,0.3]": {
        "conf/config.yaml": "optimizer:\n  lr: 0.1\n",
        "hydra_.py": "import hydra\n"
        '@hydra.main(version_base=None, config_path="conf", config_name="config")\n'
        "def main(cfg):\n    lr = cfg.optimizer.lr\n"
        f"    {PRINT}"
        "main()\n",
    },
    "omega.py optimizer.lr=[0.1,0.3]": {
        "omega.py": "from omegaconf import OmegaConf\n"
        + NESTED
        + "cfg = OmegaConf.merge(OmegaConf.create(cfg), OmegaConf.from_cli())\n"
        + "lr = cfg.optimizer.lr\n"
        + PRINT
    },
    "arguments.py lr=[0.1,0.3]": {"arguments.py": "import sys\nlr = float(sys.argv[1])\n" + PRINT},
    "arguments.py 1=[0.1,0.3]": {"arguments.py": "import sys\nlr = float(sys.argv[1])\n" + PRINT},
    "environment.py LR=[0.1,0.3]": {
        "environment.py": 'import os\nlr = float(os.environ.get("LR", "0.1"))\n' + PRINT
    },
    "constants.py LEARNING_RATE=[0.1,0.3]": {
        "constants.py": "LEARNING_RATE = 1e-3\nlr = LEARNING_RATE\n" + PRINT
    },
    "configured.py config.yaml:optimizer.lr=[0.1,0.3]": _CONFIGURED,
    "configured.py optimizer.lr=[0.1,0.3]": _CONFIGURED,
    "functions.py 'train(lr)=[0.1,0.3]'": {
        "functions.py": f"def train(lr=0.1):\n    {PRINT}train()\n"
    },
    "classes.py CFG.lr=[0.1,0.3]": {
        "classes.py": "class CFG:\n    lr = 0.1\nlr = CFG.lr\n" + PRINT
    },
    "calls.py 'fit(lr)=[0.1,0.3]'": {
        "calls.py": f"def fit(model, *, lr):\n    {PRINT}fit(None, lr=0.1)\n"
    },
    "pkg.train lr=[0.1,0.3]": _MODULES,
    "train.ipynb lr=[0.1,0.3]": {"train.ipynb": NOTEBOOK},
    "settings.ipynb CFG.lr=[0.1,0.3]": {
        "settings.ipynb": notebook("class CFG:\n    lr = 0.1", "print('loss:', CFG.lr)")
    },
    "./train.sh lr=[0.1,0.3]": {"train.sh": '#!/bin/sh\necho "loss: $2"\n'},
    "./variables.sh LR=[0.1,0.3]": {
        "variables.sh": '#!/bin/sh\nLR=${LR:-0.1}\necho "loss: $LR"\n'
    },
    "lr=[0.1,0.3] -- python train.py {flags}": {"train.py": TRAIN},
    "lr=[0.1,0.3] -- python -m pkg.train --lr {lr}": _MODULES,
    "LR=[0.1,0.3] -- make train": {"Makefile": "LR ?= 0.1\ntrain:\n\t@echo loss: $(LR)\n"},
    "lr=[0.1,0.3] -- python reading.py {config}": {
        "reading.py": 'import json, sys\nlr = json.load(open(sys.argv[1]))["lr"]\n' + PRINT
    },
    "lr=[0.1,0.3] -- python loading.py {json}": {
        "loading.py": 'import json, sys\nlr = json.loads(sys.argv[1])["lr"]\n' + PRINT
    },
    "sweep.yaml": {
        "train.py": TRAIN,
        "sweep.yaml": "program: train.py\n"
        "method: grid\n"
        "metric: {name: loss, goal: minimize}\n"
        "parameters:\n"
        "  lr: {values: [0.1, 0.3]}\n",
    },
}
"""The project of each command on the page."""


def _rows() -> list[str]:
    return re.findall(r"^\|.*\| `tunesmith run (.*)` \|$", PAGE.read_text(), re.MULTILINE)


def test_every_row_has_a_project() -> None:
    assert sorted(_rows()) == sorted(PROJECTS)


@pytest.mark.server
@pytest.mark.parametrize("command", _rows())
def test_what_the_page_says_to_type_works(sweep: RunSweep, command: str) -> None:
    words = shlex.split(command)
    options = [] if command == "sweep.yaml" else ["-m", "2"]

    done = sweep(PROJECTS[command], *options, *words)

    assert len(done.completed) == 2, done.said
    assert None not in done.objectives, done.said
    assert len(set(done.objectives)) == 2, "the flags had no effect"
