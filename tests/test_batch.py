import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.batch_json import batch_from_plain, batch_to_json, batch_to_plain
from tunesmith.errors import SpecificationError
from tunesmith.execution import Execution
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.objective import Direction, Objective
from tunesmith.program import Program, ProgramKind
from tunesmith.runner import Runner
from tunesmith.scalar import ScalarColumn

SCRIPT_FLAGS = ScriptFlags(
    source=FlagSource.ARGPARSE,
    definitions=(
        FlagDefinition(name="x", type=FlagType.FLOAT, default=0.1, option="--x"),
        FlagDefinition(name="kind", choices=("a", "b"), default="a", option="--kind"),
    ),
    unlisted=(FlagDefinition(name="best", default=float("inf"), note="is assigned again"),),
)
SEARCH = BatchSpec(
    id="1933bdcb" * 4,
    project="/home/user/project",
    script="src/train.py",
    operation="train.py",
    script_flags=SCRIPT_FLAGS,
    settings={"x": Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]"), "kind": "a"},
    objective=Objective(column=ScalarColumn.from_text("max acc"), direction=Direction.MAXIMIZE),
    optimizer=OptimizerSpec(name="gp", settings={"random-starts": 3}, reason="the best"),
    n_trials=10,
    execution=Execution(jobs=2, timeout_s=5.0, gpus=("0", "1"), links=("data",)),
    tags=("first",),
)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=5)
settings: st.SearchStrategy[Setting] = values | st.builds(
    Choices, values=st.lists(values, max_size=3).map(tuple), text=st.text()
)


FLAG = batch_to_plain(SEARCH)["script_flags"]["definitions"][0]


def test_a_specification_reads_back_what_it_writes() -> None:
    assert batch_from_plain(json.loads(batch_to_json(SEARCH))) == SEARCH


def test_further_objectives_are_read_back_and_one_is_written_as_ever() -> None:
    size = Objective(column=ScalarColumn(tag="size"))
    several = replace(SEARCH, more_objectives=(size,))
    assert batch_from_plain(json.loads(batch_to_json(several))) == several
    assert several.objectives == (SEARCH.objective, size)
    assert "more_objectives" not in batch_to_plain(SEARCH)
    with pytest.raises(SpecificationError, match="objective twice"):
        replace(several, more_objectives=(size, size))


def test_a_runner_is_its_text_in_json() -> None:
    runner = Runner.from_text("dask://host:8786?GPU=1")
    spec = replace(SEARCH, execution=Execution(runner=runner, jobs=0))
    assert batch_to_plain(spec)["execution"]["runner"] == "dask://host:8786?GPU=1"
    assert batch_from_plain(json.loads(batch_to_json(spec))) == spec


def test_a_specification_of_before_there_were_programs_runs_a_script() -> None:
    spec = replace(SEARCH, program=Program(kind=ProgramKind.MODULE, words=("pkg.train",)))
    plain = batch_to_plain(spec)
    assert batch_from_plain(json.loads(batch_to_json(spec))) == spec
    del plain["program"]
    assert batch_from_plain(plain) == SEARCH


def test_a_specification_of_before_warm_starts_is_read() -> None:
    plain = batch_to_plain(SEARCH)
    del plain["execution"]["warm"]
    assert batch_from_plain(plain) == SEARCH


def test_a_specification_of_before_the_environment_was_recorded_is_read() -> None:
    spec = replace(SEARCH, environment={"commit": "abc", "Python": "3.12.1"})
    plain = batch_to_plain(spec)
    assert batch_from_plain(json.loads(batch_to_json(spec))) == spec
    del plain["environment"]
    assert batch_from_plain(plain) == SEARCH


def test_a_specification_of_before_there_were_unlisted_flags_is_read() -> None:
    plain = batch_to_plain(SEARCH)
    del plain["script_flags"]["unlisted"]
    for fields in plain["script_flags"]["definitions"]:
        del fields["note"]
    read = batch_from_plain(plain)
    assert read.script_flags.definitions == SCRIPT_FLAGS.definitions
    assert read.script_flags.unlisted == ()


@pytest.mark.parametrize(
    ("given_names", "rows", "passed"),
    [
        pytest.param(("x",), (), {"x": 1.0}, id="a default is left to the script"),
        pytest.param(("kind", "x"), (), {"x": 1.0, "kind": "a"}, id="a default that was set"),
        pytest.param((), ({"kind": "b"}, {"x": 1.0}), {"x": 1.0}, id="what the other row sets"),
        pytest.param(None, (), {"x": 1.0}, id="before this was noted"),
    ],
)
def test_only_what_was_set_is_passed(
    given_names: tuple[str, ...] | None,
    rows: tuple[dict[str, FlagValue], ...],
    passed: dict[str, FlagValue],
) -> None:
    spec = replace(SEARCH, given=given_names, rows=rows)
    assert (
        batch_from_plain(json.loads(batch_to_json(spec))).passed({"x": 1.0, "kind": "a"}) == passed
    )


