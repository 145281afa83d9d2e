"""How a warm trial is chosen, limited and judged."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.executor.conftest import Recorder, empty_plan, request_of
from tunesmith.executor.child_process import ChildOutcome
from tunesmith.executor.child_starter import start_fresh
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.warm_starts import WarmStarts
from tunesmith.runner import WarmMode

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are for Linux")


@pytest.fixture
def make_starts(observer: Recorder) -> Iterator[Callable[[WarmMode], WarmStarts]]:
    made = []

    def make(mode: WarmMode) -> WarmStarts:
        made.append(WarmStarts(empty_plan, mode=mode, stop=StopToken(), observer=observer))
        return made[-1]

    yield make
    for starts in made:
        starts.close()


def ended(*, seconds: float, exit_code: int = 0) -> ChildOutcome:
    return ChildOutcome(
        exit_code=exit_code, signal=None, reason="", started=0.0, stopped=seconds,
        seconds=seconds, cpu_seconds=0.0, max_rss_bytes=0,
    )  # fmt: skip


def test_another_environment_at_the_start_makes_a_trial_fresh(
    tmp_path: Path, make_starts: Callable[[WarmMode], WarmStarts]
) -> None:
    starts = make_starts(WarmMode.ON)
    same = request_of(tmp_path / "a", "pass", FLAG_X="1", CUDA_VISIBLE_DEVICES="0")
    other = request_of(tmp_path / "b", "pass", FLAG_X="2", CUDA_VISIBLE_DEVICES="1")
    third = request_of(tmp_path / "c", "pass", OMP_NUM_THREADS="77")
    assert starts.choose(same)[0] is not start_fresh
    assert starts.choose(other)[0] is not start_fresh
    assert starts.choose(third)[0] is start_fresh


def test_trials_are_fresh_until_one_has_completed(
    tmp_path: Path, make_starts: Callable[[WarmMode], WarmStarts]
) -> None:
    starts, request = make_starts(WarmMode.AUTO), request_of(tmp_path / "a", "pass")
    assert starts.choose(request) == (start_fresh, request)
    starts.is_to_repeat(start_fresh, ended(seconds=1.0, exit_code=1))
    assert starts.choose(request) == (start_fresh, request)
    starts.is_to_repeat(start_fresh, ended(seconds=1.0))
    assert starts.choose(request)[0] is not start_fresh


def test_trials_that_take_long_stay_fresh(
    tmp_path: Path, make_starts: Callable[[WarmMode], WarmStarts]
) -> None:
    starts, request = make_starts(WarmMode.AUTO), request_of(tmp_path / "a", "pass")
    starts.is_to_repeat(start_fresh, ended(seconds=301.0))
    assert starts.choose(request) == (start_fresh, request)


@pytest.mark.parametrize(("timeout_s", "expected"), [(None, 80.0), (5.0, 5.0), (900.0, 80.0)])
def test_the_first_warm_trial_has_a_limit_of_time(
    tmp_path: Path,
    make_starts: Callable[[WarmMode], WarmStarts],
    timeout_s: float | None,
    expected: float,
) -> None:
    starts = make_starts(WarmMode.AUTO)
    request = replace(request_of(tmp_path / "a", "pass"), timeout_s=timeout_s)
    starts.is_to_repeat(start_fresh, ended(seconds=10.0))
    start, limited = starts.choose(request)
    assert limited.timeout_s == expected
    assert starts.is_to_repeat(start, ended(seconds=80.0, exit_code=1))
    starts.is_to_repeat(start, ended(seconds=1.0))
    assert starts.choose(request)[1] == request
