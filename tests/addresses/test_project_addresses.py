"""Names: what a typed one stands for, and the shortest one that an address has."""

from collections.abc import Mapping

import pytest

from tunesmith.addresses.files import read_addresses
from tunesmith.addresses.modules import imported_files
from tunesmith.addresses.project_addresses import Located, ProjectAddresses
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags

NONE = ScriptFlags(source=FlagSource.GLOBALS, definitions=())
FILES = {
    "train.py": "class CFG:\n    width = 64\nclf = SVC(gamma=0.1)\ndef fit(epochs=3): pass\n",
    "conf/a.yaml": "optimizer:\n  args:\n    lr: 0.1\nseed: 1\nmax-steps: 5\n",
    "conf/b.yaml": "scheduler:\n  lr: 0.2\nseed: 2\nname: b\n",
}


def project(files: Mapping[str, str] = FILES, named: tuple[str, ...] = ()) -> ProjectAddresses:
    read = {name: read_addresses(text, name=name) for name, text in files.items()}
    return ProjectAddresses("train.py", read, named=named)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("width", ["train.py:CFG.width"]),
        ("CFG.width", ["train.py:CFG.width"]),
        ("train.py:CFG.width", ["train.py:CFG.width"]),
        ("gamma", ["train.py:SVC(gamma)"]),
        ("SVC(gamma)", ["train.py:SVC(gamma)"]),
        ("fit.epochs", ["train.py:fit(epochs)"]),
        ("lr", ["conf/a.yaml:optimizer.args.lr", "conf/b.yaml:scheduler.lr"]),
        ("args.lr", ["conf/a.yaml:optimizer.args.lr"]),
        ("seed", ["conf/a.yaml:seed", "conf/b.yaml:seed"]),
        ("a.yaml:seed", ["conf/a.yaml:seed"]),
        ("./conf/b.yaml:seed", ["conf/b.yaml:seed"]),
        ("b.yaml:lr", ["conf/b.yaml:scheduler.lr"]),
        ("max_steps", ["conf/a.yaml:max-steps"]),
        ("rgs.lr", []),
        ("conf/c.yaml:seed", []),
    ],
)
def test_a_name_stands_for_the_addresses_that_end_with_it(typed: str, found: list[str]) -> None:
    assert [one.text for one in project().find(typed)] == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("betas[1]", "c.yaml:adam.betas[1]"),
        ("adam.betas[0]", "c.yaml:adam.betas[0]"),
        ("c.yaml:betas[0]", "c.yaml:adam.betas[0]"),
        ("rows[1][0]", "c.yaml:rows[1][0]"),
        ("[0]", None),
        ("0", None),
    ],
)
def test_an_item_of_a_list_is_found_by_the_end_that_names_the_list(
    typed: str, found: str | None
) -> None:
    addresses = project({"c.yaml": "adam:\n  betas: [0.9, 0.99]\nrows: [[1], [2]]\n"})
    assert [one.text for one in addresses.find(typed)] == ([found] if found else [])


@pytest.mark.parametrize(
    "typed",
    [
        "environ.LR", "environ(LR)", "environ['LR']", "os.environ.get('LR')", 'environ.get("LR")',
        "os.getenv('LR')", "getenv(LR)", "os.environ.get('LR', 0.1)", "os.getenv('LR', …)",
    ],
)  # fmt: skip
def test_the_default_of_a_variable_is_typed_as_it_is_written(typed: str) -> None:
    files = {"train.py": "import os\nlr = float(os.environ.get('LR', '0.1'))\n"}
    assert [one.text for one in project(files).find(typed)] == ["train.py:environ(LR)"]


def test_a_file_that_the_script_names_counts_more() -> None:
    addresses = project(named=("train.py", "conf/b.yaml"))
    assert [one.text for one in addresses.find("seed")] == ["conf/b.yaml:seed"]
    assert [one.text for one in addresses.find("max-steps")] == ["conf/a.yaml:max-steps"]


