from typing import Any

import pytest

from tunesmith.errors import SpecificationError
from tunesmith.execution import Execution
from tunesmith.request.execution import execute_as
from tunesmith.request.options import read_options
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.runner import Runner

WORKERS = Runner.from_text("prefect://")
ON_GPUS = Execution(gpus=("0", "1"), jobs=2)


def after(execution: Execution, **said: Any) -> Execution:
    return execute_as(execution, SweepRequest(**read_options(said)))


@pytest.mark.parametrize(
    ("said", "jobs"),
    [
        ({}, 1),
        ({"gpus": "0,1,2"}, 3),
        ({"gpus": [0, 1], "per_gpu": 2}, 4),
        ({"runner": "prefect://"}, 0),
        ({"runner": "prefect://", "jobs": 5}, 5),
        ({"gpus": "0,1", "jobs": 1}, 1),
    ],
    ids=str,
)
def test_as_many_trials_run_at_once_as_there_is_room_unless_a_number_is_given(
    said: dict[str, Any], jobs: int
) -> None:
    assert after(Execution(), **said).jobs == jobs


def test_a_number_of_jobs_that_was_given_stays_while_the_place_does() -> None:
    three = after(Execution(), jobs=3)
    assert after(three, timeout="5m").jobs == 3
    assert after(three, runner="local").jobs == 3
    assert after(three, gpus="0,1").jobs == 2


def test_workers_take_over_without_the_gpus_of_this_machine() -> None:
    moved = after(ON_GPUS, runner="prefect://")
    assert (moved.runner, moved.gpus, moved.jobs) == (WORKERS, (), 0)


def test_gpus_that_are_named_with_workers_are_refused() -> None:
    with pytest.raises(SpecificationError, match="tunesmith worker --gpus"):
        after(ON_GPUS, runner="prefect://", gpus="0")


def test_a_switch_may_be_turned_off_again() -> None:
    fatal = after(Execution(), fail_on_trial_error=True)
    assert fatal.is_fatal_on_error
    assert after(fatal, retries=1).is_fatal_on_error
    assert not after(fatal, fail_on_trial_error=False).is_fatal_on_error


def test_a_limit_and_the_gpus_may_be_taken_away_again() -> None:
    limited = after(Execution(), timeout="5m", max_failures=2, gpus="0,1")
    assert (limited.timeout_s, limited.max_failures, limited.gpus) == (300.0, 2, ("0", "1"))
    assert after(limited, timeout="none", max_failures="none", gpus="none") == Execution()
    assert after(Execution(), timeout="none") == Execution()


def test_a_message_names_an_option_as_it_was_given() -> None:
    with pytest.raises(SpecificationError, match=r"^--max-failures is 'no': expected a whole"):
        read_options({"max_failures": "no"})
    with pytest.raises(SpecificationError, match=r"^max_failures is 'no': expected a whole"):
        read_options({"max_failures": "no"}, is_typed=False)
    with pytest.raises(SpecificationError, match=r"^timeout: '5 parsecs' is not a duration"):
        read_options({"timeout": "5 parsecs"}, is_typed=False)
