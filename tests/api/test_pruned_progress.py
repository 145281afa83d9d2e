"""What a program shows of trials that are pruned, and of those that run to their end then."""

from dataclasses import replace
from typing import Any

import pytest

from tests.cli.running.test_summary import SPEC, record
from tunesmith.api.progress import LineObserver, NotebookObserver
from tunesmith.executor.observer import Observer
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus


def pruned(number: int) -> TrialRecord:
    fields: dict[str, Any] = {
        "status": TrialStatus.PRUNED,
        "exit_code": None,
        "reason": "at point 4 it lost",
    }
    return replace(record(number, -0.99), **fields)


def show(observer: Observer, *records: TrialRecord) -> None:
    for one in records:
        planned = PlannedTrial(number=one.number, flags=one.flags, origin="random")
        observer.trial_started(planned, one.id)
        observer.trial_finished(one)


def test_each_trial_counts_once_and_a_pruned_one_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(LineObserver(SPEC, 2), pruned(1), pruned(2), record(1, -0.5))
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["[1/2]", "[2/2]", "[2/2]"]
    assert lines[0].endswith("pruned: at point 4 it lost")
    assert lines[2].endswith("loss -0.5  completed")


def test_a_notebook_counts_pruned_trials_and_none_of_them_is_the_best() -> None:
    shown: list[dict[str, str]] = []

    class Handle:
        def update(self, bundle: dict[str, str], **_: Any) -> None:
            shown.append(bundle)

    observer = NotebookObserver(SPEC, 3, lambda *_, **__: Handle())
    show(observer, pruned(1), record(2, -0.5), pruned(3), pruned(1))
    first, best = shown[-1]["text/plain"].splitlines()
    assert first.endswith(": 3/3 trials, 2 pruned")
    assert best.endswith("loss -0.5")
