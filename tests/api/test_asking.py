"""Ask and tell, queued trials and changes, from Python."""

import inspect
from pathlib import Path

import pytest

import tunesmith
from tunesmith.api.new_search import SearchOptions
from tunesmith.errors import LeaseHeldError, SpecificationError
from tunesmith.steering.options import OPTIONS
from tunesmith.storage.store import Store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / ".tunesmith"


def test_a_search_is_asked_and_told_from_python(home: Path) -> None:
    search = tunesmith.new_search(
        {"x": tunesmith.uniform(0, 1)}, home=home, maximize="acc", optimizer="gp", seed=1
    )
    search.queue({"x": 0.25})
    (first,) = search.suggest()
    search.observe(first, {"acc": 0.5})
    (second,) = search.suggest()
    search.observe(second.number, failed=True, seconds=2.0)
    search.change(5, flags={"x": tunesmith.uniform(2, 3)}, jobs=2)
    (third,) = search.suggest()

    assert (first.flags["x"], first.origin) == (0.25, "first")
    assert [one.status for one in search.trials] == ["completed", "error"]
    assert 2 <= float(third.flags["x"]) <= 3  # type: ignore[arg-type]  # a number
    assert (search.spec.n_trials, search.spec.execution.jobs) == (26, 2)
    assert search.spec.objective.column.tag == "acc"


def test_the_defaults_of_a_search_without_a_script_are_not_known(home: Path) -> None:
    search = tunesmith.new_search({"x": tunesmith.uniform(0, 1)}, home=home)
    with pytest.raises(SpecificationError, match="does not show its defaults"):
        search.queue("defaults")


def test_a_search_that_runs_is_not_asked(home: Path) -> None:
    search = tunesmith.new_search({"x": [1, 2]}, home=home)
    with Store.open(home).lease(search.id), pytest.raises(LeaseHeldError):
        search.suggest()


def test_an_option_with_a_typing_error_is_named(home: Path) -> None:
    with pytest.raises(SpecificationError, match="no option 'optimzer': did you mean 'optimizer'"):
        tunesmith.new_search({"x": [1, 2]}, home=home, optimzer="gp")  # type: ignore[call-arg]  # a mistake


def test_the_options_of_a_search_have_the_types_of_run() -> None:
    parameters = inspect.signature(tunesmith.run).parameters
    assert set(SearchOptions.__annotations__) == set(OPTIONS)
    for name, kind in SearchOptions.__annotations__.items():
        assert kind == parameters[name].annotation
