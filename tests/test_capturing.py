import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.executor.conftest import wait_until_gone
from tunesmith.capturing import read_script_flags
from tunesmith.errors import FlagError, ScriptError
from tunesmith.flags.assignments import assign, split_argument
from tunesmith.flags.definition import FlagSource, FlagType, ScriptFlags
from tunesmith.script.asking.capture import CHILD

Find = Callable[..., ScriptFlags]
PARSER = "import argparse\np = argparse.ArgumentParser()\n"
COMPUTED = "for n in 'ab':\n    p.add_argument('--' + n, type=int, default=1)\n"
TRAIN = "open('trained', 'w').write('x')\nprint('loss: 1')\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".tunesmith" / "cache").mkdir(parents=True)
    return folder


@pytest.fixture
def find(project: Path) -> Find:
    """Write the files of a project, and find the flags of its train.py."""

    def find(text: str, **modules: str) -> ScriptFlags:
        (project / "train.py").write_text(text)
        for name, content in modules.items():
            (project / f"{name}.py").write_text(content)
        return read_script_flags(
            project / "train.py",
            project=project,
            python=sys.executable,
            home=project / ".tunesmith",
        )

    return find


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".tunesmith" not in path.parts
    }


def test_a_script_that_is_run_for_its_flags_touches_nothing_of_the_users(
    find: Find, project: Path
) -> None:
    writing = (
        "import os, pathlib, shutil, helper\n"
        "pathlib.Path('made').write_text('x')\n"
        "pathlib.Path(__file__).with_name('beside').write_text('x')\n"
        "pathlib.Path(os.environ['PWD'], 'there').write_text('x')\n"
        "os.remove('helper.py')\nshutil.rmtree(os.path.dirname(os.path.abspath(__file__)))\n"
    )
    found = find(writing + PARSER + COMPUTED + "p.parse_args()\n" + TRAIN, helper="x = 1\n")
    assert found.names == ("a", "b")
    assert sorted(files_of(project)) == ["helper.py", "train.py"]


TYPER = """
import enum, typer
class Kind(str, enum.Enum):
    small = "small"
    large = "large"
app = typer.Typer()
@app.command()
def main(kind: Kind = Kind.small, lr: float = 0.1, layers: list[int] = [8, 8],
         force: bool = typer.Option(False, "--force"), seed: int | None = None):
    open("trained", "w").write("x")
if __name__ == "__main__":
    app()
"""


def test_the_options_of_typer_are_found_and_nothing_is_trained(find: Find, project: Path) -> None:
    found = {flag.name: flag for flag in find(TYPER).definitions}
    assert sorted(found) == ["force", "kind", "layers", "lr", "seed"]
    assert (found["kind"].choices, found["kind"].default) == (("small", "large"), "small")
    assert (found["layers"].is_repeated, found["layers"].default) == (True, (8, 8))
    assert (found["force"].switch_on, found["force"].switch_off) == ("--force", "")
    assert (found["seed"].type, found["seed"].default) == (FlagType.INT, None)
    assert sorted(files_of(project)) == ["train.py"]


CLICK = """
@click.command(cls=Own)
@click.option("--lr", default=0.1)
@click.option("--up", flag_value="up", default=True)
@click.option("-v", "--verbose", count=True)
@click.option("--size", type=(int, float), default=(1, 0.5))
@click.option("--on", is_flag=True, default=True)
@click.version_option("1")
def main(**options):
    open("trained", "w").write("x")
"""


@pytest.mark.parametrize(
    "call",
    ["main()", "main.main()", "main(standalone_mode=False)", "main.main(args=[], prog_name='x')"],
)
def test_the_options_of_click_are_found_however_it_is_called(
    find: Find, project: Path, call: str
) -> None:
    own = "import click\nclass Own(click.Command):\n    def main(self, *args, **more):\n"
    own += "        return super().main(*args, **more)\n"
    found = find(f"from commands import main\nimport click\n{call}\n", commands=own + CLICK)
    assert found.source is FlagSource.CLICK
    assert sorted(found.names) == ["lr", "on", "size", "up", "verbose"]
    assert sorted(files_of(project)) == ["commands.py", "train.py"]


GROUP = """
import click
@click.group()
@click.option("--quiet", is_flag=True)
def cli(quiet): pass
@cli.command()
@click.option("--lr", default=0.1)
def train(lr): open("trained", "w").write("x")
@cli.command()
def evaluate(): pass
cli()
"""
SUBPARSERS = (
    PARSER
    + "p.add_argument('--quiet', action='store_true')\ns = p.add_subparsers()\n"
    + "s.add_parser('train').add_argument('--lr')\ns.add_parser('evaluate')\np.parse_args()\n"
)


