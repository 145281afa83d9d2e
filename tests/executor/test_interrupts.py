import signal
import threading

import pytest

from tunesmith.executor.interrupts import PATIENCE_S, BrokenOff, Interrupts, breaking_off
from tunesmith.executor.stop_token import StopToken


def told(*numbers: int) -> Interrupts:
    """Return what has received signals."""
    interrupts = Interrupts(StopToken())
    for number in numbers:
        interrupts.receive(number, None)
    return interrupts


@pytest.mark.parametrize(
    ("interrupts", "is_urgent"),
    [
        pytest.param(told(), False, id="none"),
        pytest.param(told(signal.SIGINT), False, id="Ctrl-C"),
        pytest.param(told(signal.SIGINT, signal.SIGINT), True, id="Ctrl-C twice"),
        pytest.param(told(signal.SIGTERM), True, id="SIGTERM"),
    ],
)
def test_a_second_interrupt_and_a_termination_are_urgent(
    interrupts: Interrupts, is_urgent: bool
) -> None:
    assert interrupts.is_urgent == is_urgent


@pytest.mark.parametrize("numbers", [(signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)])
def test_what_can_be_done_again_does_not_keep_a_command_that_was_told_to_end(
    numbers: tuple[int, ...],
) -> None:
    interrupts = told(*numbers)

    with pytest.raises(BrokenOff, match="ended by"), breaking_off(interrupts, patience_s=0.01):
        threading.Event().wait(60)

    assert interrupts.exit_code == 128 + numbers[-1]


def test_what_is_done_in_time_is_not_ended() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with breaking_off(told(signal.SIGTERM), patience_s=60):
        waiting = [one for one in threading.enumerate() if isinstance(one, threading.Timer)]

    for timer in waiting:
        timer.join(60)
    assert len(waiting) == 1
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_the_trials_took_of_the_time_is_missing_for_what_can_be_done_again() -> None:
    stop = StopToken()
    interrupts = Interrupts(stop, grace_s=10)
    assert interrupts.left_s == 10 + PATIENCE_S

    interrupts.receive(signal.SIGTERM, None)
    assert stop.killed_at is not None
    stop.killed_at -= 10 + PATIENCE_S

    assert interrupts.left_s == 0
    with pytest.raises(BrokenOff), breaking_off(interrupts, patience_s=60):
        threading.Event().wait(60)
