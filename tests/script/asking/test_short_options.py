"""The values of options of one letter, as each library reads them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.script.asking.conftest import FindFlags
from tunesmith.script.arguments import build_arguments

PRINTING = "import json\nprint(json.dumps(n))\n"
DOCOPT = '"""Usage: train.py [-n <n>]\n\nOptions:\n  -n <n>  How many [default: 1]\n"""\n'
CLICK = (
    "import click, json\n@click.command()\n@click.option('-n', type=float, default=1.0)\n"
    "def main(n):\n    print(json.dumps(n))\nmain()\n"
)
OPTPARSE = (
    "import optparse\nparser = optparse.OptionParser()\n"
    "parser.add_option('-n', type='float', default=1.0)\nn = parser.parse_args()[0].n\n"
)
GETOPT = (
    "import getopt, sys\nn = 1.0\nfor option, text in getopt.getopt(sys.argv[1:], 'n:')[0]:\n"
    "    n = float(text)\n"
)
ARGPARSE = (
    "import argparse\nparser = argparse.ArgumentParser()\n"
    "parser.add_argument('-n', type=float, default=1.0)\nn = parser.parse_args().n\n"
)


@pytest.mark.parametrize("value", [5.0, -1e-05])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"{DOCOPT}import docopt\nn = float(docopt.docopt(__doc__)['-n'])\n{PRINTING}",
            id="docopt",
        ),
        pytest.param(CLICK, id="click"),
        pytest.param(OPTPARSE + PRINTING, id="optparse"),
        pytest.param(GETOPT + PRINTING, id="getopt"),
        pytest.param(ARGPARSE + PRINTING, id="argparse"),
    ],
)
def test_an_option_of_one_letter_has_the_value_that_was_set(
    find: FindFlags, project: Path, text: str, value: float
) -> None:
    words = build_arguments(find(text), {"n": value})

    done = subprocess.run(
        [sys.executable, "train.py", *words], cwd=project, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == value
