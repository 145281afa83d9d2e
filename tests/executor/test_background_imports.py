import threading

import pytest

from tunesmith.executor.background_imports import importing


def test_what_is_imported_meanwhile_is_there_at_the_end() -> None:
    begun, done = threading.Event(), []

    def load() -> None:
        begun.set()
        done.append(threading.current_thread() is threading.main_thread())

    with importing(load, after_s=0.0):
        assert begun.wait(10)
    assert done == [False]


def test_nothing_is_imported_where_the_body_was_quick() -> None:
    done = []
    with importing(lambda: done.append(1), after_s=600.0):
        pass
    assert done == []


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_import_that_fails_is_left_to_where_it_is_needed() -> None:
    begun = threading.Event()

    def load() -> None:
        begun.set()
        raise ImportError("no module")

    with importing(load, after_s=0.0):
        assert begun.wait(10)
