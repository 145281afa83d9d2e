import pytest

from tests.batches import make_spec
from tests.query.conftest import MakeRun
from tunesmith.objective import Direction, Objective
from tunesmith.query.recent_gain import RecentGain, recent_gain
from tunesmith.query.time_text import describe_gain
from tunesmith.scalar import ScalarColumn
from tunesmith.trial import Run, TrialStatus

LOSS = Objective(column=ScalarColumn(tag="loss"), direction=Direction.MINIMIZE)
ACCURACY = Objective(column=ScalarColumn(tag="acc"), direction=Direction.MAXIMIZE)


def runs_of(make_run: MakeRun, *objectives: float | None, **fields: object) -> list[Run]:
    return [
        make_run(number, objective=one, flags={"x": 0.5}, seconds=10.0 * number, **fields)
        for number, one in enumerate(objectives, start=1)
    ]


@pytest.mark.parametrize(
    ("objective", "objectives", "words"),
    [
        pytest.param(
            LOSS,
            (0.5, 0.2, 0.3, 0.4, 0.199, 0.6),
            "the last 2 trials (1m 50s) lowered the best loss by 0.001 (< 1 %), to 0.199",
            id="lowered",
        ),
        pytest.param(
            ACCURACY,
            (0.5, 0.2, 0.3, 0.4, 0.75, 0.6),
            "the last 2 trials (1m 50s) raised the best acc by 0.25 (50 %), to 0.75",
            id="raised",
        ),
        pytest.param(
            LOSS,
            (0.5, 0.2, 0.3, 0.4, 0.3, None),
            "the last 2 trials (1m 50s) found nothing better than 0.2",
            id="nothing",
        ),
        pytest.param(
            LOSS,
            (0.0, 0.2, 0.3, 0.4, -1.0, None),
            "the last 2 trials (1m 50s) lowered the best loss by 1.0, to -1.0",
            id="from zero",
        ),
    ],
)
def test_the_last_third_of_the_trials_is_compared_with_those_before(
    make_run: MakeRun, objective: Objective, objectives: tuple[float | None, ...], words: str
) -> None:
    gain = recent_gain(make_spec("b" * 32, objective=objective), runs_of(make_run, *objectives))

    assert gain is not None
    assert describe_gain(gain, objective) == words


def test_trials_count_in_the_order_in_which_they_ended(make_run: MakeRun) -> None:
    runs = runs_of(make_run, 0.5, 0.1, 0.3, 0.4, 0.3, 0.2)
    late = make_run(2, objective=0.1, flags={"x": 0.5}, seconds=20.0, stopped=1_700_000_099.0)

    gain = recent_gain(make_spec("b" * 32, objective=LOSS), [runs[0], late, *runs[2:]])

    assert gain == RecentGain(n_trials=2, seconds=80.0, before=0.3, after=0.1)


@pytest.mark.parametrize(
    "objectives",
    [(0.5, 0.2, 0.3, 0.4, 0.1), (None, None, None, None, 0.2, 0.1)],
    ids=["few trials", "no earlier objective"],
)
def test_nothing_is_said_of(make_run: MakeRun, objectives: tuple[float | None, ...]) -> None:
    spec = make_spec("b" * 32, objective=LOSS)

    assert recent_gain(spec, runs_of(make_run, *objectives)) is None


def test_a_pruned_trial_costs_time_and_is_not_the_best(make_run: MakeRun) -> None:
    runs = runs_of(make_run, 0.5, 0.2, 0.3, 0.4, 0.3)
    pruned = make_run(6, objective=0.1, flags={"x": 0.5}, seconds=1.0, status=TrialStatus.PRUNED)

    gain = recent_gain(make_spec("b" * 32, objective=LOSS), [*runs, pruned])

    assert gain == RecentGain(n_trials=2, seconds=51.0, before=0.2, after=0.2)
