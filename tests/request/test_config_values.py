"""A default that a named configuration file replaces is not recorded."""

from pathlib import Path

import pytest

from tunesmith.flags.assignments import split_argument
from tunesmith.request.new import new
from tunesmith.request.script_of_request import read_script
from tunesmith.request.sweep_request import SweepRequest

SCRIPT = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("-c", "--config")
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--seed", type=int, default=1)
parser.parse_args()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "small.yaml").write_text("optimizer:\n  lr: 0.5\n")
    (tmp_path / "large.toml").write_text("batch_size = 512\n")
    (tmp_path / "broken.yaml").write_text("lr: [\n")
    return tmp_path


def recorded(folder: Path, *flags: str, extra: tuple[str, ...] | None = None) -> set[str]:
    request = SweepRequest(
        script="train.py",
        folder=folder,
        flags=tuple(split_argument(one) for one in flags),
        extra_arguments=extra,
    )
    return set(
        new(request, read_script(request, folder / ".tunesmith"), folder / ".tunesmith").settings
    )


@pytest.mark.parametrize(
    ("flags", "extra", "replaced"),
    [
        ((), None, set()),
        (("config=small.yaml",), None, {"lr"}),
        (("config=[small.yaml,large.toml]",), None, {"lr", "batch-size"}),
        (("config=small.yaml", "lr=[1,2]"), None, set()),
        ((), ("--config=large.toml",), {"batch-size", "config"}),
        (("config=broken.yaml",), None, set()),
        (("config=none.yaml",), None, set()),
    ],
)
def test_what_a_named_file_says_has_no_recorded_default(
    folder: Path, flags: tuple[str, ...], extra: tuple[str, ...] | None, replaced: set[str]
) -> None:
    named = {"config"} if flags else set()
    every = recorded(folder) | named
    assert every - recorded(folder, *flags, extra=extra) == replaced & every
