import threading

from tunesmith.executor.idle_clock import IdleClock


def test_waiting_is_counted_for_each_job_and_from_every_thread() -> None:
    clock = IdleClock()
    threads = [threading.Thread(target=clock.add_waiting, args=(2.0,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.add_waiting(3.0, jobs=2)
    clock.add_waiting(-9.0)  # a worker whose clock was set meanwhile

    noted = clock.job_time(10.0, jobs=4)

    assert (noted.available, noted.proposing, noted.waiting) == (40.0, 0.0, 22.0)


def test_proposing_costs_only_the_jobs_without_a_trial() -> None:
    clock = IdleClock()
    with clock.proposing(0):
        pass
    assert clock.job_time(1.0, jobs=1).proposing == 0.0

    with clock.proposing(3):
        pass
    assert clock.job_time(1.0, jobs=1).proposing > 0.0
