"""Which trials of a batch are forked, and what forked scripts see."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.executor.conftest import Recorder, empty_plan
from tunesmith.execution import Execution
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.warm_starts import warm_starts
from tunesmith.runner import WarmMode
from tunesmith.trial import PlannedTrial, TrialStatus

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are for Linux")


IsGone = Callable[[int], bool]
IS_WARM = "import os\nis_warm = 'warm_child' in open('/proc/self/cmdline').read()\n"
ON = Execution(warm=WarmMode.ON)


def trial(number: int, **flags: Any) -> PlannedTrial:
    return PlannedTrial(number=number, flags=flags, origin="grid")


def said(work: BatchContext, number: int) -> str:
    """Run a trial and return what it printed."""
    record = publish_attempt(work, trial(number))
    return work.store.layout.output(work.spec.id, record.id).read_text()


def notes(observer: Recorder) -> list[str]:
    return [str(told[1]) for told in observer.told if told[0] == "note"]


def test_the_first_trial_is_fresh_and_the_others_are_forked(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(f"{IS_WARM}print(is_warm)\n", n_trials=3)
    assert [said(work, number) for number in (1, 2, 3)] == ["False\n", "True\n", "True\n"]
    assert notes(observer) == []


@pytest.mark.parametrize(
    ("execution", "n_trials"),
    [(Execution(warm=WarmMode.OFF), 9), (Execution(), 2), (Execution(jobs=4), 5), (ON, None)],
    ids=["off", "two trials", "one after the first ones", "a single run"],
)
def test_who_gains_nothing_has_no_server(
    make_work: Any, execution: Execution, n_trials: int | None
) -> None:
    assert make_work("pass", execution, n_trials=n_trials).warm is None


def test_who_insists_has_the_first_trial_forked_too(make_work: Any) -> None:
    assert said(make_work(f"{IS_WARM}print(is_warm)\n", ON, n_trials=1), 1) == "True\n"


def test_flags_reach_a_forked_script_as_globals_and_in_the_environment(make_work: Any) -> None:
    work = make_work("import os\nx = 1\nprint('loss:', x + float(os.environ['FLAG_X']))\n", ON, 3)
    records = [publish_attempt(work, trial(number, x=number)) for number in (1, 2)]
    assert [record.objective for record in records] == [2.0, 4.0]


def test_flags_reach_a_forked_script_as_arguments(make_work: Any) -> None:
    work = make_work(
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--x', type=float, default=1.0)\n"
        "print('loss:', parser.parse_args().x)\n",
        ON,
        n_trials=3,
    )
    assert publish_attempt(work, trial(1, x=0.5)).objective == 0.5


def test_flags_reach_a_forked_click_script(make_work: Any) -> None:
    work = make_work(
        "import click\n@click.command()\n@click.option('--x', type=float, default=1.0)\n"
        "def main(x):\n    print('loss:', x)\nmain()\n",
        ON,
        n_trials=3,
    )
    record = publish_attempt(work, trial(1, x=0.5))
    assert (record.exit_code, record.objective) == (0, 0.5)


@pytest.mark.parametrize("is_in_place", [False, True], ids=["a copy", "in place"])
def test_modules_and_data_of_the_project_are_found(make_work: Any, is_in_place: bool) -> None:
    work = make_work(
        f"{IS_WARM}import helper\nfrom helper import value\n"
        "print(is_warm, value, open('data.txt').read())\n",
        replace(ON, is_in_place=is_in_place),
        n_trials=3,
        **{"helper.py": "value = 3\n", "data.txt": "12"},
    )
    assert said(work, 1) == "True 3 12\n"


def test_a_module_of_the_project_may_have_a_name_of_the_standard_library(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(
        f"{IS_WARM}import json\nprint(is_warm, json.value)\n",
        ON,
        n_trials=3,
        **{"json.py": "value = 3\n"},
    )
    assert said(work, 1) == "False 3\n"
    assert "the project's own module json shadows another one" in notes(observer)[0]


def test_a_warm_trial_that_fails_where_a_fresh_one_does_not_runs_again(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(f"{IS_WARM}print('loss: 1')\nif is_warm: os._exit(3)\n", n_trials=4)
    records = [publish_attempt(work, trial(number)) for number in (1, 2, 3)]
    assert [(one.status, one.attempt) for one in records] == [
        (TrialStatus.COMPLETED, 1),
        (TrialStatus.COMPLETED, 2),
        (TrialStatus.COMPLETED, 1),
    ]
    assert notes(observer) == [
        "trial 2 failed in a warm process and not in a fresh one: "
        "the batch goes on with fresh ones"
    ]


def test_a_script_that_fails_in_any_process_is_not_blamed_on_the_server(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(
        f"{IS_WARM}print(is_warm)\nif os.environ['TUNESMITH_TRIAL'] in '23': 1 / 0\n", n_trials=5
    )
    records = [publish_attempt(work, trial(number)) for number in (1, 2, 3)]
    assert [(one.exit_code, one.attempt) for one in records] == [(0, 1), (1, 2), (1, 1)]
    assert (said(work, 4), notes(observer)) == ("True\n", [])


def test_a_script_that_always_fails_is_run_once_a_trial(make_work: Any) -> None:
    work = make_work("1 / 0\n", n_trials=4)
    assert [publish_attempt(work, trial(number)).attempt for number in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("mode", [WarmMode.AUTO, WarmMode.ON])
def test_a_library_that_no_fork_survives_makes_trials_fresh(
    make_work: Any, observer: Recorder, mode: WarmMode
) -> None:
    work = make_work(f"import polars\n{IS_WARM}print(is_warm)\n", Execution(warm=mode), 3)
    assert [said(work, number) for number in (1, 2)] == ["False\n", "False\n"]
    expected = "--warm on: polars does not survive a fork, so that trials run in fresh processes"
    assert notes(observer) == ([expected] if mode is WarmMode.ON else [])


def test_without_forks_who_insists_is_told(make_work: Any, observer: Recorder) -> None:
    spec = replace(make_work("pass", n_trials=3).spec, execution=ON)
    with (
        Reaper() as reaper,
        warm_starts(
            spec, empty_plan, stop=StopToken(), observer=observer, reaper=reaper, has_fork=False
        ) as starts,
    ):
        assert starts is None
    assert notes(observer) == ["--warm on: this system can only run trials in fresh processes"]


def test_the_loss_of_the_server_runs_the_trial_again(make_work: Any, observer: Recorder) -> None:
    work = make_work(
        f"{IS_WARM}import signal\nif is_warm:\n    os.kill(os.getppid(), 9)\n    signal.pause()\n"
        "print('loss: 1')\n",
        n_trials=4,
    )
    records = [publish_attempt(work, trial(number)) for number in (1, 2, 3)]
    assert [(one.status, one.attempt) for one in records] == [
        (TrialStatus.COMPLETED, 1),
        (TrialStatus.COMPLETED, 2),
        (TrialStatus.COMPLETED, 1),
    ]
    assert notes(observer) == [
        "the warm server was lost, so that the trial runs again: "
        "the batch goes on with fresh processes"
    ]


def test_a_server_that_was_killed_between_two_trials_is_not_missed(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(f"{IS_WARM}print(is_warm, os.getppid())\n", n_trials=4)
    said(work, 1)
    os.kill(int(said(work, 2).split()[1]), 9)
    record = publish_attempt(work, trial(3))
    assert (record.status, record.attempt) == (TrialStatus.COMPLETED, 1)
    assert notes(observer) == [
        "the warm server was lost, before the trial had started: "
        "the batch goes on with fresh processes"
    ]