@pytest.mark.parametrize("text", [GROUP, SUBPARSERS], ids=["click", "argparse"])
def test_the_options_of_subcommands_are_no_flags_and_that_is_said(find: Find, text: str) -> None:
    found = find(text)
    assert found.names == ("quiet",)
    assert sorted(found.subcommands) == ["evaluate", "train"]
    with pytest.raises(FlagError, match=r"subcommands \(.*train.*before the flags"):
        assign(found, [split_argument("lr=1")], script="train.py")


@pytest.mark.parametrize(
    "reading",
    [
        "p.parse_args()",
        "p.parse_known_args()",
        "p.parse_intermixed_args()",
        "p.parse_known_intermixed_args()",
        "p.parse_args(sys.argv[1:])",
    ],
)
@pytest.mark.parametrize("kind", ["ArgumentParser", "Own"])
def test_the_parser_of_argparse_is_met_however_it_is_asked(
    find: Find, project: Path, kind: str, reading: str
) -> None:
    own = (
        "import argparse\nclass Own(argparse.ArgumentParser):\n"
        "    def parse_args(self, *args, **more):\n"
        "        return super().parse_args(*args, **more)\n"
        f"def make():\n    p = {'argparse.' if kind != 'Own' else ''}{kind}()\n"
        "    p.add_argument('--a', type=int, default=1 + 1)\n    return p\n"
    )
    text = f"import argparse, sys  # ArgumentParser\nfrom own import make\np = make()\n{reading}\n"
    assert find(text + TRAIN, own=own).defaults == {"a": 2}
    assert sorted(files_of(project)) == ["own.py", "train.py"]


def test_the_flags_are_looked_for_again_when_another_file_of_the_project_changes(
    find: Find,
) -> None:
    text = f"from config import known\n{PARSER}for name in known:\n"
    text += "    p.add_argument('--' + name, default=known[name])\np.parse_args()\n"
    assert find(text, config="known = dict(lr=0.1)\n").names == ("lr",)
    assert find(text, config="known = dict(lr=0.1, momentum=0.9)\n").names == ("lr", "momentum")


