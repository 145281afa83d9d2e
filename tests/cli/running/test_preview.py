from dataclasses import replace

from tests.report.conftest import made_spec
from tests.request.test_first_points import specified
from tunesmith.batch import OptimizerSpec
from tunesmith.cli.running.preview import preview
from tunesmith.flags.grammar import read_setting
from tunesmith.objective import Objective
from tunesmith.scalar import ScalarColumn

EARLIER = replace(made_spec(), n_trials=30)
RESTART = replace(EARLIER, generation=1)
TYPED = {"w": "[1,2]", "x": "[1,1,2,1.0]", "y": "[1,2]*2"}


def test_a_restart_that_asks_for_more_trials_says_how_many_that_makes() -> None:
    text = preview(replace(RESTART, n_trials=80), n_trials=71, earlier=EARLIER)
    assert "(max 71 trials)" in text
    assert "\n  trials: 30 + 50 = 80" in text


def test_a_restart_that_finishes_what_was_asked_for_adds_nothing() -> None:
    assert "trials:" not in preview(RESTART, n_trials=21, earlier=EARLIER)


def test_the_preview_says_what_auto_took_and_why() -> None:
    taken = OptimizerSpec(name="gp", reason="the best in our benchmarks")
    text = preview(replace(EARLIER, optimizer=taken), n_trials=9)
    assert "\n  auto: skopt:gp, the best in our benchmarks" in text
    assert "auto:" not in preview(EARLIER, n_trials=9)


def test_a_restart_with_another_objective_names_both() -> None:
    named = replace(RESTART, objective=Objective(column=ScalarColumn(tag="val_loss")))
    text = preview(named, n_trials=21, earlier=EARLIER)
    assert "minimize val_loss (was minimize loss)" in text


def test_a_restart_with_other_options_names_what_each_was() -> None:
    now = replace(RESTART.execution, timeout_s=90.0, retries=2, gpus=("0", "1"), jobs=2)
    text = preview(replace(RESTART, execution=now), n_trials=21, earlier=EARLIER)
    assert [line.strip() for line in text.splitlines() if "(was " in line] == [
        "--gpus 0,1 (was none)",
        "--timeout 90s (was none)",
        "--retries 2 (was 0)",
        "--jobs 2 (was 1)",
    ]


def test_a_specification_of_somebody_else_adds_no_lines_of_its_own() -> None:
    spec = replace(
        RESTART,
        operation="a\nb.py",
        extra_arguments=("x\n  runs your own code",),
        settings={"lr\n  runs": "v\nw"},
    )
    assert len(preview(spec, n_trials=1).splitlines()) == 3


def test_duplicates_that_are_left_out_of_a_grid_are_named() -> None:
    grid = replace(
        EARLIER,
        optimizer=OptimizerSpec(name="grid"),
        settings={name: read_setting(text) for name, text in TYPED.items()},
        rows=({"z": 1}, {"z": 2}, {"z": 1.0}),
    )
    lines = [line.strip() for line in preview(grid, n_trials=8).splitlines() if "left" in line]
    assert lines == [
        "1 duplicate row left out",
        "2 duplicates of x left out; [1,2]*2 runs each value twice",
    ]


def test_the_points_that_come_first_are_shown_with_what_fills_them() -> None:
    spec = specified("lr=[0.5:1.0]", "depth=[1:8]", first=["defaults", "depth=9", "lr=0.75"])
    text = preview(spec, n_trials=20)
    assert [line.strip() for line in text.splitlines() if "first:" in line] == [
        "first: depth=3 lr=0.1 (depth, lr as in the script; "
        "lr outside of what is searched, so no model learns from it)",
        "first: depth=9 (lr as the search proposes; "
        "depth outside of what is searched, so no model learns from it)",
        "first: depth=3 lr=0.75 (depth as in the script)",
    ]
    again = preview(replace(spec, first=(*spec.first, {"lr": 0.6})), n_trials=20, earlier=spec)
    assert [line for line in again.splitlines() if "first:" in line] == [
        "  first: lr=0.6 (depth as the search proposes)"
    ]


def test_a_flag_that_no_trial_gets_is_named() -> None:
    spec = specified("kind=a", "depth=[1:8] if kind == b", "lr=[0.1,0.2] if kind == a")
    assert "\n  depth is left to the script: kind == b never holds" in preview(spec, n_trials=2)

    spec = specified("kind=[a,b]", "depth=[1:8] if kind == b")
    assert "never holds" not in preview(spec, n_trials=2)
