import sys
from pathlib import Path

import pytest

from tunesmith.capturing import read_script_flags
from tunesmith.errors import ScriptError
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.script.static_flags import read_without_running

COMPUTED = "for n in 'ab':\n    p.add_argument('--' + n)\n"
PARSER = "import argparse\np = argparse.ArgumentParser()\n"


def find(script: Path, *, python: str = sys.executable, timeout_s: float = 60) -> ScriptFlags:
    home = script.parent / ".tunesmith"
    return read_script_flags(
        script, project=script.parent, python=python, home=home, timeout_s=timeout_s
    )


def read(tmp_path: Path, text: str) -> ScriptFlags:
    script = tmp_path / "script.py"
    script.write_text(text)
    return find(script)


def test_module_level_literals_are_flags(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "x = 5\nx = 0.1  # the position\nn: int = 3\nname = 'a'\nis_on = True\nnothing = None\n"
        "sizes = [1, 2]\nlow = -1\n_private = 1\nCALLED = max(1, 2)\npair = (1, 2)\n"
        "table = {}\nif True:\n    inside = 1\ndef f():\n    local = 1\n",
    )
    assert found.source is FlagSource.GLOBALS
    assert found.defaults == {
        "x": 0.1,
        "n": 3,
        "name": "a",
        "is_on": True,
        "nothing": None,
        "sizes": (1, 2),
        "low": -1,
        "pair": (1, 2),
    }
    x, n = found.get("x"), found.get("n")
    assert x is not None
    assert n is not None
    assert (x.help, x.type, x.has_integer_default) == ("the position", FlagType.NUMBER, False)
    assert n.has_integer_default


def test_a_script_without_literals_has_no_flags(tmp_path: Path) -> None:
    assert read(tmp_path, "print('loss: 1')\n").definitions == ()


ARGPARSE = (
    PARSER
    + """
RATE = 0.1
p.add_argument("input")
p.add_argument("-l", "--lr", type=float, default=RATE, help="learning rate")
p.add_argument("--n", type=int, required=True)
p.add_argument("--kind", choices=["a", "b"], default="a")
p.add_argument("--fast", action="store_true")
p.add_argument("--no-cache", action="store_false", dest="cache")
p.add_argument("--log", action=argparse.BooleanOptionalAction, default=True)
p.add_argument("--sizes", type=int, nargs="+", default=[1, 2])
p.add_argument("--tag", action="append")
p.add_argument("--version", action="version", version="1")
args = p.parse_args()
"""
)
EXPECTED = {
    "input": (FlagType.TEXT, None, "", ""),
    "lr": (FlagType.FLOAT, 0.1, "", ""),
    "n": (FlagType.INT, None, "", ""),
    "kind": (FlagType.TEXT, "a", "", ""),
    "fast": (FlagType.BOOL, False, "--fast", ""),
    "no-cache": (FlagType.BOOL, False, "--no-cache", ""),
    "log": (FlagType.BOOL, True, "--log", "--no-log"),
    "sizes": (FlagType.INT, (1, 2), "", ""),
    "tag": (FlagType.TEXT, None, "", ""),
}


def essence(found: ScriptFlags) -> dict[str, tuple[object, ...]]:
    return {
        flag.name: (flag.type, flag.default, flag.switch_on, flag.switch_off)
        for flag in found.definitions
    }


def test_options_of_argparse_are_read_without_running_the_script(tmp_path: Path) -> None:
    found = read(tmp_path, "raise SystemExit('it ran')\n" + ARGPARSE)
    assert found.source is FlagSource.ARGPARSE
    assert essence(found) == EXPECTED
    flags = {flag.name: flag for flag in found.definitions}
    assert flags["lr"].help == "learning rate"
    assert flags["n"].is_required
    assert flags["kind"].choices == ("a", "b")
    assert flags["sizes"].takes_many
    assert flags["tag"].is_repeated


def test_computed_options_are_captured_by_running_up_to_the_parser(tmp_path: Path) -> None:
    computed = ARGPARSE.replace("RATE = 0.1", "RATE = 1 / 10")
    found = read(tmp_path, computed + "raise SystemExit('too far')\n")
    assert essence(found) == EXPECTED


def test_options_that_are_added_in_a_loop_are_captured(tmp_path: Path) -> None:
    text = PARSER + "for n in ('a', 'b'):\n    p.add_argument('--' + n, type=int, default=1)\n"
    assert read(tmp_path, text + "p.parse_args()\n").names == ("a", "b")


