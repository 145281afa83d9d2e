from dataclasses import replace
from typing import Any

import pytest

from tests.request.samples import ORIGIN, SCRIPT
from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_from_plain, batch_to_plain
from tunesmith.errors import FlagError, SpecificationError, UsageError
from tunesmith.executor.proposing import plan_trials
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.query.commands import batch_command
from tunesmith.request.change import change
from tunesmith.request.options import read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.specification import specify
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.trial import PlannedTrial

TYPED = ScriptFlags(
    source=FlagSource.ARGPARSE,
    definitions=(
        FlagDefinition(name="lr", type=FlagType.FLOAT, default=0.1),
        FlagDefinition(name="depth", type=FlagType.INT, default=3),
        FlagDefinition(name="kind", default="a"),
        FlagDefinition(name="token", default=""),
    ),
)
TRAIN = replace(SCRIPT, flags=TYPED)
SEARCH = ("lr=[0.0:1.0]", "depth=[1:8]")
GRID = ("lr=[0.1,0.2]", "depth=[1,2]")


def specified(*words: str, first: Any = (), **options: Any) -> BatchSpec:
    given = read_options({"first": first, **options})
    request = SweepRequest(script="train.py", **read_arguments(words), **given)
    return specify(request, TRAIN, (), ORIGIN)


def planned(spec: BatchSpec, n: int, trials: RecordedTrials | None = None) -> list[PlannedTrial]:
    trials = trials or RecordedTrials()
    found = plan_trials(spec, trials, number=max(trials.planned, default=0) + 1, n=n)
    trials.planned.update({one.number: one for one in found})
    return found


def tried(spec: BatchSpec, n: int) -> list[tuple[Any, ...]]:
    return [(one.origin, one.flags["lr"], one.flags["depth"]) for one in planned(spec, n)]


@pytest.mark.parametrize("optimizer", ["random", "gp", "sobol"])
def test_points_come_first_and_in_their_order(optimizer: str) -> None:
    spec = specified(*SEARCH, first=["lr=1,depth=6", "lr=0.5,depth=2"], optimizer=optimizer)
    found = planned(spec, 4)
    assert [one.origin for one in found[:2]] == ["first", "first"]
    assert [(one.flags["lr"], one.flags["depth"]) for one in found[:2]] == [(1.0, 6), (0.5, 2)]
    assert isinstance(found[0].flags["lr"], float)
    assert "first" not in [one.origin for one in found[2:]]


def test_what_a_point_leaves_open_is_the_initial_value_then_the_default() -> None:
    spec = specified("lr=[0.0:1.0:0.7]", "depth=[1:8]", first=["kind=b"])
    assert tried(spec, 1) == [("first", 0.7, 3)]
    assert planned(spec, 1)[0].flags["kind"] == "b"


def test_what_lies_outside_of_the_range_by_default_is_proposed() -> None:
    spec = specified("lr=[0.5:1.0]", "depth=[1:8]", first=["depth=2"])
    ((origin, lr, depth),) = tried(spec, 1)
    assert (origin, depth) == ("first", 2)
    assert 0.5 <= lr <= 1.0
    assert spec.first == ({"depth": 2},)


def test_the_defaults_run_wherever_they_lie() -> None:
    spec = specified("lr=[0.5:1.0]", "depth=[1:8]", first=["defaults"])
    assert tried(spec, 1) == [("first", 0.1, 3)]


def test_a_flag_that_is_not_searched_may_be_set_in_one_trial() -> None:
    spec = specified(*SEARCH, first=["kind=b"])
    one, two = planned(spec, 2)
    assert spec.passed(one.flags)["kind"] == "b"
    assert "kind" not in spec.passed(two.flags)
    assert "kind" in spec.varied(one.flags)


def test_a_grid_has_its_points_beside_those_it_lacks() -> None:
    spec = specified(*GRID, first=["lr=0.2,depth=1", "lr=0.5"])
    assert spec.n_trials == 5
    assert tried(spec, 5) == [
        ("first", 0.2, 1),
        ("first", 0.5, 1),
        ("grid", 0.1, 1),
        ("grid", 0.1, 2),
        ("grid", 0.2, 2),
    ]


def test_points_one_by_one_are_those_at_once() -> None:
    spec = specified(*SEARCH, first=["lr=0.25", "depth=5"], optimizer="random")
    trials = RecordedTrials()
    single = [planned(spec, 1, trials)[0] for _ in range(4)]
    assert single == planned(spec, 4)


def test_a_specification_with_points_is_read_as_it_was_written() -> None:
    spec = specified(*SEARCH, first=["lr=0.25"])
    assert batch_from_plain(batch_to_plain(spec)) == spec
    assert "first" not in batch_to_plain(specified(*SEARCH))


