"""Defaults that a reading starts from: those of files, and of a namespace."""

from pathlib import Path

from tests.script.asking.conftest import FindFlags

CONFIGARGPARSE = """
import configargparse
parser = configargparse.ArgParser(default_config_files=["defaults.cfg"])
parser.add("--lr", type=float, default=0.1)
parser.add("--data", required=True)
parser.add("--depth", type=int, default=3)
args = parser.parse_args()
open("worked", "w")
"""
JSONARGPARSE = """
from jsonargparse import ArgumentParser
parser = ArgumentParser(default_config_files=["defaults.yaml"])
parser.add_argument("--optimizer.lr", type=float, default=0.1)
parser.add_argument("--depth", type=int, default=3)
args = parser.parse_args()
open("worked", "w")
"""
NAMESPACE = """
import argparse
import json
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--depth", type=int, default=3)
start = argparse.Namespace(**json.load(open("defaults.json")))
args = parser.parse_args(namespace=start)
open("worked", "w")
"""


def test_the_files_of_configargparse_have_defaults(find: FindFlags, project: Path) -> None:
    (project / "defaults.cfg").write_text("lr: 0.25\ndata: mnist\n")

    flags = find(CONFIGARGPARSE)

    assert flags.defaults == {"lr": 0.25, "data": "mnist", "depth": 3}
    assert not any(one.is_required for one in flags.definitions)


def test_the_files_of_jsonargparse_have_defaults(find: FindFlags, project: Path) -> None:
    (project / "defaults.yaml").write_text("optimizer:\n  lr: 0.25\n")

    assert find(JSONARGPARSE).defaults == {"optimizer.lr": 0.25, "depth": 3}


def test_a_namespace_has_defaults(find: FindFlags, project: Path) -> None:
    (project / "defaults.json").write_text('{"lr": 0.25}')

    assert find(NAMESPACE).defaults == {"lr": 0.25, "depth": 3}


def test_an_empty_namespace_has_none(find: FindFlags) -> None:
    flags = find(NAMESPACE.replace("namespace=start", "namespace=argparse.Namespace()"))

    assert flags.defaults == {"lr": 0.1, "depth": 3}
    assert flags.found_by.startswith("in the text")


def test_a_value_that_sacred_derives_from_another_has_no_default_of_its_own(
    find: FindFlags,
) -> None:
    flags = find(
        "from sacred import Experiment\nexperiment = Experiment('fit')\n@experiment.config\n"
        "def config():\n    lr = 0.1\n    half = lr / 2\n    net = {'width': 8}\n"
        "@experiment.automain\ndef main(lr, half, net):\n    open('worked', 'w')\n"
    )

    expected = {"lr": 0.1, "half": "computed", "net.width": 8, "seed": "computed"}
    assert flags.defaults == expected
