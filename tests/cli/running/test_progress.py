"""The progress of a batch on a stderr that is no terminal, and the state behind it."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.cli.running.test_summary import SPEC, record
from tunesmith.cli.running.live_progress import LiveProgress
from tunesmith.cli.running.progress import progress_shown
from tunesmith.cli.running.tally import Tally
from tunesmith.storage.files.layout import Layout
from tunesmith.trial import PlannedTrial, TrialStatus

LAYOUT = Layout(Path("/home/.tunesmith"))


def test_a_line_is_printed_for_each_finished_trial(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_shown(SPEC, LAYOUT, n_total=2, is_quiet=False) as observer:
        observer.trial_finished(record(7, -0.7))
        observer.trial_finished(record(12, -0.9))

    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("[1/2] ")
    assert "loss -0.7" in first
    assert second.endswith("best")


def test_a_quiet_command_prints_warnings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_shown(SPEC, LAYOUT, n_total=1, is_quiet=True) as observer:
        observer.trial_finished(record(7, -0.7))
        observer.note("the disk is almost full")

    assert capsys.readouterr().err == "warning: the disk is almost full\n"


@pytest.mark.parametrize(
    ("tag", "shown"),
    [("loss", 0.25), ("val#loss", 0.25), ("val_loss", None), ("accuracy", None)],
)
def test_only_the_objective_is_shown_beside_a_running_trial(tag: str, shown: float | None) -> None:
    tally = Tally(spec=SPEC, layout=LAYOUT, n_total=1)
    progress = LiveProgress(tally)
    progress.trial_started(PlannedTrial(number=1, flags={"x": 1.0}, origin="gp"), "a1" * 16)

    progress.scalar_reported(1, tag, 3, 0.25)

    assert tally.running[1].value == shown


def test_the_display_says_what_happens_and_counts_the_time_of_the_trials_alone() -> None:
    tally = Tally(spec=SPEC, layout=LAYOUT, n_total=2)
    progress = LiveProgress(tally)
    said = [tally.state]
    assert tally.elapsed_s == 0
    progress.proposing()
    said.append(tally.state)
    progress.trial_started(PlannedTrial(number=7, flags={"x": 1.0}, origin="gp"), "a1" * 16)
    said.append(tally.state)
    progress.proposing()
    said.append(tally.state)
    progress.trial_finished(record(7, -0.7))
    progress.phase("writing the report")

    assert said == ["starting", "proposing", "1 running", "1 running, proposing"]
    assert tally.state.startswith("writing the report 0.")
    assert tally.began is not None
    assert tally.ended is not None
    assert tally.elapsed_s == tally.ended - tally.began


def test_a_pruned_trial_that_runs_to_its_end_is_counted_once_and_never_the_best(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pruned = replace(
        record(7, -0.99), status=TrialStatus.PRUNED, exit_code=None, reason="at point 4 it lost"
    )
    with progress_shown(SPEC, LAYOUT, n_total=2, is_quiet=False) as observer:
        for one in (pruned, record(12, -0.7), record(7, -0.6)):
            planned = PlannedTrial(number=one.number, flags=one.flags, origin="gp")
            observer.trial_started(planned, one.id)
            observer.trial_finished(one)

    first, second, third = capsys.readouterr().err.splitlines()
    assert first.startswith("[1/2] ")
    assert "pruned: at point 4 it lost" in first
    assert not first.endswith("best")
    assert second.endswith("best")
    assert third.startswith("[2/2] ")


@pytest.mark.parametrize(
    ("status", "fact", "colour"),
    [(TrialStatus.PRUNED, "1 pruned", "33"), (TrialStatus.ERROR, "1 failed", "31")],
)
def test_a_pruned_trial_is_counted_apart_and_not_red(
    status: TrialStatus, fact: str, colour: str
) -> None:
    tally = Tally(spec=SPEC, layout=LAYOUT, n_total=2)
    tally.finish(replace(record(7, -0.9), status=status, exit_code=None, reason="it lost"))
    screen = Console(file=StringIO(), force_terminal=True, width=120, color_system="standard")
    screen.print(LiveProgress(tally))
    assert isinstance(screen.file, StringIO)
    drawn = screen.file.getvalue()
    assert fact in drawn
    assert f"\x1b[{colour}m" in drawn
