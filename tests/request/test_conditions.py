"""``--where``: which points a batch may propose, by what a request says of it."""

from dataclasses import replace

import pytest

from tests.request.test_first_points import SEARCH, planned, specified
from tunesmith.batch_json import batch_from_plain, batch_to_plain
from tunesmith.cli.running.preview import preview
from tunesmith.errors import SpecificationError
from tunesmith.query.commands import batch_command
from tunesmith.ranking import best_of
from tunesmith.request.change import change
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.trial import TrialRecord, TrialStatus, trial_id

GRID = ("lr=[0.1,0.2]", "depth=[1,2,3]")


def record(number: int, lr: float, loss: float) -> TrialRecord:
    return TrialRecord(
        id=trial_id("b" * 32, number),
        batch="b" * 32,
        number=number,
        attempt=1,
        operation="train.py",
        script="train.py",
        status=TrialStatus.COMPLETED,
        exit_code=0,
        started=2.0,
        stopped=3.0,
        seconds=1.0,
        objective=loss,
        flags={"lr": lr, "depth": 1, "kind": "a", "token": ""},
    )


def test_a_grid_has_only_allowed_points_and_counts_them() -> None:
    spec = specified(*GRID, where=["lr * depth < 0.4", "depth != 2 or lr = 0.1"])

    assert spec.n_trials == 4
    assert [(one.flags["lr"], one.flags["depth"]) for one in planned(spec, 9)] == [
        (0.1, 1),
        (0.2, 1),
        (0.1, 2),
        (0.1, 3),
    ]


def test_the_preview_says_the_conditions_and_how_many_points_meet_them() -> None:
    spec = specified(*GRID, where=["lr * depth < 0.4", "depth != 2 or lr = 0.1"])

    text = preview(spec, n_trials=4)
    assert "\n  where lr * depth < 0.4 and (depth != 2 or lr = 0.1) (4 of 6 points)" in text


def test_a_specification_keeps_its_conditions_and_has_none_without_them() -> None:
    spec = specified(*SEARCH, where=["lr * depth <= 4"])

    assert batch_from_plain(batch_to_plain(spec)) == spec
    assert "where" not in batch_to_plain(replace(spec, where=()))
    assert "--where 'lr * depth <= 4'" in (batch_command(spec) or "")


@pytest.mark.parametrize("where", ["lr >", "nothing < 1", "(" * 99])
def test_conditions_of_an_archive_that_cannot_be_read_are_refused(where: str) -> None:
    plain = {**batch_to_plain(specified(*SEARCH, where=["lr < 1"])), "where": [where]}

    with pytest.raises(SpecificationError, match="--where"):
        batch_from_plain(plain)


@pytest.mark.parametrize(
    ("words", "where", "message"),
    [
        (SEARCH, "lr > 2", "allows no point that was found.*does not meet 'lr > 2'"),
        (GRID, "depth > 3", "allows none of the 6 points"),
        (GRID, "depht > 3", "no flag 'depht': did you mean 'depth'"),
        (GRID, "  ", "--where is .*expected a condition"),
        (("lr=0.5",), "lr > 1", "allows none of the 1 points"),
    ],
)
def test_what_cannot_hold_is_refused_before_anything_runs(
    words: tuple[str, ...], where: str, message: str
) -> None:
    with pytest.raises(SpecificationError, match=message):
        specified(*words, where=[where])


def test_a_restart_replaces_the_conditions_and_none_takes_them_away() -> None:
    spec = specified(*SEARCH, where=["lr < 0.5"])

    def changed(*where: str) -> tuple[str, ...]:
        request = SweepRequest(where=where or None)
        return change(spec, request, planned=[], records=[], now=5.0).where

    assert changed() == ("lr < 0.5",)
    assert changed("lr > 0.5", "depth > 2") == ("lr > 0.5", "depth > 2")
    assert changed("none") == ()
    with pytest.raises(SpecificationError, match="allows no point"):
        changed("lr > 1")


def test_a_trial_that_a_restart_no_longer_allows_is_not_the_best() -> None:
    spec = specified(*SEARCH)
    trials = [record(1, 0.2, 1.0), record(2, 0.8, 2.0)]

    assert best_of(spec, trials) == trials[0]
    assert best_of(replace(spec, where=("lr > 0.5",)), trials) == trials[1]


def test_a_first_point_has_to_be_allowed() -> None:
    with pytest.raises(SpecificationError, match=r"lr=0.9.*does not meet --where 'lr < 0.5'"):
        specified(*SEARCH, first=["lr=0.9,depth=2"], where=["lr < 0.5"])


def test_what_a_first_point_leaves_open_is_proposed_as_the_conditions_allow() -> None:
    spec = specified("lr=[0.2:0.9]", "depth=[1:8]", first=["depth=8"], where=["lr * depth < 2"])

    (found,) = planned(spec, 1)
    assert found.origin == "first"
    assert found.flags["depth"] == 8
    assert 0.2 <= float(str(found.flags["lr"])) < 0.25