def test_captured_options_are_kept_by_the_scripts_content(tmp_path: Path) -> None:
    project, mark = tmp_path / "project", tmp_path / "ran"
    (project / ".tunesmith" / "cache").mkdir(parents=True)
    text = f"open({str(mark)!r}, 'a').write('x')\n{PARSER}p.add_argument('--a', default=str(1))\n"
    first = read(project, text + "p.parse_args()\n")
    again = read(project, text + "p.parse_args()\n")
    assert first == again
    assert mark.read_text() == "x"
    read(project, text + "p.parse_args() \n")
    assert mark.read_text() == "xx"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("raise OSError('no data')\n", "OSError: no data.*a copy", id="it fails"),
        pytest.param("", "without reading.*your files are unchanged", id="no parsing"),
    ],
)
def test_a_script_that_shows_no_options_is_explained(
    tmp_path: Path, text: str, words: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(PARSER + COMPUTED + text)
    with pytest.raises(ScriptError, match=words):
        find(script)


def test_a_script_that_hangs_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"{PARSER}{COMPUTED}import signal\nsignal.pause()\n")
    with pytest.raises(ScriptError, match=r"did not read its command line within 0\.5 s"):
        find(script, timeout_s=0.5)


def test_an_interpreter_that_is_missing_is_named(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(PARSER + COMPUTED)
    with pytest.raises(ScriptError, match=r"/nowhere/python cannot be run.*--python"):
        find(script, python="/nowhere/python")


CLICK = """
import click
@click.command()
@click.option("--lr", default=0.1, help="learning rate")
@click.option("-n", "--number", type=click.IntRange(1, 5), default=DEFAULT)
@click.option("--kind", type=click.Choice(["a", "b"]), default="a")
@click.option("--fast/--slow", default=False)
@click.option("--loud", is_flag=True)
@click.argument("files", nargs=-1)
def main(**options): raise SystemExit("it ran")
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("default", ["2", "1 + 1"], ids=["read", "captured"])
def test_options_of_click_are_found(tmp_path: Path, default: str) -> None:
    found = read(tmp_path, CLICK.replace("DEFAULT", default))
    assert found.source is FlagSource.CLICK
    assert essence(found) == {
        "lr": (FlagType.FLOAT, 0.1, "", ""),
        "number": (FlagType.INT, 2, "", ""),
        "kind": (FlagType.TEXT, "a", "", ""),
        "fast": (FlagType.BOOL, False, "--fast", "--slow"),
        "loud": (FlagType.BOOL, False, "--loud", ""),
        "files": (FlagType.TEXT, None, "", ""),
    }


def test_options_of_typer_are_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "import typer\nfrom typing import Annotated\n"
        "def main(path: str, lr: float = 0.1, is_fast: bool = False,\n"
        "         n: int = typer.Option(3, help='count'),\n"
        "         k: Annotated[int, typer.Option(help='other')] = 4):\n    pass\n"
        "typer.run(main)\n",
    )
    assert essence(found) == {
        "path": (FlagType.TEXT, None, "", ""),
        "lr": (FlagType.FLOAT, 0.1, "", ""),
        "is-fast": (FlagType.BOOL, False, "--is-fast", "--no-is-fast"),
        "n": (FlagType.INT, 3, "", ""),
        "k": (FlagType.INT, 4, "", ""),
    }
    n = found.get("n")
    assert n is not None
    assert n.help == "count"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"x = 1\nprint(\n", "script.py line 2", id="syntax error"),
        pytest.param(b"x = '\xff'\n", "not a Python script", id="not UTF-8"),
        pytest.param(b"# coding: klingon\n", "not a Python script", id="unknown encoding"),
        pytest.param(b"x = 1\0\n", "script.py", id="a zero byte"),
    ],
)
def test_what_is_no_script_gets_one_clear_line(tmp_path: Path, data: bytes, words: str) -> None:
    script = tmp_path / "script.py"
    script.write_bytes(data)
    with pytest.raises(ScriptError, match=words) as caught:
        find(script)
    assert "\n" not in str(caught.value)


def test_a_missing_script_is_named_with_a_near_one(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    with pytest.raises(ScriptError, match=r"Did you mean .*train\.py"):
        find(tmp_path / "trian.py")


def test_a_folder_is_no_script(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="is a folder"):
        find(tmp_path)


def test_an_old_encoding_is_read(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_bytes("# coding: latin-1\nname = 'é'\n".encode("latin-1"))
    found = find(script)
    assert found.definitions == (FlagDefinition(name="name", type=FlagType.TEXT, default="é"),)


def test_a_script_that_absl_runs_without_flags_has_globals(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "from absl import app\nlr = 0.1\n\ndef main(_):\n    pass\n\napp.run(main)\n"
    )
    found = read_without_running(script)
    assert found is not None
    assert found.names == ("lr",)
