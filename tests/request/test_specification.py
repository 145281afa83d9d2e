from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.request.samples import ORIGIN, SCRIPT
from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.errors import FlagError, SpecificationError
from tunesmith.execution import Execution
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.secret_values import hide
from tunesmith.flags.settings import Setting
from tunesmith.objective import Direction, Objective
from tunesmith.request.optimizer_choice import choose_optimizer
from tunesmith.request.reading import read_arguments
from tunesmith.request.specification import (
    Origin,
    Script,
    count_trials,
    doubts,
    specify,
)
from tunesmith.request.sweep_request import SweepRequest, TrialCost
from tunesmith.runner import Runner
from tunesmith.scalar import ScalarColumn

RANGE: dict[str, Setting] = {"x": read_setting("[-2.0:2.0]")}
LIST: dict[str, Setting] = {"x": read_setting("[-1,0,1]")}
VALUE: dict[str, Setting] = {"x": 1}
BATCH = "b" * 32
SEARCH = BatchSpec(
    id=BATCH,
    project="/project",
    script="train.py",
    operation="train.py",
    script_flags=ScriptFlags(
        source=FlagSource.GLOBALS, definitions=(FlagDefinition(name="x", default=0.1),)
    ),
    settings=RANGE,
    optimizer=OptimizerSpec(name="gp"),
    n_trials=10,
    n_first_trials=10,
    created=1.0,
)
ACCURACY = Objective(column=ScalarColumn(tag="acc"), direction=Direction.MAXIMIZE)
RANDOM = replace(SEARCH, optimizer=OptimizerSpec(name="random"))


@pytest.mark.parametrize("runner", ["prefect://", "dask://127.0.0.1:8786"])
def test_a_secret_is_not_sent_to_workers_elsewhere(runner: str) -> None:
    secret = {**RANGE, "api_key": hide("api_key", "sk-1")}
    with pytest.raises(SpecificationError, match="remote workers would have to read"):
        replace(SEARCH, settings=secret, execution=Execution(runner=Runner.from_text(runner)))


def test_what_lies_in_a_group_that_is_set_has_no_known_default() -> None:
    flags = ScriptFlags(
        source=FlagSource.HYDRA,
        definitions=(
            FlagDefinition(name="net", default="small", choices=("small", "large")),
            FlagDefinition(name="net.width", default=64),
            FlagDefinition(name="network", default=1),
        ),
    )
    script = replace(SCRIPT, flags=flags)
    asked = SweepRequest(**read_arguments(["net=[small,large]"]))

    spec = specify(asked, script, (), ORIGIN)

    assert "net.width" not in spec.settings
    assert spec.settings["network"] == 1


def test_a_required_flag_has_its_values_from_the_command_or_from_a_batch_file() -> None:
    required = FlagDefinition(name="lr", option="--lr", is_required=True)
    flags = ScriptFlags(source=FlagSource.ARGPARSE, definitions=(required,))
    script = Script(project=Path("/project"), path="train.py", flags=flags)
    origin = Origin(id=BATCH, now=1.0, seed=1)
    spec = specify(SweepRequest(script="train.py"), script, ({"lr": 0.1},), origin)
    assert spec.rows == ({"lr": 0.1},)
    with pytest.raises(FlagError, match="needs a value for lr"):
        specify(SweepRequest(script="train.py"), script, (), origin)


@pytest.mark.parametrize(
    ("name", "settings", "rows", "chosen"),
    [
        pytest.param(None, VALUE, (), None, id="one value is a single run"),
        pytest.param(None, LIST, (), "grid", id="a list is a grid"),
        pytest.param(None, {"x": read_setting("[1]")}, (), "grid", id="even a list of one"),
        pytest.param(None, VALUE, ({"x": 1},), "grid", id="a batch file is a grid"),
        pytest.param(None, RANGE, (), "random", id="a range is searched at random"),
        pytest.param(None, RANGE | {"y": LIST["x"]}, (), "random", id="a list beside a range"),
        pytest.param("skopt:gp", RANGE, (), "gp", id="an alias"),
        pytest.param("bayesian", RANGE, (), "gp", id="another alias"),
        pytest.param("Auto", RANGE, (), "auto", id="what auto means, the search tells"),
    ],
)
def test_the_values_say_what_kind_of_command_it_is(
    name: str | None, settings: dict[str, Setting], rows: Any, chosen: str | None
) -> None:
    assert choose_optimizer(name, settings, rows) == chosen


