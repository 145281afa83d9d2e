"""The flags of commands, and those of their subcommands."""

import pytest

from tests.script.asking.conftest import FindFlags
from tunesmith.flags.assignments import find_flag

WORK = "open('worked', 'w').write('x')"
NESTED = {
    "argparse": f"""
import argparse
p = argparse.ArgumentParser()
p.add_argument("--quiet", action="store_true")
s = p.add_subparsers(dest="command")
train = s.add_parser("train", aliases=["t"])
train.add_argument("data")
train.add_argument("--lr", type=float, default=0.1)
data = s.add_parser("data").add_subparsers()
data.add_parser("fetch").add_argument("-n", type=int, default=3)
p.parse_args()
{WORK}
""",
    "click": f"""
import click
@click.group()
@click.option("--quiet", is_flag=True)
def cli(quiet): {WORK}
@cli.command()
@click.argument("data")
@click.option("--lr", default=0.1)
def train(data, lr): {WORK}
@cli.group()
def data(): {WORK}
@data.command()
@click.option("-n", default=3)
def fetch(n): {WORK}
cli()
""",
    "typer": f"""
import typer
from typing import Annotated
app, data = typer.Typer(), typer.Typer()
@app.callback()
def main(quiet: Annotated[bool, typer.Option("--quiet")] = False): {WORK}
@app.command()
def train(data: str, lr: float = 0.1): {WORK}
@data.command()
def fetch(n: Annotated[int, typer.Option("-n")] = 3): {WORK}
@data.command()
def drop(): {WORK}
app.add_typer(data, name="data")
app()
""",
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_the_flags_of_subcommands_are_found_with_those_of_the_program(
    find: FindFlags, text: str
) -> None:
    found = find(text)
    assert found.names == ("quiet",)
    assert set(found.subcommands) == {"train", "data"}
    train = found.of_subcommand(["train"])
    assert train.defaults == {"quiet": False, "data": None, "lr": 0.1}
    assert {flag.name: flag.level for flag in train.definitions} == {
        "quiet": 0,
        "data": 1,
        "lr": 1,
    }
    assert found.of_subcommand(["data", "fetch"]).defaults == {"quiet": False, "n": 3}


ONE = """
import click
{more}
@click.command()
@click.argument("source")
@click.argument("targets", nargs=-1)
@click.option("-n", default={two})
@click.option("-l", "--learning-rate", "lr", default=0.1)
@click.option("--fast/--slow", "-f/-s", default=True)
@click.option("--upper", "case", flag_value="upper")
def main(**options): raise SystemExit("it ran")
main()
"""


@pytest.mark.parametrize("two", ["2", "1 + 1"], ids=["read", "asked"])
def test_an_option_of_click_has_the_names_of_its_spellings_and_its_variable(
    find: FindFlags, two: str
) -> None:
    found = find(ONE.format(two=two, more=""))
    names = [flag and flag.name for flag in (find_flag(found, one) for one in ("l", "lr", "n"))]
    assert names == ["learning-rate", "learning-rate", "n"]
    source, targets = found.get("source"), found.get("targets")
    assert source is not None
    assert targets is not None
    assert (source.position, source.is_required) == (1, True)
    assert (targets.position, targets.is_required, targets.takes_many) == (2, False, True)


def test_a_script_that_only_prints_with_click_has_its_globals(find: FindFlags) -> None:
    found = find("import click\nlr = 0.1\nclick.echo('loss: 1')\n")
    assert found.defaults == {"lr": 0.1}


ELSEWHERE: dict[str, tuple[str, dict[str, str]]] = {
    "a function of a module": (
        "from options import get_parser\nargs = get_parser().parse_args()\n",
        {
            "options": "import argparse\ndef get_parser():\n    p = argparse.ArgumentParser()\n"
            "    p.add_argument('--lr', type=float, default=0.1)\n    return p\n"
        },
    ),
    "a module that reads when it is imported": (
        "from options import args\nprint(args.lr)\n",
        {
            "options": "import argparse\np = argparse.ArgumentParser()\n"
            "p.add_argument('--lr', type=float, default=0.1)\nargs = p.parse_args()\n"
        },
    ),
    "a function that a function calls": (
        "import argparse, opts\nseed = 1\nif __name__ == '__main__':\n    opts.start()\n",
        {
            "opts": "import inner\ndef start():\n    return inner.Options().parse()\n",
            "inner": "import argparse\nclass Base:\n    def make(self):\n"
            "        p = argparse.ArgumentParser()\n"
            "        p.add_argument('--lr', type=float, default=0.1)\n        return p\n"
            "class Options(Base):\n    def parse(self): return self.make().parse_args()\n",
        },
    ),
    "a command of another module": (
        "from commands import main\nmain()\n",
        {
            "commands": "import click\n@click.command()\n@click.option('--lr', default=0.1)\n"
            "def main(lr): open('worked', 'w')\n"
        },
    ),
}


@pytest.mark.parametrize(("text", "modules"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_parser_that_only_other_modules_show_is_asked(
    find: FindFlags, text: str, modules: dict[str, str]
) -> None:
    assert find(text, **modules).defaults == {"lr": 0.1}


@pytest.mark.parametrize(
    "helper",
    [
        pytest.param(
            "import argparse\ndef read(): return argparse.ArgumentParser().parse_args()\n",
            id="a function that nothing calls",
        ),
        pytest.param(
            "import argparse\nif __name__ == '__main__':\n"
            "    argparse.ArgumentParser().parse_args()\n",
            id="a module that is a script too",
        ),
        pytest.param("import argparse\nimport nowhere\n", id="an import alone"),
    ],
)
def test_a_script_with_globals_is_not_run_for_a_parser_that_it_does_not_reach(
    find: FindFlags, monkeypatch: pytest.MonkeyPatch, helper: str
) -> None:
    def run(*_: object, **__: object) -> None:
        raise AssertionError("it was asked")

    monkeypatch.setattr("tunesmith.capturing.capture_flags", run)
    found = find("import helper\nlr = 0.1\nprint(lr)\n", helper=helper)
    assert found.defaults == {"lr": 0.1}
    assert found.found_by.startswith("in the text")


HINTED = """
import enum
from typing import Literal, Optional
from jsonargparse import auto_cli
class Kind(enum.Enum):
    small = 1
    large = 2
def fit(lr: float = 0.1, n: Optional[int] = None, is_fast: bool = False, kind: Kind = Kind.small,
        norm: Literal["batch", "layer"] = "batch", sizes: list[int] = [1, 2]):
    open("worked", "w")
def test(path: str = "a"):
    open("worked", "w")
if __name__ == "__main__":
    auto_cli([fit, test])
"""


def test_the_functions_of_jsonargparse_are_subcommands(find: FindFlags) -> None:
    fit = find(HINTED).of_subcommand(["fit"])
    kinds = {flag.name: (str(flag.type), flag.default, flag.choices) for flag in fit.definitions}
    assert kinds == {
        "config": ("text", None, ()),
        "lr": ("float", 0.1, ()),
        "n": ("int", None, ()),
        "is_fast": ("bool", False, ()),
        "kind": ("text", "small", ("small", "large")),
        "norm": ("text", "batch", ("batch", "layer")),
        "sizes": ("any", (1, 2), ()),
    }


SIMPLE = """
from dataclasses import dataclass
import simple_parsing
@dataclass
class Options:
    lr: float = 0.1
    layers: int = 2
{reading}
open("worked", "w")
"""


@pytest.mark.parametrize(
    "reading",
    [
        "args = simple_parsing.parse(Options)",
        "p = simple_parsing.ArgumentParser()\np.add_arguments(Options, dest='o')\np.parse_args()",
    ],
)
def test_the_fields_of_simple_parsing_are_flags(find: FindFlags, reading: str) -> None:
    found = find(SIMPLE.format(reading=reading))
    assert {name: found.defaults.get(name) for name in ("lr", "layers")} == {
        "lr": 0.1,
        "layers": 2,
    }
    assert {flag.help for flag in found.definitions} == {""}  # the fields have none


HF = """
import argparse, dataclasses
class DataclassParser(argparse.ArgumentParser):
    def __init__(self, kinds):
        super().__init__(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        for kind in kinds:
            for field in dataclasses.fields(kind):
                self.add(field)
    def add(self, field):
        dashed = "--" + field.name.replace("_", "-")
        names = dict.fromkeys(["--" + field.name, dashed])
        if field.type is bool:
            more = dict(type=read, nargs="?", const=True, default=field.default)
        elif field.default is dataclasses.MISSING:
            more = dict(type=field.type, required=True)
        else:
            more = dict(type=field.type, default=field.default)
        self.add_argument(*names, **more)
    def parse_args_into_dataclasses(self):
        namespace, rest = self.parse_known_args()
        if rest:
            raise ValueError(rest)
        return namespace
def read(text):
    if isinstance(text, bool):
        return text
    return {"yes": True, "true": True, "no": False, "false": False}[text.lower()]
"""
HF_SCRIPT = """
from dataclasses import dataclass, field
from hf import DataclassParser
@dataclass
class Training:
    output_dir: str = field(metadata={"help": "a folder"})
    learning_rate: float = 5e-5
    fp16: bool = False
args = DataclassParser([Training]).parse_args_into_dataclasses()
open("worked", "w")
"""


def test_the_fields_of_a_dataclass_parser_are_flags_by_both_spellings(find: FindFlags) -> None:
    found = find(HF_SCRIPT, hf=HF)
    assert found.defaults == {"output_dir": None, "learning_rate": 5e-5, "fp16": False}
    output, rate = found.get("output_dir"), found.get("learning-rate")
    assert output is not None
    assert output.is_required
    assert rate is not None
    assert rate.name == "learning_rate"


CONFIGARGPARSE = """
import configargparse
p = configargparse.ArgParser(default_config_files=["*.ini"])
p.add("-c", "--config", is_config_file=True)
p.add("--lr", type=float, default=0.1, env_var="LR")
p.add("--data", required=True)
args = p.parse_args()
open("worked", "w")
"""


def test_the_options_of_configargparse_are_flags(find: FindFlags) -> None:
    assert find(CONFIGARGPARSE).defaults == {"config": None, "lr": 0.1, "data": None}
