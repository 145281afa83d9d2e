import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.query.conftest import MakeRun
from tunesmith.job_time import JobTime
from tunesmith.query.time_spent import TimeSpent, time_spent
from tunesmith.query.time_text import MEANINGS, describe_time, shares
from tunesmith.trial import TrialStatus

SECONDS = st.floats(0, 1e6)
ENDED = [status for status in TrialStatus if status.is_finished]
ANY_SECONDS = st.none() | SECONDS | st.sampled_from([math.inf, math.nan])


def parts(spent: TimeSpent) -> dict[str, float]:
    return {name: getattr(spent, name) for name in MEANINGS}


def note(available: float, *, proposing: float = 0.0, waiting: float = 0.0) -> JobTime:
    return JobTime(available=available, proposing=proposing, waiting=waiting)


@given(
    trials=st.lists(st.tuples(st.sampled_from(ENDED), ANY_SECONDS), max_size=6),
    noted=st.lists(
        st.none() | st.builds(JobTime, available=SECONDS, proposing=SECONDS, waiting=SECONDS),
        max_size=3,
    ),
    seconds=SECONDS,
    jobs=st.integers(0, 9),
)
def test_the_parts_add_up_to_the_whole_and_none_is_negative(
    make_run: MakeRun,
    trials: list[tuple[TrialStatus, float | None]],
    noted: list[JobTime | None],
    seconds: float,
    jobs: int,
) -> None:
    runs = [make_run(status=status, seconds=one) for status, one in trials]

    spent = time_spent(runs, noted, seconds=seconds, jobs=jobs)

    assert min(parts(spent).values()) >= 0
    assert math.isclose(sum(parts(spent).values()), spent.whole, rel_tol=1e-9, abs_tol=1e-6)
    assert set(parts(spent)) | {"whole", "is_noted"} == {
        field.name for field in dataclasses.fields(spent)
    }


def test_each_second_of_a_job_is_counted_where_it_went(make_run: MakeRun) -> None:
    ends = {
        TrialStatus.COMPLETED: 40.0,
        TrialStatus.PRUNED: 5.0,
        TrialStatus.ERROR: 2.0,
        TrialStatus.TERMINATED: 1.0,
    }
    runs = [make_run(status=status, seconds=seconds) for status, seconds in ends.items()]

    spent = time_spent(
        [*runs, make_run(status=TrialStatus.RUNNING, seconds=None)],
        [note(60.0, proposing=6.0, waiting=3.0), note(20.0, proposing=1.0, waiting=2.0)],
        seconds=0.0,
        jobs=1,
    )

    assert parts(spent) == {
        "completed": 40.0,
        "pruned": 5.0,
        "failed": 3.0,
        "waiting": 5.0,
        "proposing": 7.0,
        "overhead": 20.0,
    }
    assert (spent.whole, spent.is_noted) == (80.0, True)
    assert describe_time(spent) == (
        "completed 40.0s (50 %), pruned 5.0s (6 %), failed 3.0s (4 %), waiting 5.0s (6 %), "
        "proposing 7.0s (9 %), overhead 20.0s (25 %)"
    )


@pytest.mark.parametrize("noted", [[], [None], [note(10.0), None]], ids=["none", "one", "second"])
def test_where_a_generation_noted_nothing_the_time_of_the_batch_counts(
    make_run: MakeRun, noted: list[JobTime | None]
) -> None:
    spent = time_spent([make_run(seconds=30.0)], noted, seconds=25.0, jobs=2)

    assert (spent.whole, spent.overhead, spent.is_noted) == (50.0, 20.0, False)
    assert describe_time(spent).endswith("(waiting and proposing are not noted)")


def test_trials_that_overlapped_more_than_there_were_jobs_are_the_whole(make_run: MakeRun) -> None:
    runs = [make_run(n, seconds=30.0) for n in (1, 2)]

    spent = time_spent(runs, [note(40.0, proposing=9.0)], seconds=40.0, jobs=1)

    assert (spent.whole, spent.completed, spent.proposing, spent.overhead) == (60.0, 60.0, 0, 0)


def test_a_part_that_took_no_time_is_left_out(make_run: MakeRun) -> None:
    spent = time_spent([make_run(seconds=999.0)], [note(1000.0, waiting=1.0)], seconds=9, jobs=1)

    assert shares(spent) == [("completed", "16m 39s", "100 %"), ("waiting", "1.0s", "< 1 %")]
    assert describe_time(time_spent([], [], seconds=0.0, jobs=1)) == ""


@pytest.mark.parametrize("seconds", [-1.0, math.inf, math.nan])
def test_times_of_jobs_are_finite_and_not_negative(seconds: float) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        note(1.0, waiting=seconds)
