"""A program may read its command line in stages: the last parser counts, and no work is done."""

from pathlib import Path

import pytest

from tests.script.asking.conftest import FindFlags

BEGIN = """\
import argparse
first = argparse.ArgumentParser(add_help=False)
first.add_argument("--config", default="", required=True)
"""
WORK = "\nopen('{note}', 'w').write('x')\n"

TWO = """
parser = argparse.ArgumentParser(parents=[])
for name in ("lr", "momentum"):
    parser.add_argument("--" + name, type=float, default=0.1)
def read():
    known, rest = first.parse_known_args()
    if known.config:
        raise ValueError(known.config)
    return parser.parse_args(rest)
args = read()
"""
GROWING = """
parser = argparse.ArgumentParser()
parser.add_argument("--model", default="small")
def extend(parser, n):
    for i in range(n):
        parser.add_argument(f"--width{i}", type=int, default=8)
class Options:
    def gather(self, parser):
        known, _ = parser.parse_known_args()
        extend(parser, {"small": 1, "large": 3}[known.model])
        known, _ = parser.parse_known_args()
        self.parser = parser
        return parser.parse_args()
args = Options().gather(parser)
"""
ONE = """
for name in ("lr", "momentum"):
    first.add_argument("--" + name, type=float, default=0.1)
args, rest = first.parse_known_args()
"""
NEVER = """
args, rest = first.parse_known_args()
if rest:
    argparse.ArgumentParser().parse_args(rest)
"""
FAILS = """
args, rest = first.parse_known_args()
raise ValueError
argparse.ArgumentParser().parse_args(rest)
"""
DEFAULTS = """
parser = argparse.ArgumentParser()
for name in ("lr", "momentum"):
    parser.add_argument("--" + name, type=float, default=0.1)
known = parser.parse_args([])
parser.set_defaults(momentum=0.9)
args = parser.parse_args()
"""


@pytest.mark.parametrize(
    ("reading", "names"),
    [
        pytest.param(TWO, {"lr", "momentum", "config"}, id="two parsers"),
        pytest.param(GROWING, {"model", "width0"}, id="one that gets more options"),
        pytest.param(ONE, {"config", "lr", "momentum"}, id="one that ignores what it lacks"),
        pytest.param(NEVER, {"config"}, id="a second that is not reached"),
        pytest.param(FAILS, {"config"}, id="a failure before the second"),
        pytest.param(DEFAULTS, {"lr", "momentum"}, id="one that gives the defaults"),
    ],
)
def test_the_options_of_all_stages_are_found(
    find: FindFlags, tmp_path: Path, reading: str, names: set[str]
) -> None:
    note = tmp_path / "worked"
    computed = "for name in (): first.add_argument(name)\n"
    found = find(BEGIN + computed + reading + WORK.format(note=note))
    assert set(found.names) == names
    assert not note.exists()


def test_the_parser_of_a_module_is_the_first_and_the_scripts_own_the_last(find: FindFlags) -> None:
    options = "import argparse\ndef device():\n    p = argparse.ArgumentParser()\n"
    options += "    p.add_argument('--gpu', type=int, default=0)\n"
    options += "    return p.parse_known_args()[0].gpu\n"
    text = "import argparse\nfrom options import device\n"
    text += "def main():\n    p = argparse.ArgumentParser()\n"
    text += "    for name in ('lr',): p.add_argument('--' + name, type=float, default=0.1)\n"
    text += "    return p.parse_known_args()[0]\n"
    found = find(text + "gpu = device()\nmain()\n", options=options)
    assert set(found.names) == {"lr", "gpu"}
