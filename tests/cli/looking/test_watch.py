"""``tunesmith watch``: what ends it, and what a new attempt does to it."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import MORNING, Library, Outcome
from tunesmith.cli.looking.watch import Watcher
from tunesmith.trial import PlannedTrial, Run, trial_id

Call = Callable[..., Outcome]
BATCH = "c3" * 16


def _plan(library: Library, n: int) -> list[PlannedTrial]:
    """Write a batch of which no trial has started."""
    library.spec(BATCH, optimizer="grid", settings={"x": 1.0}, n_trials=n)
    planned = [
        PlannedTrial(number=number, flags={"x": float(number)}, origin="grid")
        for number in range(1, n + 1)
    ]
    library.store.put_plan(BATCH, planned)
    return planned


def _find(library: Library, run_id: str) -> Run:
    return next(run for run in library.store.list_runs().runs if run.id == run_id)


def _steps(*actions: Callable[[], object]) -> Callable[[float], object]:
    """Return a wait that does the next thing each time, and fails where nothing is left."""
    left = iter(actions)

    def wait(_: float) -> None:
        action = next(left, None)
        if action is None:
            pytest.fail("it went on after the end")
        action()

    return wait


def test_a_trial_that_a_dead_batch_did_not_get_to_is_not_waited_for(
    library: Library, call: Call
) -> None:
    _plan(library, 2)

    done = call("watch", trial_id(BATCH, 1)[:8])

    assert done.code == 0
    assert done.err == f"{trial_id(BATCH, 1)[:8]} pending (its process is gone)\n"


def test_a_batch_that_nobody_runs_is_not_waited_for(library: Library, call: Call) -> None:
    library.spec(BATCH, optimizer="grid", settings={"x": 1.0}, n_trials=2)

    assert call("watch", BATCH[:8]).err == f"{BATCH[:8]} pending\n"


def test_a_dead_trial_is_terminated(library: Library, call: Call) -> None:
    _plan(library, 1)
    library.store.start_trial(BATCH, 1, attempt=1, started=MORNING)
    run = trial_id(BATCH, 1)
    library.store.layout.output(BATCH, run).write_text("half\n")

    done = call("watch", run[:8])

    assert done.out == "half\n"
    assert done.err == f"{run[:8]} terminated (interrupted)\n"


def test_a_batch_that_has_ended_shows_its_latest_trial(library: Library, call: Call) -> None:
    library.search()

    done = call("watch", "0b5e55ed")

    last = trial_id("0b5e55ed" * 4, 3)
    assert done.err.splitlines()[0] == f"trial 3 ({last[:8]})"
    assert done.err.splitlines()[-1].startswith("0b5e55ed ")


def test_a_batch_is_followed_from_one_trial_to_the_next(
    library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunesmith.cli.looking.watch.LOOK_S", 0.0)
    first, second = _plan(library, 2)
    store = library.store

    def begin(planned: PlannedTrial) -> None:
        store.start_trial(BATCH, planned.number, attempt=1, started=MORNING + planned.number)
        output = store.layout.output(BATCH, trial_id(BATCH, planned.number))
        output.write_text(f"output {planned.number}\n")

    def finish(planned: PlannedTrial) -> None:
        library.publish(BATCH, planned, started=MORNING + planned.number)

    lease = store.lease(BATCH)
    lease.__enter__()
    wait = _steps(
        lambda: begin(first),
        lambda: finish(first),
        lambda: begin(second),
        lambda: finish(second),
        lambda: lease.__exit__(None, None, None),
    )
    Watcher(store, wait=wait).follow_batch(_find(library, BATCH))

    out, err = capsys.readouterr()
    assert out == "output 1\noutput 2\n"
    assert [line.split()[0] for line in err.splitlines()] == [
        "trial",
        trial_id(BATCH, 1)[:8],
        "trial",
        trial_id(BATCH, 2)[:8],
        BATCH[:8],
    ]


def test_a_new_attempt_begins_after_the_rest_of_the_one_before(
    library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunesmith.cli.looking.watch.LOOK_S", 0.0)
    (planned,) = _plan(library, 1)
    run, store = trial_id(BATCH, 1), library.store
    output = store.layout.output(BATCH, run)
    store.start_trial(BATCH, 1, attempt=1, started=MORNING)
    output.write_text("first\n")

    def begin_again() -> None:
        with output.open("a") as file:
            file.write("rest\n")
        store.start_trial(BATCH, 1, attempt=2, started=MORNING + 5)
        output.write_text("second\n")

    with store.lease(BATCH):
        wait = _steps(begin_again, lambda: library.publish(BATCH, planned, started=MORNING + 5))
        Watcher(store, wait=wait).follow(_find(library, run))

    assert capsys.readouterr().out == "first\nrest\nsecond\n"


def test_a_progress_bar_is_one_line(library: Library, call: Call) -> None:
    run = library.single("a1" * 16, {"x": 1.0}, started=MORNING)
    bar = b"".join(b"\r%d%%" % percent for percent in range(100))
    library.store.layout.output(run, run).write_bytes(b"begin\n" + bar + b"\nend\n")

    assert call("watch").out.startswith("begin\n")
