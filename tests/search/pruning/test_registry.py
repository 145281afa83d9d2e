import subprocess
import sys

import pytest

from tunesmith.errors import SpecificationError
from tunesmith.search.pruning.careful import Bold, Careful
from tunesmith.search.pruning.registry import build_pruner, pruner_names


def test_the_rules_have_names() -> None:
    names = set(pruner_names())
    assert {"after", "bold", "careful", "halving", "median"} <= names
    assert {"optuna:median", "optuna:hyperband", "optuna:wilcoxon"} <= names


def test_a_name_and_its_arguments_make_a_pruner() -> None:
    assert build_pruner("careful") == Careful()
    assert build_pruner(" Bold ") == Bold()
    assert build_pruner("careful:0.05:2") == Careful(chance=0.05, doubt=2.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("carefull", "Did you mean 'careful'? Choose one of "),
        ("", "there is no pruner ''"),
        ("careful:few", "chance of pruner 'careful:few' is 'few': expected a number"),
        ("careful:0.7", "chance is 0.7: expected above 0 and below 0.5"),
        ("bold:0.1:0", "doubt is 0.0: expected a number above 0"),
        ("bold:0.1:nan", "doubt is nan: expected a number above 0"),
        ("careful:0.1:1:2", "trust is 2.0: expected 0 to 1"),
        ("careful:0.1:1:1:1", "has 4 values: expected careful:[CHANCE]:[DOUBT]:[TRUST]"),
    ],
)
def test_a_wrong_name_or_argument_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(SpecificationError) as caught:
        build_pruner(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_heavy_module_is_loaded_by_a_decision() -> None:
    script = (
        "import sys\n"
        "from tunesmith.search.pruning.judging import Judge, Trace\n"
        "from tunesmith.search.pruning.registry import build_pruner\n"
        "ended = [Trace(number=k, costs=[1 / k] * 9, is_finished=True) for k in (1, 2, 3)]\n"
        "stop = Judge(build_pruner('careful')).judge(Trace(number=4, costs=[9.0] * 4), ended)\n"
        "print(stop is not None, {'numpy', 'scipy', 'optuna', 'prefect'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True set()\n"
