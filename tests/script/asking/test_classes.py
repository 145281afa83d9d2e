"""What lies in a class that an option takes, in one of several structures, or in a group."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.script.asking.conftest import FindFlags
from tunesmith.errors import FlagError
from tunesmith.flags.assignments import Assignment, assign
from tunesmith.script.arguments import build_arguments

JSONARGPARSE = """
from jsonargparse import ArgumentParser
class Optimizer:
    pass
class SGD(Optimizer):
    def __init__(self, lr: float = 0.1, nesterov: bool = False):
        self.shown = (lr, nesterov)
class Adam(Optimizer):
    def __init__(self, betas: list[float] = [0.9, 0.99]):
        self.shown = betas
parser = ArgumentParser()
parser.add_argument("--opt", type=Optimizer, default={"class_path": "SGD"})
args = parser.parse_args()
print(parser.instantiate_classes(args).opt.shown)
"""
TYRO = """
import dataclasses
import tyro
@dataclasses.dataclass
class Adam:
    lr: float = 0.01
@dataclasses.dataclass
class Sgd:
    lr: float = 0.1
@dataclasses.dataclass
class Args:
    opt: Adam | Sgd{default}
    mode: str = "a"
tyro.cli(Args)
"""
HYDRA = """
import hydra
@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config):
    open("worked", "w")
main()
"""


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"opt.lr": 0.3, "opt.nesterov": True}, "(0.3, True)"),
        ({"opt.init_args.lr": 0.3}, "(0.3, False)"),
        ({"opt": "Adam", "opt.betas": (0.5, 0.6)}, "[0.5, 0.6]"),
    ],
)
def test_the_parameters_of_a_class_are_flags(
    find: FindFlags, project: Path, given: dict[str, object], shown: str
) -> None:
    flags = find(JSONARGPARSE)
    assert flags.defaults == {"opt": "SGD"}

    named = {(flag.name if (flag := flags.get(name)) else ""): given[name] for name in given}
    words = build_arguments(flags, named)  # type: ignore[arg-type]  # plain values
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "train.py", *words],
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == shown, done.stderr
    assert flags.get("opt.rate") is None


def test_structures_with_a_default_need_no_choice(find: FindFlags) -> None:
    factory = " = dataclasses.field(default_factory=Adam)"

    assert find(TYRO.replace("{default}", factory)).runs_alone
    assert not find(TYRO.replace("{default}", "")).runs_alone


def test_what_lies_in_another_choice_of_a_group_is_a_flag_beside_it(
    find: FindFlags, project: Path
) -> None:
    (project / "conf" / "net" / "head").mkdir(parents=True)
    for name, text in {
        "config": "defaults:\n  - net/head: linear\nlr: 0.1\n",
        "net/head/linear": "kind: linear\n",
        "net/head/mlp": "kind: mlp\ndepth: 2\n",
    }.items():
        (project / "conf" / f"{name}.yaml").write_text(text)
    flags = find(HYDRA)

    both = [Assignment(name="net/head", text="mlp"), Assignment(name="net.head.depth", text="4")]
    settings = assign(flags, both, script="train.py")

    assert build_arguments(flags, settings) == ["net/head=mlp", "net.head.depth=4"]  # type: ignore[arg-type]  # plain values
    assert flags.defaults_beside(settings) == {"lr": 0.1, "net/head": "linear"}
    assert flags.defaults["net.head.kind"] == "linear"
    for wrong in (both[1:], [both[0], Assignment(name="net.head.width", text="4")]):
        with pytest.raises(FlagError, match=r"has no flag 'net\.head"):
            assign(flags, wrong, script="train.py")
