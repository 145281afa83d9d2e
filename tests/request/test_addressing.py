"""Names that are no flags are looked up in the files that trials get a copy of."""

from pathlib import Path
from typing import Any

import pytest

from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_from_plain, batch_to_plain
from tunesmith.errors import HiddenFlagsError, UsageError
from tunesmith.flags.assignments import split_argument
from tunesmith.flags.definition import FlagSource
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.request.addressing import address_lines, listed_addresses
from tunesmith.request.change import change
from tunesmith.request.new import new, with_source
from tunesmith.request.script_of_request import read_script
from tunesmith.request.sweep_request import SweepRequest, WorkingDirectory
from tunesmith.runner import Runner
from tunesmith.storage.store import Store

ARGPARSE = (
    "import argparse, yaml\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float)\n"
    "c = yaml.safe_load(open('config.yaml'))\nf(C=1.0, api_key='k')\n"
)
CONFIG = "model:\n  width: 64\n  lr: 0.1\ndata:\n  width: 32\nseeds: [1, 2]\nx: &x 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "train.py").write_text(ARGPARSE)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "more.yaml").write_text("depth: 1\n")
    return tmp_path


def asked(folder: Path, *flags: str, **options: Any) -> BatchSpec:
    request = SweepRequest(
        script="train.py",
        folder=folder,
        flags=tuple(split_argument(one) for one in flags),
        **options,
    )
    return new(request, read_script(request, folder / ".tunesmith"), folder / ".tunesmith")


def test_an_address_is_a_flag_beside_those_of_the_script(folder: Path) -> None:
    spec = asked(folder, "lr=0.5", "model.width=[16,32]", "C=2", optimizer="grid")
    assert spec.script_flags.source is FlagSource.ARGPARSE
    widths = spec.settings["model.width"]
    assert isinstance(widths, Choices)
    assert widths.values == (16, 32)
    assert set(spec.settings) == {"lr", "model.width", "C"}
    addresses = {flag.name: flag.address for flag in spec.script_flags.definitions}
    assert addresses == {"lr": "", "model.width": "config.yaml:model.width", "C": "train.py:f(C)"}
    assert address_lines(spec) == [
        "model.width is a value in config.yaml",
        "C is f(C) in train.py",
    ]


def test_a_script_without_flags_has_addresses(folder: Path) -> None:
    (folder / "train.py").write_text("f(C=1.0)\n")
    spec = asked(folder, "C=2")
    assert spec.script_flags.source is FlagSource.ADDRESSES


def test_a_script_that_cannot_be_asked_has_addresses(folder: Path) -> None:
    (folder / "train.py").write_text("import argparse, sys\nf(C=1.0)\nargparse.ArgumentParser\n")
    with pytest.raises(HiddenFlagsError):
        asked(folder, "unknown=2")
    assert asked(folder, "C=2").settings == {"C": 2}


def test_a_global_may_be_typed_with_its_file(folder: Path) -> None:
    (folder / "train.py").write_text("x = 1\n")
    spec = asked(folder, "train.py:x=2")
    assert spec.settings == {"x": 2}
    assert [flag.address for flag in spec.script_flags.definitions] == [""]


def test_a_column_of_a_batch_file_may_be_an_address(folder: Path) -> None:
    (folder / "trials.csv").write_text("data.width,lr\n8,0.1\n16,0.2\n")
    spec = asked(folder, files=("trials.csv",))
    assert spec.rows == ({"data.width": 8, "lr": 0.1}, {"data.width": 16, "lr": 0.2})


