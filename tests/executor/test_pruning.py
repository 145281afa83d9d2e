"""Trials of a running batch that are stopped early: real child processes, a real store."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.batches import make_record, make_spec
from tests.executor.conftest import Recorder
from tunesmith.execution import Execution
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.pruning import BatchPruning, batch_pruning
from tunesmith.executor.stop_token import StopToken
from tunesmith.objective import Direction, Objective
from tunesmith.output.series import ScalarPoint
from tunesmith.pruning import Pruned, PruningSpec
from tunesmith.scalar import ScalarColumn
from tunesmith.search.observations import observations
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

CAREFUL = PruningSpec()
N_POINTS = 12
CURVE = f"""\
import signal
x = 1
for t in range(1, {N_POINTS + 1}):
    print("loss:", x + 1 / t, flush=True)
    if x > 5 and t == 4:
        signal.pause()
"""
"""The script of a trial that waits at point 4 to be stopped if x is large."""

BAR = f"""\
import signal
x = 1
for t in range(1, {N_POINTS + 1}):
    print(f"\\r[{{'#' * t}}] {{t}}/{N_POINTS} loss: {{x + 1 / t}}", end="", flush=True)
    if x > 5 and t == 6:
        signal.pause()
"""
"""The same in a line that overwrites itself, where a step is known once two more have begun."""


def trial(number: int, x: float) -> PlannedTrial:
    return PlannedTrial(number=number, flags={"x": x}, origin="random")


def run(work: BatchContext, number: int, x: float) -> TrialRecord:
    """Run a trial to its end, as its task does."""
    planned = trial(number, x)
    work.trials.planned[number] = planned
    record = publish_attempt(work, planned)
    work.add_record(record)
    return record


def three_finished(work: BatchContext) -> None:
    for number in (1, 2, 3):
        assert run(work, number, 1.0 + number / 10).status is TrialStatus.COMPLETED


def test_a_trial_that_will_not_win_is_stopped_and_says_why(make_work: Any) -> None:
    work = make_work(CURVE, n_trials=20, pruning=CAREFUL)
    three_finished(work)
    record = run(work, 4, 9.0)
    assert record.status is TrialStatus.PRUNED
    assert record.reason == (
        "at point 4 its loss 9.25 had less than a 10 % chance of beating 1.1833"
    )
    assert (record.objective, record.scalars["loss"].count) == (9.25, 4)
    assert work.store.records(work.spec.id).records[-1] == record
    assert record.pruned is not None
    assert (record.pruned.point, record.pruned.among) == (4, (1, 2, 3))
    assert work.trials.incumbent is not None
    assert work.trials.incumbent.number == 1


def test_no_trial_is_stopped_before_three_have_finished(make_work: Any) -> None:
    work = make_work(CURVE, n_trials=20, pruning=CAREFUL, execution=Execution(timeout_s=1.0))
    run(work, 1, 1.0)
    run(work, 2, 1.0)
    assert run(work, 3, 9.0).reason == "timed out after 1 s"


def test_what_a_trial_writes_when_it_is_told_to_end_counts_and_its_files_stay(
    make_work: Any,
) -> None:
    text = (
        "import signal, sys\n"
        "def end(*_):\n    print('loss:', 7.5)\n    open('model', 'w').write('')\n    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
    )
    work = make_work(text + CURVE, n_trials=20, pruning=CAREFUL)
    three_finished(work)
    record = run(work, 4, 9.0)
    assert (record.status, record.exit_code, record.objective) == (TrialStatus.PRUNED, 0, 7.5)
    folder = work.store.layout.trial_directory(work.spec.id, record.id)
    assert (folder / "model").exists()
    (series,) = work.store.series(work.spec.id, 4)
    assert list(series.values) == [10.0, 9.5, 9 + 1 / 3, 9.25, 7.5]


def test_a_trial_that_ignores_the_signal_is_killed_with_what_it_has_started(
    make_work: Any, is_gone: Any
) -> None:
    text = (
        "import os, signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if x > 5:\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "    open('pid', 'w').write(str(child.pid))\n"
    )
    work = make_work(
        CURVE.replace("signal.pause", "while True: signal.pause").replace("for", f"{text}for"),
        n_trials=20,
        pruning=CAREFUL,
        execution=Execution(grace_s=0.1),
    )
    three_finished(work)
    record = run(work, 4, 9.0)
    assert (record.status, record.signal) == (TrialStatus.PRUNED, 9)
    folder = work.store.layout.trial_directory(work.spec.id, record.id)
    assert is_gone(int((folder / "pid").read_text()))


def test_a_trial_that_had_ended_when_it_was_to_be_stopped_has_completed(make_work: Any) -> None:
    text = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "x = 1\n"
        f"points = [x + 1 / t for t in range(1, {N_POINTS + 1})]\n"
        "print(*(f'loss: {point}' for point in points), sep='\\n')\n"
    )
    work = make_work(text, n_trials=20, pruning=CAREFUL)
    three_finished(work)
    record = run(work, 4, 9.0)
    assert (record.status, record.reason, record.pruned) == (TrialStatus.COMPLETED, "", None)
    assert record.scalars["loss"].count == N_POINTS


def test_a_pruned_trial_that_runs_again_reaches_its_end(make_work: Any) -> None:
    work = make_work(CURVE.replace("signal.pause()", "pass"), n_trials=20, pruning=CAREFUL)
    three_finished(work)
    pruned = make_record(
        work.spec.id, 4, status=TrialStatus.PRUNED, exit_code=None, signal=15, reason="slow"
    )
    work.store.publish(pruned, ())
    work.load_trials()
    record = run(work, 4, 9.0)
    assert (record.status, record.attempt) == (TrialStatus.COMPLETED, 1)
    assert record.scalars["loss"].count == N_POINTS


def test_what_a_progress_bar_overwrites_is_judged(make_work: Any, observer: Recorder) -> None:
    work = make_work(BAR, n_trials=20, pruning=CAREFUL)
    three_finished(work)
    record = run(work, 4, 9.0)
    assert record.reason == (
        "at point 4 its loss 9.25 had less than a 10 % chance of beating 1.1833"
    )
    assert [one for one in observer.told if one[0] == "note"] == []
    (series,) = work.store.series(work.spec.id, 1)
    assert list(series.steps) == [*range(1, N_POINTS + 1)]
    assert list(series.values) == [1.1 + 1 / t for t in range(1, N_POINTS + 1)]


@pytest.mark.parametrize("script", [CURVE, BAR], ids=["lines", "bar"])
def test_a_process_that_goes_on_decides_the_same(make_work: Any, script: str) -> None:
    work = make_work(script, n_trials=20, pruning=CAREFUL)
    three_finished(work)
    first = run(work, 4, 9.0)
    records = [one for one in work.store.records(work.spec.id).records if one.number < 4]
    later = batch_pruning(work.spec, work.observer.note)
    assert later is not None
    later.load(work.store, records)
    again = replace(work, pruning=later)
    again.trials.planned[5] = trial(5, 9.0)
    second = publish_attempt(again, trial(5, 9.0))
    assert (second.reason, second.pruned) == (first.reason, first.pruned)


def test_a_batch_of_few_trials_is_not_pruned_and_says_so(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(CURVE, n_trials=7, pruning=CAREFUL)
    assert work.pruning is None
    assert observer.told == [
        ("note", "--prune: fewer than 8 trials, so that all run to their end")
    ]


def test_trials_that_print_once_are_told_of_once(make_work: Any, observer: Recorder) -> None:
    work = make_work("x = 1\nprint('loss:', x)\n", n_trials=20, pruning=CAREFUL)
    for number in range(1, 6):
        run(work, number, float(number))
    (told,) = [one[1] for one in observer.told if one[0] == "note"]
    assert told.startswith("--prune: the first 3 trials printed loss once each")


# ---- decisions without processes


def pruning_of(
    objective: Objective | None = None, spec: PruningSpec = CAREFUL
) -> tuple[BatchPruning, list[str]]:
    told: list[str] = []
    batch = make_spec("b" * 32, objective=objective or Objective(), pruning=spec)
    return BatchPruning(batch, spec, told.append), told


def feed(
    pruning: BatchPruning, number: int, values: Sequence[float], *, tag: str = "loss"
) -> tuple[Any, StopToken]:
    """Report the points of a trial; it ends as completed unless it was stopped."""
    stop = StopToken()
    watch = pruning.watch(trial(number, 1.0), stop)
    for step, value in enumerate(values):
        watch.take(ScalarPoint(tag=tag, step=step, value=value))
        if watch.decision is not None:
            break
    return watch, stop


def finish(
    pruning: BatchPruning, number: int, values: Sequence[float], *, tag: str = "loss"
) -> None:
    feed(pruning, number, values, tag=tag)
    pruning.add(make_record("b" * 32, number, objective=values[-1]))


def falling(end: float, n: int = 20) -> list[float]:
    return [end + 1 / t for t in range(1, n + 1)]


def test_the_sign_turns_where_more_is_better() -> None:
    objective = Objective(column=ScalarColumn(tag="acc"), direction=Direction.MAXIMIZE)
    pruning, _ = pruning_of(objective)
    for number in (1, 2, 3):
        finish(pruning, number, [-value for value in falling(-0.9)], tag="acc")
    good, _ = feed(pruning, 4, [-value for value in falling(-0.95)], tag="acc")
    bad, stop = feed(pruning, 5, [-value for value in falling(0.5)], tag="acc")
    assert good.decision is None
    assert bad.decision.reason == (
        "at point 4 its acc -0.75 had less than a 10 % chance of beating 0.85"
    )
    assert stop.is_killing
    assert bad.decision.pruned.estimate <= 0.85


def test_of_a_minimum_the_best_so_far_is_judged() -> None:
    objective = Objective(column=ScalarColumn.from_text("min loss"))
    pruning, _ = pruning_of(objective)
    for number in (1, 2, 3):
        finish(pruning, number, falling(1.0))
    watch, _ = feed(pruning, 4, [1.0, 9.0, 9.0, 9.0, 9.0, 9.0])
    assert list(watch.curve.costs) == [1.0] * 6
    assert watch.decision is None


def test_a_trial_that_diverges_is_stopped_whatever_it_may_become() -> None:
    pruning, _ = pruning_of()
    for number in (1, 2, 3):
        finish(pruning, number, falling(1.0))
    watch, _ = feed(pruning, 4, [0.1, math.nan, math.nan, 0.1])
    assert watch.decision.pruned.point == 3
    assert "nan" in watch.decision.reason


def test_another_scalar_is_judged_in_the_direction_of_its_name() -> None:
    objective = Objective(column=ScalarColumn(tag="acc"), direction=Direction.MAXIMIZE)
    pruning, _ = pruning_of(objective, PruningSpec(column=ScalarColumn(tag="loss")))
    assert pruning.objective == Objective(column=ScalarColumn(tag="loss"))
    for number in (1, 2, 3):
        feed(pruning, number, falling(1.0))
        pruning.add(make_record("b" * 32, number, objective=0.5 + number / 10))
    watch, _ = feed(pruning, 4, falling(9.0))
    assert watch.decision is not None
    assert watch.decision.pruned.estimate == pytest.approx(0.7), "the median of the finished"


def feed_states(
    pruning: BatchPruning, number: int, values: Sequence[float], *, total: int, by: int = 1
) -> tuple[Any, StopToken]:
    """Report what a bar has shown at its steps, all but its last one."""
    stop = StopToken()
    watch = pruning.watch(trial(number, 1.0), stop)
    for step, value in enumerate(values):
        watch.take(ScalarPoint(tag="loss", step=by * step, value=value, total=total))
    return watch, stop


def test_a_bar_of_batches_is_not_judged() -> None:
    pruning, told = pruning_of()
    for number in (1, 2, 3):
        finish(pruning, number, falling(1.0))
    batches, _ = feed_states(pruning, 4, falling(9.0), total=400)
    epochs, _ = feed_states(pruning, 5, falling(9.0), total=20)
    assert batches.decision is None
    assert epochs.decision.pruned.point == 4
    assert told == []


def test_a_bar_that_leaves_out_steps_is_not_judged_and_said_to_print_once() -> None:
    pruning, told = pruning_of()
    for number in (1, 2, 3, 4):
        watch, _ = feed_states(pruning, number, falling(number), total=40, by=2)
        watch.take(ScalarPoint(tag="loss", step=40, value=1.0))
        assert (watch.decision, len(watch.curve)) == (None, 1)
        pruning.add(make_record("b" * 32, number, objective=1.0))
    assert len(told) == 1


def test_lines_count_where_a_bar_was_followed_by_some() -> None:
    pruning, _ = pruning_of()
    watch, _ = feed_states(pruning, 1, falling(9.0), total=20)
    assert len(watch.curve) == 20
    for step, value in enumerate([3.0, 2.0]):
        watch.take(ScalarPoint(tag="loss", step=step, value=value))
    assert list(watch.curve.costs) == [3.0, 2.0]


def test_points_of_other_scalars_are_not_judged() -> None:
    pruning, _ = pruning_of()
    for number in (1, 2, 3):
        finish(pruning, number, falling(1.0))
    watch, _ = feed(pruning, 4, falling(9.0), tag="seconds")
    assert (watch.decision, watch.tag) == (None, "")


def test_a_scalar_may_come_to_be_meant_later() -> None:
    pruning, _ = pruning_of()
    watch, _ = feed(pruning, 1, [3.0, 2.0], tag="train/loss")
    assert (watch.tag, list(watch.curve.costs)) == ("train/loss", [3.0, 2.0])
    watch.take(ScalarPoint(tag="val/loss", step=0, value=5.0))
    assert (watch.tag, list(watch.curve.costs)) == ("val/loss", [5.0])


# ---- what is told of a pruned trial


def pruned_record(estimate: float | None) -> TrialRecord:
    return make_record(
        "b" * 32,
        4,
        status=TrialStatus.PRUNED,
        exit_code=None,
        signal=15,
        reason="at point 4 …",
        objective=9.25,
        pruned=Pruned(point=4, estimate=estimate),
    )


@pytest.mark.parametrize(("estimate", "cost"), [(8.5, 8.5), (None, 9.25)])
def test_a_model_is_told_a_number_of_a_pruned_trial(estimate: float | None, cost: float) -> None:
    (told,) = observations([pruned_record(estimate)], (Objective(),), batch="b" * 32)
    assert told.cost == cost