def test_what_a_script_says_counts_more_than_what_a_module_says() -> None:
    files = {
        "train.py": "params = {'eta': 0.1}\n",
        "net.py": "def fit(eta=0.5, tau=1):\n    pass\n",
        "other.py": "def other(tau=1):\n    pass\n",
    }
    addresses = project(files)
    assert [one.text for one in addresses.find("eta")] == ["train.py:params.eta"]
    assert len(addresses.find("tau")) == 2
    with_file = project({**files, "config.yaml": "eta: 0.2\n"})
    assert len(with_file.find("eta")) == 3


def test_the_shortest_clear_name_is_shown_and_all_others_are_taken() -> None:
    taken = ScriptFlags(
        source=FlagSource.ARGPARSE, definitions=(FlagDefinition(name="width", option="--width"),)
    )
    flags = {flag.address: flag for flag in project().flags(taken)}
    assert {address: flag.name for address, flag in flags.items()} == {
        "train.py:CFG.width": "CFG.width",
        "train.py:SVC(gamma)": "gamma",
        "train.py:fit(epochs)": "epochs",
        "conf/a.yaml:optimizer.args.lr": "args.lr",
        "conf/a.yaml:seed": "conf/a.yaml:seed",
        "conf/a.yaml:max-steps": "max-steps",
        "conf/b.yaml:scheduler.lr": "scheduler.lr",
        "conf/b.yaml:seed": "conf/b.yaml:seed",
        "conf/b.yaml:name": "name",
    }
    lr = flags["conf/a.yaml:optimizer.args.lr"]
    assert lr.aliases == ("optimizer.args.lr", "conf/a.yaml:optimizer.args.lr")
    assert (lr.type, lr.default) == (FlagType.NUMBER, 0.1)


def test_the_globals_of_a_script_are_its_flags_already() -> None:
    own = ScriptFlags(
        source=FlagSource.GLOBALS, definitions=(FlagDefinition(name="BATCH", default=1),)
    )
    addresses = project({"train.py": "BATCH = 1\np = {'eta': 2}\n"})
    assert [flag.name for flag in addresses.flags(own)] == ["eta"]


def test_a_module_from_outside_of_the_scripts_folder_may_not_be_what_is_imported() -> None:
    read = {"pkg/net.py": read_addresses("W = 1\n", name="net.py")}
    as_file = ProjectAddresses("scripts/train.py", read).flags(NONE)
    as_module = ProjectAddresses("scripts/train.py", read, is_module=True).flags(NONE)
    assert "may import from elsewhere" in as_file[0].note
    assert as_module[0].note == ""


def test_modules_are_followed_as_they_are_imported() -> None:
    files = {
        "src/train.py": "import json, helpers\nfrom pkg.models import net\nfrom pkg import data\n",
        "src/helpers.py": "import pkg.more.deep\n",
        "src/pkg/__init__.py": "",
        "src/pkg/models.py": "from . import base\nfrom .more import other\n",
        "src/pkg/base.py": "import helpers\n",
        "src/pkg/data.py": "(",
        "src/pkg/more/__init__.py": "from ..top import x\n",
        "src/pkg/more/deep.py": "",
        "src/pkg/more/other.py": "",
        "src/pkg/top.py": "",
        "src/unused.py": "",
        "json.py": "",
    }
    found = imported_files("src/train.py", files.keys(), files.__getitem__)
    assert found[0] == "src/train.py"
    assert set(found) == {name for name in files if name != "src/unused.py"}


def test_a_name_that_many_values_have_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    original = ProjectAddresses._find

    def find(self: ProjectAddresses, name: str) -> tuple[Located, ...]:
        looked_up.append(name)
        return original(self, name)

    monkeypatch.setattr(ProjectAddresses, "_find", find)
    text = "".join(f"part{n}:\n  lr: 0.1\n" for n in range(50))
    listed = project({"train.py": "", "config.yaml": text}).flags(NONE)
    assert len(listed) == 50
    assert looked_up.count("lr") == 1
