"""Conditions of flags in specifications: stored, passed, changed at restarts."""

import json

import pytest

from tests.request.test_first_points import KINDS, specified
from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_from_plain, batch_to_json
from tunesmith.errors import FlagError
from tunesmith.flags.settings import condition_of
from tunesmith.query.commands import batch_command
from tunesmith.request.change import change
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.search.space import SearchSpace


def changed(spec: BatchSpec, *words: str) -> BatchSpec:
    request = SweepRequest(**read_arguments(words))
    return change(spec, request, planned=[], records=[], now=1.0)


def test_a_specification_with_conditions_is_stored_and_its_command_asks_for_the_same() -> None:
    spec = specified(*KINDS)

    assert batch_from_plain(json.loads(batch_to_json(spec))) == spec
    assert "'depth=[1:8] if kind == b'" in str(batch_command(specified(*KINDS, optimizer="gp")))
    assert '"if"' not in batch_to_json(specified("lr=[0.1,0.2]"))


def test_the_script_gets_what_the_trial_has() -> None:
    spec = specified(*KINDS)
    assert spec.passed({"kind": "a", "token": ""}) == {"kind": "a"}
    assert spec.passed({"kind": "b", "depth": 6, "lr": 0.2, "token": ""}) == {
        "kind": "b",
        "depth": 6,
        "lr": 0.2,
    }


def test_a_restart_may_change_a_condition_or_drop_it() -> None:
    spec = specified(*KINDS)
    other = changed(spec, "depth=[1:8] if kind in [a, c]")
    always = changed(spec, "depth=[1:8]")

    condition = condition_of(other.settings["depth"])
    assert condition is not None
    assert condition.holds({"kind": "a"})
    assert condition_of(always.settings["depth"]) is None
    assert list(SearchSpace.of(always).conditions) == ["lr"]


def test_a_trial_without_a_flag_lies_in_the_space_where_it_is_not_active() -> None:
    spec = specified(*KINDS)
    narrower = changed(spec, "depth=[1:4] if kind == b")
    always = changed(spec, "depth=[1:4]")

    assert narrower.searches({"kind": "a"})
    assert narrower.searches({"kind": "b", "depth": 4})
    assert not narrower.searches({"kind": "b", "depth": 7})
    assert not always.searches({"kind": "a"})


def test_a_restart_names_flags_of_the_batch_alone() -> None:
    with pytest.raises(FlagError, match="there is no flag 'kinds': did you mean 'kind'"):
        changed(specified(*KINDS), "depth=[1:4] if kinds == b")
    with pytest.raises(FlagError, match="depth depends on lr depends on depth"):
        changed(specified(*KINDS), "depth=[1:4] if lr > 0.1")