def test_what_the_script_has_started_ends_with_it(find: Find, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    starting = (
        "import pathlib, subprocess, sys\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'],\n"
        "                         start_new_session=True)\n"
        f"pathlib.Path({str(note)!r}).write_text(str(other.pid))\n"
    )
    find(starting + PARSER + COMPUTED + "p.parse_args()\n")
    assert wait_until_gone(int(note.read_text()))


def test_a_script_that_hangs_ends_although_nobody_is_left_to_end_it(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import signal\nsignal.pause()\n")
    words = [str(CHILD), str(tmp_path / "reply"), str(tmp_path / "train.py"), "0.2", ""]
    done = subprocess.run([sys.executable, *words], capture_output=True, check=False, timeout=30)
    assert done.returncode == 1


@pytest.mark.parametrize(
    "default",
    [
        "random.randint(1, 10**9)",
        "os.cpu_count()",
        "seed",
        "os.environ.get('LR', 3)",
        "str(pathlib.Path(__file__).parent)",
        "stamp()",
    ],
)
def test_a_default_that_is_another_one_each_time_is_recorded_as_computed(
    find: Find, default: str
) -> None:
    text = (
        "import os, pathlib, random, time\nseed = random.randint(1, 9)\n"
        "def stamp():\n    return str(time.time())\n"
        f"{PARSER}p.add_argument('--seed', default={default})\n"
        "p.add_argument('--size', type=int, default=max(2, 2**3))\np.parse_args()\n"
    )
    found = find(text)
    seed = found.get("seed")
    assert seed is not None
    assert seed.is_computed
    assert found.defaults == {"seed": "computed", "size": 8}
    assert assign(found, [split_argument("seed=computed")], script="t") == {"seed": "computed"}


def test_what_the_text_shows_has_to_do_where_the_script_cannot_be_run(find: Find) -> None:
    text = "import nowhere\n" + PARSER + "def own(t): return t\n"
    found = find(text + "p.add_argument('--a', type=own, default=1)\np.parse_args()\n")
    assert found.defaults == {"a": 1}


def test_a_script_that_lacks_a_module_names_the_interpreter(find: Find) -> None:
    needed = "import nowhere\nassert nowhere.version == '3'\n"  # what stands in for it has none
    text = needed + PARSER + COMPUTED + "p.parse_args()\n"
    with pytest.raises(ScriptError, match=r"named 'nowhere'.*--python names another one"):
        find(text)


def test_a_script_that_needs_data_before_its_parser_says_so(find: Find, project: Path) -> None:
    (project / "data.bin").write_bytes(b"\0")
    text = "open('data.bin')\n" + PARSER + COMPUTED + "p.parse_args()\n"
    with pytest.raises(ScriptError, match=r"data\.bin.*a copy of its folder, which has no data"):
        find(text)


@pytest.mark.parametrize("default", ["1", "str(1)"], ids=["read", "captured"])
@pytest.mark.parametrize("own", ["[]", "args=['--a', '2']", "''"])
def test_a_script_that_parses_a_list_of_its_own_has_no_flags_that_would_reach_it(
    find: Find, own: str, default: str
) -> None:
    text = f"{PARSER}p.add_argument('--a', default={default})\np.parse_args({own})\n"
    with pytest.raises(ScriptError, match="parses a fixed list in line 4"):
        find(text)
    assert find(text + "p.parse_args()\n").names == ("a",)


OPTIONS = "import argparse\ndef more(p): p.add_argument('--more', type=int, default=2)\n"


@pytest.mark.parametrize(
    ("making", "defaults"),
    [
        pytest.param(
            "p = argparse.ArgumentParser()\nmore(p)\n", {"more": 2, "a": 1}, id="a function"
        ),
        pytest.param(
            "base = argparse.ArgumentParser(add_help=False)\nmore(base)\n"
            "p = argparse.ArgumentParser(parents=[base])\n",
            {"more": 2, "a": 1},
            id="parents",
        ),
        pytest.param(
            "class Own(argparse.ArgumentParser):\n    def add_argument(self, name, **more):\n"
            "        super().add_argument(name, **{**more, 'default': 9})\n"
            "argparse.ArgumentParser\np = Own(add_help=False)\n",
            {"a": 9},
            id="a class",
        ),
        pytest.param(
            "p = argparse.ArgumentParser(argument_default=7)\np.add_argument('--b')\n",
            {"b": 7, "a": 1},
            id="a default of all",
        ),
        pytest.param(
            "argparse.ArgumentParser.add = lambda p: more(p)\np = argparse.ArgumentParser()\n"
            "p.add()\n",
            {"more": 2, "a": 1},
            id="a method of another library",
        ),
        pytest.param(
            "class Late(argparse.ArgumentParser):\n    def parse_known_args(self, *args):\n"
            "        more(self)\n        return super().parse_known_args(*args)\n"
            "argparse.ArgumentParser\np = Late()\n",
            {"more": 2, "a": 1},
            id="a class that adds them late",
        ),
    ],
)
def test_what_a_parser_has_from_elsewhere_is_among_the_flags(
    find: Find, making: str, defaults: dict[str, object]
) -> None:
    text = f"import argparse\nfrom options import more\n{making}"
    found = find(
        text + "p.add_argument('--a', type=int, default=1)\np.parse_args()\n", options=OPTIONS
    )
    assert found.defaults == defaults


def test_flags_that_could_not_be_asked_for_are_not_denied(find: Find) -> None:
    found = find(
        "import sys\nimport nowhere_installed\nfrom options import parse\n"
        "data = sys.argv[1]\nargs = parse()\n",
        options="from argparse import ArgumentParser\ndef parse():\n"
        "    p = ArgumentParser()\n    return p.parse_args()\n",
    )

    assert found.names == ("data",)
    with pytest.raises(FlagError, match=r"no flag 'lr'.* may be others.*nowhere_installed"):
        assign(found, [split_argument("lr=1")], script="train.py")


def test_a_configuration_above_the_project_is_there_when_the_program_is_asked(
    find: Find, project: Path
) -> None:
    (project.parent / "conf").mkdir()
    (project.parent / "conf" / "base.yaml").write_text("lr: 0.1\n")
    text = (
        "import hydra\n@hydra.main(version_base=None, config_path='../conf', config_name='base')\n"
    )

    found = find(text + "def main(cfg): pass\nmain()\n")

    assert found.defaults == {"lr": 0.1}


def test_where_values_of_a_file_above_the_project_can_be_set_is_said(
    find: Find, project: Path
) -> None:
    (project.parent / "config.yaml").write_text("lr: 0.1\n")

    found = find("from pathlib import Path\nload(Path(__file__).parent.parent / 'config.yaml')\n")

    assert "../config.yaml, whose values can be set only from its own folder: cd .." in found.doubt
