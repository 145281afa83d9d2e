"""A program whose libraries are not installed is asked with others standing in for them."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.script.asking.conftest import FindFlags
from tunesmith.errors import HiddenFlagsError

COMPUTED = """\
import argparse
import heavylib
import heavylib.nn as nn
from heavylib.data import Dataset, load, utils as u
from layers import MODELS, LAYERS

ARCHITECTURES = sorted(name for name in heavylib.__dict__ if name.islower())

class Net(nn.Module, u.Mixin):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(1, 2)

@heavylib.jit
def main():
    first, second = heavylib.sizes()
    parser = argparse.ArgumentParser()
    parser = heavylib.add_arguments(parser)
    parser.add_argument("--model", choices=list(MODELS), default="small")
    parser.add_argument("--arch", choices=ARCHITECTURES, default=heavylib.best())
    parser.add_argument("--layer", type=float, default=heavylib.pi)
    for name in ("lr", "momentum"):
        parser.add_argument("--" + name, type=float, default=0.1, help=heavylib.help)
    args = parser.parse_args()
    open("worked", "w")

if __name__ == "__main__":
    main()
"""
LAYERS = """\
from typing import Optional, Union
import heavylib

class Small(heavylib.nn.Module):
    size: Optional[heavylib.Tensor] = None
    def forward(self, x: Union[int, heavylib.Tensor]) -> "heavylib.Tensor": ...

MODELS = {"small": Small, "large": Small}
LAYERS = heavylib.nn.layers + 1
assert heavylib.__version__ == "0.3" and isinstance(Small(), heavylib.Other) is False
"""


def test_options_of_a_program_that_lacks_a_library_are_found(find: FindFlags) -> None:
    found = find(COMPUTED, layers=LAYERS)
    defaults = {flag.name: flag.default for flag in found.definitions}
    assert defaults == {
        "model": "small",
        "arch": "computed",
        "layer": "computed",
        "lr": 0.1,
        "momentum": 0.1,
    }
    assert "heavylib is not installed for" in found.doubt


def test_no_choices_follow_from_a_library_that_is_lacking(find: FindFlags) -> None:
    found = find(COMPUTED, layers=LAYERS)
    assert {flag.name: flag.choices for flag in found.definitions if flag.choices} == {}


def test_choices_of_the_program_are_kept(find: FindFlags) -> None:
    text = COMPUTED.replace(
        "sorted(name for name in heavylib.__dict__ if name.islower())", "['a']"
    )
    found = find(text, layers=LAYERS)
    assert {flag.name: flag.choices for flag in found.definitions if flag.choices} == {
        "model": ("small", "large"),
        "arch": ("a",),
    }


def test_the_doubt_is_kept_with_the_answer(find: FindFlags) -> None:
    assert find(COMPUTED, layers=LAYERS) == find(COMPUTED, layers=LAYERS)


OPTIONAL = """\
import argparse
import heavylib
try:
    import otherlib
except ImportError:
    otherlib = None
parser = argparse.ArgumentParser()
for name in ("lr", "momentum") if otherlib is None else ():
    parser.add_argument("--" + name, type=float, default=0.1)
parser.parse_args()
"""


def test_a_library_that_is_optional_is_not_there(find: FindFlags) -> None:
    found = find(OPTIONAL)
    assert found.names == ("lr", "momentum")
    assert "otherlib" not in found.doubt


REQUIRED = OPTIONAL.replace("otherlib = None", "raise SystemExit('install otherlib')").replace(
    "is None", "is not None"
)


def test_a_library_without_which_a_program_ends_is_stood_in_for(find: FindFlags) -> None:
    found = find(REQUIRED)
    assert found.names == ("lr", "momentum")
    assert found.doubt.startswith("heavylib and otherlib are not installed")


ALL = """\
from heavylib.everything import *
import argparse
class Net(Module): pass
def train(): return Trainer(Net()).fit(epochs)
parser = argparse.ArgumentParser(description=Title)
for name in ("lr", "momentum"):
    parser.add_argument("--" + name, type=float, default=0.1)
parser.parse_args()
"""


def test_names_of_a_library_that_all_is_imported_of(find: FindFlags) -> None:
    assert find(ALL).names == ("lr", "momentum")


DATACLASSES = """\
import enum
from dataclasses import dataclass, field
from typing import Literal, Optional
from heavylib import HfArgumentParser, TrainingArguments

@dataclass
class Model:
    name: str = field(metadata={"help": "which"})
    width: Optional[int] = None
    freeze: bool = False
    kind: Literal["a", "b"] = "a"
    sizes: list[int] = field(default_factory=lambda: [1, 2])

