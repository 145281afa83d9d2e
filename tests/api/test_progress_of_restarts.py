from typing import Any

from tests.batches import make_record, make_spec
from tunesmith.api.progress import NotebookObserver

BATCH = "b" * 32


class Display:
    """Keeps what a notebook would show."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def __call__(self, bundle: dict[str, str], **_: Any) -> "Display":
        self.shown.append(bundle["text/plain"])
        return self

    update = __call__


def test_the_best_of_a_batch_that_goes_on_may_be_one_of_its_earlier_trials() -> None:
    display, spec = Display(), make_spec(BATCH)
    earlier = make_record(BATCH, 1, objective=0.1, flags={"x": 0.5})
    observer = NotebookObserver(spec, 2, display, earlier=[earlier])
    observer.trial_finished(make_record(BATCH, 2, objective=0.2, flags={"x": 0.6}))
    observer.trial_finished(make_record(BATCH, 3, objective=0.05, flags={"x": 0.7}))
    best = [text.splitlines()[1:] for text in display.shown]
    assert best[0] == ["best: x=0.5  loss 0.1"]
    assert best[-1] == ["best: x=0.7  loss 0.05"]
