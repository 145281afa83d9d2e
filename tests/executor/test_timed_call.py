import threading

from tunesmith.executor.timed_call import called_after


def test_what_takes_longer_is_noticed() -> None:
    called = threading.Event()

    with called_after(0.0, called.set):
        assert called.wait(60)


def test_what_is_over_before_is_left_alone() -> None:
    called = threading.Event()

    with called_after(3600.0, called.set):
        before = threading.active_count()

    assert not called.is_set()
    assert threading.active_count() == before - 1


def test_a_call_that_began_is_over_at_the_end() -> None:
    begun, totals = threading.Event(), []

    def call() -> None:
        begun.set()
        totals.append(sum(range(1_000_000)))

    with called_after(0.0, call):
        assert begun.wait(60)

    assert totals == [499_999_500_000]