def test_the_default_of_a_secret_is_not_kept(folder: Path) -> None:
    spec = asked(folder, "api_key=abc")
    assert spec.script_flags.definitions[-1].default == "***"
    assert spec.secrets == {"api_key": "abc"}


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("width=1", "could be any of config.yaml:model.width, config.yaml:data.width"),
        ("config.yaml:x=1", "has an anchor"),
        ("config.yaml:y=1", "config.yaml has no value 'y'"),
        ("config.yaml:seed=1", "Did you mean 'seeds'"),
        ("other.yaml:y=1", "is no file of the trials' copy"),
        ("notes.txt:y=1", "must end in .py, .yaml"),
        ("shared/more.yaml:depth=2", "is behind --link"),
        ("seedz=1", "has no flag 'seedz'"),
        ("model.width=a", "expected a number"),
    ],
)
def test_what_is_not_clear_is_an_error(folder: Path, flag: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        asked(folder, flag, links=("shared",))


def test_trials_in_the_project_itself_have_no_addresses(folder: Path) -> None:
    with pytest.raises(UsageError, match="leave out --cwd project"):
        asked(folder, "C=2", cwd=WorkingDirectory.PROJECT)


def test_the_listing_has_what_can_be_set(folder: Path) -> None:
    request = SweepRequest(script="train.py", folder=folder)
    script = read_script(request, folder / ".tunesmith")
    listed = listed_addresses(script, request, folder / ".tunesmith")
    assert [flag.name for flag in listed] == [
        "C", "api_key", "model.width", "model.lr", "data.width", "seeds", "depth",
    ]  # fmt: skip
    assert [flag.default for flag in listed if flag.name == "api_key"] == ["***"]


def test_a_restart_knows_the_address_by_all_of_its_names(folder: Path) -> None:
    spec = asked(folder, "model.lr=[0.1:0.2]", max_trials=4)
    stored = batch_from_plain(batch_to_plain(spec))
    request = SweepRequest(flags=(split_argument("config.yaml:model.lr=[0.1:0.3]"),), max_trials=1)
    changed = change(stored, request, planned=(), records=(), now=1.0)
    setting = changed.settings["model.lr"]
    assert isinstance(setting, Distribution)
    assert setting.high == 0.3
    assert changed.settings.keys() == spec.settings.keys()


def test_the_default_of_a_variable_that_is_set_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "train.py").write_text(f"{ARGPARSE}import os\nn = os.environ.get('N_ROWS', '3')\n")
    monkeypatch.delenv("N_ROWS", raising=False)
    assert asked(folder, "environ.N_ROWS=5").settings["N_ROWS"] == 5
    monkeypatch.setenv("N_ROWS", "7")
    with pytest.raises(UsageError, match="N_ROWS is set in the environment"):
        asked(folder, "environ.N_ROWS=5")


def test_a_file_of_variables_that_trials_get_is_not_said_to_be_left_out(folder: Path) -> None:
    (folder / ".env").write_text("RATE=0.1\n")
    (folder / ".env.local").write_text("RATE=0.1\n")
    told: list[str] = []
    with_source(
        asked(folder, ".env:RATE=0.2"), Store.create(folder / ".tunesmith"), tell=told.append
    )
    assert [line.partition("; ")[0] for line in told] == [
        "left out of the trials' copy, since it looks like a secret: .env.local"
    ]


def test_a_file_of_variables_is_looked_through_if_it_is_named(folder: Path) -> None:
    (folder / ".env").write_text("RATE=0.1\nDB_PASSWORD=p\n")
    assert asked(folder, ".env:RATE=0.2").settings["RATE"] == 0.2
    with pytest.raises(UsageError, match="has no flag 'RATE'"):
        asked(folder, "RATE=0.2")
    with pytest.raises(UsageError, match="remote workers get no copy"):
        asked(folder, ".env:RATE=0.2", runner=Runner.from_text("prefect://"))


SWEEP = (
    "program: train.py\nmethod: bayes\nmetric: {name: loss, goal: minimize}\nparameters:\n"
    "  lr: {distribution: uniform, min: 0, max: 1}\n  opt: {values: [a, b]}\n"
    "  net.width: {value: 3}\n  inner: {parameters: {a: {min: 1, max: 3}}}\n"
)


def listed_files(folder: Path) -> set[str]:
    request = SweepRequest(script="train.py", folder=folder)
    script = read_script(request, folder / ".tunesmith")
    found = listed_addresses(script, request, folder / ".tunesmith")
    return {one.address.partition(":")[0] for one in found}


def test_what_a_sweep_file_says_is_no_value_that_a_script_reads(folder: Path) -> None:
    (folder / "sweep.yaml").write_text(SWEEP)
    (folder / "like.yaml").write_text("method: adam\nparameters: {rate: 1, b: {value: 2}}\n")
    assert listed_files(folder) == {"train.py", "config.yaml", "like.yaml", "shared/more.yaml"}
    with pytest.raises(UsageError, match="no flag 'distribution'"):
        asked(folder, "distribution=normal")
    spec = asked(folder, "sweep.yaml:parameters.lr.max=2")
    addresses = [flag.address for flag in spec.script_flags.definitions if flag.address]
    assert addresses == ["sweep.yaml:parameters.lr.max"]