@dataclass
class Training(TrainingArguments):
    warm_lr: float = 1e-4

parser = HfArgumentParser((Model, Training, TrainingArguments))
model, training = parser.parse_args_into_dataclasses()
open("worked", "w")
"""


def test_fields_of_dataclasses_are_options_for_transformers(find: FindFlags) -> None:
    found = find(DATACLASSES)
    assert [(flag.name, str(flag.type), flag.default) for flag in found.definitions] == [
        ("name", "text", None),
        ("width", "int", None),
        ("freeze", "bool", False),
        ("kind", "text", "a"),
        ("sizes", "int", (1, 2)),
        ("warm_lr", "float", 1e-4),
    ]
    assert found.definitions[0].is_required
    assert found.definitions[3].choices == ("a", "b")


def test_options_that_are_added_to_the_parser_of_a_library(find: FindFlags) -> None:
    found = find(
        "import heavylib\n"
        "parser = heavylib.default_parser()\n"
        "parser.add_argument('--lr', type=float, default=0.1)\n"
        "args = parser.parse_args()\n"
        "open('worked', 'w')\n"
    )
    assert found.names == ("lr",)
    assert found.doubt


@pytest.mark.parametrize("run", ["run(main)", "run()"])
def test_flags_of_absl_by_their_name_in_tensorflow(run: str, find: FindFlags) -> None:
    found = find(
        "import tensorflow as tf\n"
        "flags = tf.app.flags\n"
        "flags.DEFINE_float('lr', 0.1, 'the step')\n"
        "def main(_):\n    open('worked', 'w')\n"
        f"if __name__ == '__main__':\n    tf.app.{run}\n"
    )
    assert found.get("lr") is not None


def test_a_package_of_the_project_is_imported_though_it_is_not_on_the_path(
    project: Path, find: FindFlags
) -> None:
    options = "def add(parser):\n    parser.add_argument('--lr', type=float, default=0.1)\n"
    (project / "src" / "own").mkdir(parents=True)
    (project / "src" / "own" / "__init__.py").write_text("")
    (project / "src" / "own" / "options.py").write_text(options)
    found = find(
        "import argparse\nimport heavylib\nfrom own.options import add\n"
        "parser = argparse.ArgumentParser()\nadd(parser)\nparser.parse_args()\n"
    )
    assert found.names == ("lr",)
    assert "own" in found.doubt


def test_a_package_of_the_project_that_fails_is_stood_in_for(
    project: Path, find: FindFlags
) -> None:
    (project / "src" / "own").mkdir(parents=True)
    (project / "src" / "own" / "__init__.py").write_text("from own import layers\n")
    (project / "src" / "own" / "layers.py").write_text("import heavylib\n1 / 0\n")
    found = find(
        "import argparse\nfrom own.layers import Layer\n"
        "parser = argparse.ArgumentParser()\n"
        "for name in ('lr', 'momentum'):\n"
        "    parser.add_argument('--' + name, type=float, default=0.1)\n"
        "parser.parse_args()\n"
    )
    assert found.names == ("lr", "momentum")


def test_a_package_of_the_project_that_does_not_work_is_stood_in_for(
    project: Path, find: FindFlags
) -> None:
    (project / "src" / "own").mkdir(parents=True)
    (project / "src" / "own" / "__init__.py").write_text(
        "import heavylib\ndef setup():\n    raise RuntimeError('no device')\n"
    )
    found = find(
        "import argparse\nimport own\nown.setup()\n"
        "parser = argparse.ArgumentParser()\n"
        "for name in ('lr', 'momentum'):\n"
        "    parser.add_argument('--' + name, type=float, default=0.1)\n"
        "parser.parse_args()\n"
    )
    assert found.names == ("lr", "momentum")


@pytest.mark.parametrize(
    "act",
    [
        "open(outside, 'w')",
        "os.open(outside, os.O_CREAT | os.O_WRONLY)",
        "os.mkdir(outside)",
        "os.remove(inside)",
        "pathlib.Path(inside).rename(outside)",
        "shutil.rmtree(os.path.dirname(inside))",
        "os.truncate(inside, 0)",
        "subprocess.run(['touch', outside])",
        "os.system(f'touch {outside}')",
        "os.fork() or open(outside, 'w')",
    ],
)
def test_what_a_stand_in_says_has_no_effect(
    act: str, project: Path, tmp_path: Path, find: FindFlags
) -> None:
    kept, outside = tmp_path / "kept" / "file", tmp_path / "outside"
    kept.parent.mkdir()
    kept.write_text("content")
    with suppress(HiddenFlagsError):
        find(
            "import heavylib, os, pathlib, shutil, subprocess, argparse\n"
            f"inside, outside = {str(kept)!r}, {str(outside)!r}\n"
            f"if heavylib.is_fine():\n    open('came', 'w')\n    {act}\n"
            "parser = argparse.ArgumentParser()\n"
            "parser.add_argument('--came', default=os.path.exists('came'), **{})\n"
            "parser.parse_args()\n"
        )
    assert kept.read_text() == "content"
    assert not outside.exists()


def test_a_program_without_a_parser_says_what_is_lacking(find: FindFlags) -> None:
    with pytest.raises(HiddenFlagsError, match="No module named 'heavylib'"):
        find("import argparse\nimport heavylib\nargs = heavylib.read(argparse.ArgumentParser)\n")


def test_a_parser_of_another_module_is_not_taken_for_complete(find: FindFlags) -> None:
    base = (
        "import argparse\ndef setup_parser():\n    parser = argparse.ArgumentParser()\n"
        "    parser.add_argument('--lr', type=float, default=0.1)\n    return parser\n"
    )
    found = find(
        "import argparse\nimport base\n"
        "def setup_parser() -> argparse.ArgumentParser:\n"
        "    parser = base.setup_parser()\n"
        "    parser.add_argument('--tau', type=float, default=0.5)\n    return parser\n"
        "args = setup_parser().parse_args()\n",
        base=base,
    )
    assert set(found.names) == {"lr", "tau"}
    assert not found.doubt


def test_options_by_another_name_of_the_method_are_found(find: FindFlags) -> None:
    found = find(
        "import argparse\nparser = argparse.ArgumentParser()\nadd = parser.add_argument\n"
        "add('--lr', type=float, default=0.1)\nargs = parser.parse_args()\n"
    )
    assert found.names == ("lr",)


def test_parameters_by_position_have_defaults_too(find: FindFlags) -> None:
    found = find(
        "import argparse\ndef rate(x=1, /, y=2):\n    return 0.1\n"
        "parser = argparse.ArgumentParser()\n"
        "for name in ('lr', 'momentum'):\n"
        "    parser.add_argument('--' + name, type=float, default=rate())\n"
        "parser.parse_args()\n"
    )
    assert found.names == ("lr", "momentum")


def test_options_in_the_text_are_shown_where_a_program_fails(find: FindFlags) -> None:
    found = find(
        "import argparse, os\n"
        "NAMES = os.listdir('data')\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--lr', type=float, default=0.1)\n"
        "parser.add_argument('--name', choices=NAMES, default=NAMES[0])\n"
        "parser.add_argument('--verbose', action='store_true')\n"
        "for name in NAMES:\n    parser.add_argument('--' + name)\n"
        "args = parser.parse_args()\n"
    )
    assert [(flag.name, str(flag.type), flag.default) for flag in found.definitions] == [
        ("lr", "float", 0.1),
        ("name", "any", "computed"),
        ("verbose", "bool", False),
    ]
    assert "failed before it read its command line" in found.doubt


def test_a_function_of_a_library_may_read_with_a_parser_that_it_is_given(find: FindFlags) -> None:
    found = find(
        "import heavylib\nparser = heavylib.make_parser()\n"
        "parser.add_argument('--lr', type=float, default=0.1)\n"
        "args = heavylib.options.parse_args_and_more(parser)\n"
        "open('worked', 'w')\n"
    )
    assert found.names == ("lr",)


def test_an_action_of_a_library_stores(find: FindFlags) -> None:
    found = find(
        "import argparse\nfrom heavylib import DictAction\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--lr', type=float, default=0.1)\n"
        "parser.add_argument('--more', nargs='+', action=DictAction)\n"
        "parser.parse_args()\n"
    )
    assert found.names == ("lr", "more")


def test_fields_of_a_dataclass_that_is_lacking_are_none(find: FindFlags) -> None:
    found = find(
        "import argparse, dataclasses\nimport heavylib\n"
        "parser = argparse.ArgumentParser()\n"
        "for name in ['lr', *dataclasses.fields(heavylib.Config)]:\n"
        "    parser.add_argument('--' + name, type=float, default=0.1)\n"
        "parser.parse_args()\n"
    )
    assert found.names == ("lr",)


def test_a_parser_that_is_only_imported_is_none(find: FindFlags) -> None:
    found = find("from argparse import ArgumentParser\nimport heavylib\nLR = 0.1\n")
    assert found.names == ("LR",)