@pytest.mark.parametrize(
    ("optimizer", "settings", "max_trials", "n"),
    [
        pytest.param("grid", LIST | {"y": LIST["x"]}, None, 9, id="a grid has every point"),
        pytest.param("grid", LIST, 2, 2, id="a grid may be sampled"),
        pytest.param("grid", LIST, 50, 3, id="a grid has no more than its points"),
        pytest.param("gp", RANGE, None, 20, id="a search has twenty"),
        pytest.param("random", RANGE, 5, 5, id="or as many as asked for"),
    ],
)
def test_the_number_of_trials(
    optimizer: str, settings: dict[str, Setting], max_trials: int | None, n: int
) -> None:
    spec = OptimizerSpec(name=optimizer)
    assert count_trials(spec, settings, (), max_trials=max_trials) == n


@pytest.mark.parametrize(
    ("optimizer", "settings", "rows", "max_trials", "words"),
    [
        pytest.param("gp", VALUE, (), None, "nothing to search", id="nothing to search"),
        pytest.param("gp", RANGE, ({"x": 1},), None, "leave out", id="a file for a search"),
        pytest.param("gp", RANGE, (), 0, "1 or more", id="no trials"),
        pytest.param("grid", RANGE, (), None, "linspace", id="a grid over a range"),
    ],
)
def test_what_cannot_be_run_is_refused(
    optimizer: str, settings: dict[str, Setting], rows: Any, max_trials: int | None, words: str
) -> None:
    with pytest.raises(SpecificationError, match=words):
        count_trials(OptimizerSpec(name=optimizer), settings, rows, max_trials=max_trials)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"settings": {"x": 1, "step": 0, "n": 3}, "given": ("x",)}, ["x"]),
        ({"settings": {"x": 1, "step": 9, "n": 3}, "given": ("n", "step")}, ["step"]),
        (
            {"rows": ({"x": 1}, {"n": 2}), "given": (), "optimizer": OptimizerSpec(name="grid")},
            ["x"],
        ),
        ({"given": ("n",)}, []),
    ],
    ids=["set", "set by name", "set by a row", "not set"],
)
def test_only_of_what_is_set_it_is_told_that_the_script_sets_it_again(
    changes: dict[str, Any], names: list[str]
) -> None:
    note = "is assigned again in line 3 (if …)"
    script_flags = ScriptFlags(
        source=FlagSource.GLOBALS,
        definitions=(FlagDefinition(name="x", note=note), FlagDefinition(name="n")),
        unlisted=(FlagDefinition(name="step", note=note),),
    )
    spec = replace(SEARCH, settings={"x": 1}, script_flags=script_flags)
    told = doubts(replace(spec, **changes))
    assert told == [f"{n} {note}: trials may not run with the value that you set" for n in names]


@pytest.mark.parametrize("tag", ["", "a b", "a,b", "a\n"])
def test_a_tag_that_a_list_of_tags_could_not_show_is_refused(tag: str) -> None:
    with pytest.raises(SpecificationError, match="is not a tag"):
        SweepRequest(tags=("first", tag))


@pytest.mark.parametrize(
    ("optimizer", "cost", "settings"),
    [
        ("gp", None, {}),
        ("gp", TrialCost.SECONDS, {"cost": "seconds"}),
        ("auto", TrialCost.SECONDS, {"cost": "seconds"}),
        ("random", TrialCost.NONE, {}),
    ],
)
def test_what_a_trial_costs_is_a_setting_of_the_optimizer(
    optimizer: str, cost: TrialCost | None, settings: dict[str, str]
) -> None:
    request = SweepRequest(
        script="train.py", optimizer=optimizer, cost=cost, **read_arguments(["x=[-2.0:2.0]"])
    )

    spec = specify(request, SCRIPT, (), ORIGIN)

    assert spec.optimizer is not None
    assert spec.optimizer.settings == settings


def test_a_single_run_has_nothing_to_weigh() -> None:
    request = SweepRequest(script="train.py", cost=TrialCost.SECONDS, **read_arguments(["x=1"]))

    assert specify(request, SCRIPT, (), ORIGIN).optimizer is None