def test_a_specification_of_before_it_was_noted_which_flags_were_set_is_read() -> None:
    plain = batch_to_plain(SEARCH)
    del plain["given"]
    assert batch_from_plain(plain).given_names == {"x"}


@given(st.dictionaries(st.text(min_size=1), settings, max_size=4))
def test_every_setting_survives_json(drawn: dict[str, Setting]) -> None:
    spec = replace(SEARCH, settings=drawn)
    assert batch_from_plain(json.loads(batch_to_json(spec))).settings == drawn


@given(st.lists(st.dictionaries(st.text(min_size=1), values, max_size=3), max_size=3))
def test_every_row_survives_json(rows: list[dict[str, FlagValue]]) -> None:
    spec = replace(SEARCH, rows=tuple(rows))
    assert batch_from_plain(json.loads(batch_to_json(spec))).rows == tuple(rows)


def test_a_later_format_is_refused_with_what_to_do() -> None:
    plain = batch_to_plain(SEARCH) | {"format": 99}
    with pytest.raises(SpecificationError, match="install a newer one"):
        batch_from_plain(plain)


@pytest.mark.parametrize("plain", [{}, {"format": 1}, {"format": "1"}], ids=repr)
def test_what_is_no_specification_is_refused_in_one_line(plain: dict[str, Any]) -> None:
    with pytest.raises(SpecificationError) as caught:
        batch_from_plain(plain)
    assert "\n" not in str(caught.value)


@given(st.sampled_from(sorted(batch_to_plain(SEARCH))), st.none() | st.integers() | st.text())
def test_a_damaged_field_is_read_or_refused_and_never_crashes(name: str, value: Any) -> None:
    plain = json.loads(batch_to_json(SEARCH)) | {name: value}
    with suppress(SpecificationError):
        batch_from_plain(plain)


@pytest.mark.parametrize(
    ("optimizer", "operation"),
    [
        pytest.param(OptimizerSpec(name="gp"), "train.py+gp", id="gp"),
        pytest.param(OptimizerSpec(name="random"), "train.py+random", id="random"),
    ],
)
def test_a_search_is_named_for_its_optimizer(optimizer: OptimizerSpec, operation: str) -> None:
    assert replace(SEARCH, optimizer=optimizer).batch_operation == operation


def test_a_grid_is_named_by_a_plus_and_a_single_run_by_its_script() -> None:
    grid = replace(SEARCH, settings={"x": 1}, optimizer=OptimizerSpec(name="grid"))
    assert grid.batch_operation == "train.py+"
    single = replace(SEARCH, settings={"x": 1}, optimizer=None)
    assert single.batch_operation == "train.py"
    assert single.is_single


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"optimizer": None}, "one value for each flag", id="single with a range"),
        pytest.param(
            {"optimizer": OptimizerSpec(name="grid")}, "linspace", id="grid over a range"
        ),
        pytest.param({"n_trials": None}, "number of trials", id="no number of trials"),
        pytest.param({"n_trials": -1}, "expected 1 or more", id="fewer than none"),
    ],
)
def test_a_contradiction_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        replace(SEARCH, **changes)


@pytest.mark.parametrize(
    "changes",
    [{"jobs": 0}, {"per_gpu": 0}, {"retries": -1}, {"max_failures": 0}, {"timeout_s": 0.0}],
    ids=str,
)
def test_an_impossible_execution_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SpecificationError, match="expected"):
        Execution(**changes)


def test_fixed_flags_are_those_that_do_not_vary() -> None:
    assert SEARCH.fixed_names == {"kind"}
    rows = ({"kind": "b"},)
    assert replace(SEARCH, rows=rows).fixed_names == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "../" * 8 + "etc"),
        ("id", 7),
        ("source_digest", "s/../../../numpy"),
        ("source_digest", "/etc"),
        ("source_digest", "A" * 32),
        ("script", "../train.py"),
        ("script", "/etc/train.py"),
        ("script", ""),
        ("script", ["train.py"]),
        ("project", "project"),
        ("label", {"a": 1}),
        ("tags", 5),
        ("tags", [1]),
        ("n_trials", "many"),
        ("n_trials", True),
        ("seed", 1.5),
        ("created", 1e300),
        ("created", float("nan")),
        ("restarted", -1.0),
        ("generation", -1),
        ("generation", 10**8),
        ("rerun", [-1]),
        ("given", ["nothing that is set"]),
        ("execution", {"python": 3}),
        ("optimizer", {"name": True, "settings": {}}),
        (
            "script_flags",
            {"source": "globals", "definitions": [FLAG | {"takes_many": float("inf")}]},
        ),
        ("script_flags", {"source": "globals", "definitions": [FLAG | {"name": 3}]}),
        ("execution", {"links": [7]}),
        ("execution", {"timeout_s": "1"}),
    ],
)
def test_a_specification_that_names_what_lies_elsewhere_is_not_read(
    name: str, value: object
) -> None:
    with pytest.raises(SpecificationError) as raised:
        batch_from_plain({**batch_to_plain(SEARCH), name: value})
    assert "\n" not in str(raised.value)
