import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., Any]


LOADED = """
import json, sys
from tunesmith.cli.main import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["runs"],
        ["runs", "--all", "--started", "after 2020-01-01", "-F", "loss < 0.5"],
        ["runs", "info", "train.py+gp"],
        ["runs", "info", "--error"],
        ["compare", "--table", "--min", "loss"],
    ],
    ids=" ".join,
)
def test_a_filled_store_is_looked_at_without_anything_heavy(
    library: Any, call: Call, arguments: list[str]
) -> None:
    library.search()
    call("runs")  # brings the index up to date, which takes Parquet

    heavy = {"prefect", "skopt", "sklearn", "scipy", "pandas", "pyarrow", "numpy", "rich"}
    assert not heavy & loaded(*arguments)


def test_a_list_of_numbers_needs_neither_yaml_nor_filters(library: Any, call: Call) -> None:
    library.single("a" * 32, {"x": 0.5}, started=1.5e9)
    call("runs")

    assert not {"yaml", "tunesmith.query.expression", "tunesmith.query.started"} & loaded("runs")


def test_a_list_of_plain_batches_loads_nothing_that_only_other_batches_have(library: Any) -> None:
    library.search()
    library.single("a" * 32, {"x": 0.5}, started=1.5e9)

    rare = ("activity", "belief", "conditions")
    others = {"tunesmith.constraint", "tunesmith.earlier_results"}
    others |= {"tunesmith.stopping", "tunesmith.stopping_json"}
    others |= {f"tunesmith.flags.{name}" for name in rare}
    assert not others & loaded("runs")


@pytest.mark.parametrize(
    "arguments", [["runs", "info"], ["compare", "--table", "--min", "loss"]], ids=" ".join
)
def test_plain_batches_are_shown_without_the_language_of_conditions(
    library: Any, arguments: list[str]
) -> None:
    library.search()

    language = {"tunesmith.constraint", "tunesmith.flags.conditions.grammar"}
    assert not language & loaded(*arguments)


def loaded(*arguments: str) -> set[str]:
    """Return the modules that a command imports, which has to succeed."""
    child = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True
    )
    code, modules = json.loads(child.stderr.splitlines()[-1])
    assert code == 0
    return set(modules)
