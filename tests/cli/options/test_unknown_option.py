from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

ARGPARSE = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.parse_args()
"""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("run train.py --x 1", "'--x', but --x is a flag of train.py: write x=1"),
        ("run train.py --x=[-1,1] --yes", "'--x', but --x is a flag of train.py: write x=[-1,1]"),
        ("run train.py --x -1", "write x=-1"),
        ("run train.py -x 1", "'-x', but -x is a flag of train.py: write x=1"),
        ("run --x train.py", "write x=VALUE"),
        ("run train.py --nois 1", "but train.py has a flag 'noise': write noise=1"),
        ("run tool.py --learning_rate 1", "is a flag of tool.py: write learning-rate=1"),
        ("run train.py --api_key s3cret", "write api_key=VALUE"),
        (
            "run train.py --optimzer gp",
            "run has no option '--optimzer': did you mean '--optimizer'?",
        ),
        ("run --restart ab --zz 1", "'--zz': a flag of the script is written zz=1"),
        (
            "deploy train.py --x 1",
            "deploy new has no option '--x', but --x is a flag of train.py: write x=1",
        ),
        (
            "compare --tabel",
            "compare has no option '--tabel': did you mean '--label' or '--table'?",
        ),
        ("runs --qqqq", "tunesmith runs list has no option '--qqqq'"),
        ("--deug runs", "tunesmith has no option '--deug': did you mean '--debug'?"),
    ],
)
def test_an_unknown_option_is_told_with_the_words_to_type(
    call: Callable[..., Outcome], arguments: str, words: str
) -> None:
    Path("train.py").write_text("x = 0.1\nnoise = 0.1\napi_key = 'a'\n")
    Path("tool.py").write_text(ARGPARSE)

    told = call(*arguments.split())

    assert told.code == 2
    assert told.err.splitlines()[0].endswith(words)
    assert "s3cret" not in told.err
