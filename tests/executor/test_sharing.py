import select
import signal
import threading

import pytest

from tunesmith.executor.gpu_slots import Slots, StoppedWaitingError
from tunesmith.executor.interrupts import Interrupts, received
from tunesmith.executor.stop_token import StopToken


def test_a_drain_lets_running_trials_go_on() -> None:
    stop = StopToken()
    stop.drain("enough")
    stop.drain("another reason")
    assert (stop.is_draining, stop.is_killing, stop.reason) == (True, False, "enough")
    assert select.select([stop], [], [], 0)[0] == []


def test_a_kill_drains_too_and_wakes_whoever_waits() -> None:
    stop = StopToken()
    stop.kill("now")
    stop.kill("again")
    assert (stop.is_draining, stop.is_killing, stop.reason) == (True, True, "now")
    assert select.select([stop], [], [], 0)[0] == [stop]


def test_the_first_interrupt_drains_and_the_second_kills() -> None:
    stop, said = StopToken(), list[str]()
    interrupts = Interrupts(stop, announce=said.append)
    before = signal.getsignal(signal.SIGINT)
    with received(interrupts):
        signal.raise_signal(signal.SIGINT)
        assert (stop.is_draining, stop.is_killing) == (True, False)
        signal.raise_signal(signal.SIGINT)
        assert stop.is_killing
    assert signal.getsignal(signal.SIGINT) is before
    assert stop.reason == "stopped by Ctrl-C"
    assert interrupts.exit_code == 130
    assert len(said) == 2


def test_a_termination_kills_at_once() -> None:
    stop = StopToken()
    interrupts = Interrupts(stop)
    with received(interrupts):
        signal.raise_signal(signal.SIGTERM)
    assert stop.is_killing
    assert interrupts.exit_code == 143


def test_a_single_run_is_ended_by_the_first_interrupt() -> None:
    stop = StopToken()
    with received(Interrupts(stop, is_single=True)):
        signal.raise_signal(signal.SIGINT)
    assert stop.is_killing


def test_without_gpus_nothing_is_set_and_nobody_waits() -> None:
    slots = Slots(())
    with slots.taken() as first, slots.taken() as second:
        assert first == second == {}


def test_a_gpu_serves_as_many_as_it_may() -> None:
    slots = Slots(("0", "1"), per_gpu=2)
    taken = [slots.taken() for _ in range(4)]
    gpus = [one.__enter__()["CUDA_VISIBLE_DEVICES"] for one in taken]
    assert sorted(gpus) == ["0", "0", "1", "1"]
    got = threading.Event()

    def take_a_fifth() -> None:
        with slots.taken():
            got.set()

    waiting = threading.Thread(target=take_a_fifth)
    waiting.start()
    assert not got.is_set()
    taken[0].__exit__(None, None, None)
    waiting.join(10)
    assert got.is_set()


class Claims:
    """GPUs of which other batches have some."""

    def __init__(self, *taken: str) -> None:
        self.taken, self.said = set(taken), list[str]()

    def claim(self, gpu: str) -> bool:
        self.said.append(f"claim {gpu}")
        return gpu not in self.taken

    def release(self, gpu: str) -> None:
        self.said.append(f"release {gpu}")


def test_a_gpu_is_claimed_once_for_all_the_trials_that_share_it() -> None:
    claims = Claims()
    slots = Slots(("0",), per_gpu=2, claims=claims)
    with slots.taken(), slots.taken():
        assert claims.said == ["claim 0"]
    assert claims.said == ["claim 0", "release 0"]


def test_a_gpu_that_another_batch_has_is_passed_over() -> None:
    with Slots(("0", "1"), claims=Claims("0")).taken() as variables:
        assert variables == {"CUDA_VISIBLE_DEVICES": "1"}


def test_who_waits_for_another_batch_ends_with_his_own() -> None:
    stop = StopToken()
    stop.drain("enough")
    slots = Slots(("0",), claims=Claims("0"), stop=stop)
    with pytest.raises(StoppedWaitingError), slots.taken():
        pass
