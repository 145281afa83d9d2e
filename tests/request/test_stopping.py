"""What ends a batch before its time, by what a request says of it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.request.test_conditions import record
from tests.request.test_first_points import SEARCH, specified
from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_from_plain, batch_to_plain
from tunesmith.errors import UsageError
from tunesmith.query.commands import batch_command
from tunesmith.request.change import change, complete
from tunesmith.request.options import read_options
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.stopping import TIME_OVER, StoppingSpec, describe_stopping
from tunesmith.trial import PlannedTrial, TrialStatus

ALL = {
    "max_time": "2h!",
    "target": "loss <= 0.1",
    "patience": 30,
    "worth": "0.001 per minute",
    "max_cost": "dollars 20",
}
RECORDS = [record(1, 0.2, 0.05), record(2, 0.8, 2.0)]
PLANNED = [PlannedTrial(number=one.number, flags=one.flags, origin="gp") for one in RECORDS]


def limited(**options: object) -> BatchSpec:
    return specified(*SEARCH, optimizer="gp", max_trials=50, **options)


def restarted(spec: BatchSpec, *, ended: str = "", **options: Any) -> BatchSpec:
    request = SweepRequest(**read_options(options))
    return change(spec, request, planned=PLANNED, records=RECORDS, now=5.0, ended=ended)


def test_limits_are_kept_told_and_typed_again() -> None:
    spec = limited(**ALL)

    assert batch_from_plain(batch_to_plain(spec)) == spec
    assert spec.stopping is not None
    assert describe_stopping(spec.stopping) == (
        "after 2h, which ends running trials; when loss <= 0.1; after 30 trials without a better "
        "result; when less than 0.001 per minute is expected of the next; when dollars 20 are "
        "spent"
    )
    typed = batch_command(spec) or ""
    for words in ("--max-time '2h!'", "--target 'loss <= 0.1'", "--patience 30"):
        assert words in typed
    assert "--worth '0.001 per minute' --max-cost 'dollars 20'" in typed


def test_a_specification_without_limits_is_what_it_was() -> None:
    assert limited().stopping is None
    assert "stopping" not in batch_to_plain(limited())


def test_none_takes_each_limit_away_at_a_restart() -> None:
    spec = limited(**ALL)
    off: dict[str, Any] = {**dict.fromkeys(ALL, "none"), "stop_when_flat": "no"}

    assert restarted(spec).stopping == spec.stopping
    assert restarted(spec, **off).stopping is None
    assert restarted(spec, target="none").stopping == replace(
        spec.stopping or StoppingSpec(), target=None
    )


def test_a_restart_after_a_limit_counts_from_there_unless_it_is_another() -> None:
    spec = limited(target="loss <= 0.1")

    def n_passed(**options: Any) -> int:
        found = restarted(spec, **options).stopping
        return -1 if found is None else found.n_passed

    assert n_passed(ended="target") == 2
    assert n_passed(ended="stopped") == 0
    assert n_passed(ended="") == 0
    assert n_passed(ended="max-cost") == 0
    assert n_passed(ended="target", target="loss <= 0.01") == 0


def test_a_call_of_the_same_key_does_not_go_on_with_a_batch_that_met_its_target() -> None:
    spec = limited(target="loss <= 0.1")

    def lacks(ended: str, **options: object) -> BatchSpec | None:
        request = SweepRequest(**read_options(options))
        return complete(
            spec,
            request,
            n_trials=50,
            planned=PLANNED,
            records=RECORDS,
            now=5.0,
            ended=ended,
        )

    assert lacks("target", target="loss <= 0.1") is None
    assert lacks("stopped", target="loss <= 0.1") is not None
    assert lacks("target", target="loss <= 0.01") is not None


def test_trials_that_the_time_ended_run_again_in_a_search_too() -> None:
    cut = replace(RECORDS[1], status=TrialStatus.TERMINATED, exit_code=None, reason=TIME_OVER)
    changed = change(
        limited(max_time="2h!"),
        SweepRequest(),
        planned=PLANNED,
        records=[RECORDS[0], cut],
        now=5.0,
        ended="max-time",
    )

    assert changed.rerun == (2,)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_time": "soon"}, r"--max-time.*'soon' is not a duration"),
        ({"max_time": "0"}, "--max-time.*positive"),
        ({"target": "loss <="}, "--target.*unexpected the end at position 8"),
        ({"patience": 0}, "--patience is 0: expected 1 trial or more, or none"),
        ({"patience": "many"}, "--patience is 'many': expected a whole number"),
        ({"worth": "0.001"}, "--worth.*as in '0.001 per minute'"),
        ({"worth": "-1 per hour"}, "--worth.*as in '0.001 per minute'"),
        ({"worth": "1 per week"}, "--worth.*as in '0.001 per minute'"),
        ({"max_cost": "20"}, "--max-cost.*as in 'dollars 20'"),
        ({"max_cost": "dollars many"}, "--max-cost.*as in 'dollars 20'"),
        ({"max_cost": "dollars -3"}, "--max-cost.*as in 'dollars 20'"),
    ],
)
def test_what_is_no_limit_is_refused_in_words(options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        limited(**options)