def test_the_command_of_a_batch_names_its_points() -> None:
    spec = specified(*SEARCH, first=["lr=0.25,depth=2"], seed=1)
    command = batch_command(spec)
    assert command is not None
    assert "--first depth=2,lr=0.25" in command


def test_a_restart_adds_points_and_asks_for_none_twice() -> None:
    spec = specified(*SEARCH, first=["lr=0.25,depth=2"], max_trials=2, optimizer="gp")
    ran = planned(spec, 2)
    request = SweepRequest(**read_options({"first": ["lr=0.25,depth=2", "lr=0.5,depth=1"]}))
    again = change(spec, request, planned=ran, records=[], now=2.0)
    assert again.first == ({"depth": 2, "lr": 0.25}, {"depth": 1, "lr": 0.5})
    assert again.n_trials == 3
    trials = RecordedTrials(planned={one.number: one for one in ran})
    (one,) = planned(again, 1, trials)
    assert (one.number, one.origin, one.flags["lr"]) == (3, "first", 0.5)


def test_a_restart_of_a_grid_adds_what_it_lacks() -> None:
    spec = specified(*GRID)
    request = SweepRequest(**read_options({"first": ["lr=0.5,depth=9", "lr=0.1,depth=1"]}))
    ran = planned(spec, 4)
    again = change(spec, request, planned=ran, records=[], now=2.0)
    assert again.n_trials == 6  # one beyond the grid, and one that has run and runs again


@pytest.mark.parametrize(
    ("first", "words", "told"),
    [
        (["lrr=1"], SEARCH, "--first: train.py has no flag 'lrr'. Did you mean 'lr'"),
        (["lr=[0.0:1.0]"], SEARCH, "lr=.* is a range: a first trial has one value"),
        (["lr=[0.1,0.2]"], SEARCH, "lr=.* has several values"),
        (["lr=fast"], SEARCH, "--first: invalid value 'fast' for lr"),
        (["token=abc"], SEARCH, "token is a secret by its name: set it for all trials"),
        (["lr=0.5"], (), "--first needs a search or a grid"),
    ],
    ids=["unknown", "range", "list", "type", "secret", "single"],
)
def test_what_is_no_point_is_refused(first: list[str], words: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        specified(*words, first=first)


def test_fewer_trials_than_points_are_refused() -> None:
    with pytest.raises(SpecificationError, match="--first names 2 trials, and --max-trials 1"):
        specified(*SEARCH, first=["lr=0.1", "lr=0.2"], max_trials=1)


def test_a_list_is_one_value_where_the_search_has_it() -> None:
    spec = specified("lr=[0.0:1.0]", "kind=[[64],[64,64]]", first=["kind=[64,64]"], optimizer="gp")
    assert planned(spec, 1)[0].flags["kind"] == (64, 64)


def test_a_program_gives_points_as_values() -> None:
    one = specified(*SEARCH, first=[{"lr": 0.25, "depth": 2}])
    assert one.first == specified(*SEARCH, first=["lr=0.25,depth=2"]).first
    with pytest.raises(FlagError):
        specified(*SEARCH, first=[{"lr": "fast"}])


KINDS = ("kind=[a,b]", "depth=[1:8] if kind == b", "lr=[0.1,0.2] if depth > 4")


def test_a_first_point_lacks_what_is_not_active_in_it() -> None:
    spec = specified(*KINDS, first=["kind=a", "kind=b,depth=6,lr=0.2"], optimizer="random")

    assert spec.first == ({"kind": "a"}, {"kind": "b", "depth": 6, "lr": 0.2})
    found = planned(spec, 4)
    assert [one.origin for one in found] == ["first", "first", "random", "random"]
    assert {"depth", "lr"}.isdisjoint(found[0].flags)
    assert all(("depth" in one.flags) == (one.flags["kind"] == "b") for one in found)


def test_the_defaults_come_first_as_far_as_they_are_active() -> None:
    spec = specified(*KINDS, first=["defaults"], optimizer="random")
    assert spec.first == ({"kind": "a"},)


def test_a_flag_that_is_named_and_not_active_is_refused() -> None:
    with pytest.raises(SpecificationError, match="depth is passed only if kind == b"):
        specified(*KINDS, first=["depth=3"], optimizer="random")


def test_a_grid_with_conditions_counts_the_points_that_come_first_once() -> None:
    grid = ("kind=[a,b]", "depth=[1,2] if kind == b")
    spec = specified(*grid, first=["kind=b,depth=2", "kind=b,depth=7"])

    assert spec.n_trials == 4
    found = planned(spec, 9)
    assert [(one.flags["kind"], one.flags.get("depth")) for one in found] == [
        ("b", 2),
        ("b", 7),
        ("a", None),
        ("b", 1),
    ]
