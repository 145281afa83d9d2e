from tunesmith.scalar import MAX_DRAWN, ScalarSummary
from tunesmith.tensorboard.bounds import MAX_POINTS, MAX_TAGS, chosen_tags, max_points
from tunesmith.trial import Run, TrialStatus

ONE = ScalarSummary(
    first=1.0,
    first_step=0,
    last=1.0,
    last_step=0,
    min=1.0,
    min_step=0,
    max=1.0,
    max_step=0,
    mean=1.0,
    count=1,
)


def _run(*tags: str) -> Run:
    return Run(
        id="a1" * 16,
        batch="b1" * 16,
        number=1,
        operation="train.py",
        script="train.py",
        status=TrialStatus.COMPLETED,
        scalars=dict.fromkeys(tags, ONE),
    )


def test_a_scalar_called_time_gives_way_to_the_wall_time() -> None:
    assert chosen_tags([_run("time", "loss")], first=()) == ["loss"]


def test_of_too_many_scalars_the_objective_and_the_common_ones_are_shown() -> None:
    rare = [f"a{n:05}" for n in range(MAX_TAGS)]

    chosen = chosen_tags([_run("z", "common", *rare), _run("common")], first={"z"})

    assert len(chosen) == MAX_TAGS
    assert chosen[-2:] == ["common", "z"]


def test_so_many_runs_show_the_objective_only() -> None:
    runs = [_run("b", "a", "loss")] * MAX_POINTS
    assert chosen_tags(runs, first={"loss"}) == ["loss"]


def test_the_points_of_a_series_are_those_of_a_chart_or_its_share() -> None:
    assert max_points([_run("loss")] * 2, n_tags=1) == MAX_DRAWN
    assert max_points([_run("loss", "acc")] * 5_000, n_tags=2) == MAX_POINTS // 10_000
    assert max_points([_run("loss")] * 2 * MAX_POINTS, n_tags=1) == 1
