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


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "train.py"
    path.write_text("x = 1.0\nprint('loss:', x)\n")
    return path


def test_a_batch_that_is_not_started_is_asked_and_told(script: Path) -> None:
    batch = tunesmith.run(
        script, x=tunesmith.uniform(0, 1), optimizer="random", max_trials=2, start=False
    )

    assert (batch.trials, batch.status) == ([], "pending")
    assert (batch.spec.script, batch.spec.source_digest != "") == ("train.py", True)
    (asked,) = batch.suggest()
    batch.observe(asked, {"loss": 0.25})
    assert [one.objective for one in batch.trials] == [0.25]


def test_a_batch_of_a_key_that_is_not_started_is_returned_as_it_is(script: Path) -> None:
    space = {"x": tunesmith.uniform(0, 1)}
    batch = tunesmith.run(script, space, key="nightly", max_trials=2, start=False)
    batch.suggest()

    again = tunesmith.run(script, space, key="nightly", max_trials=5, start=False)

    assert again == batch
    assert (again.spec.n_trials, again.spec.generation) == (2, 0)
    with pytest.raises(SpecificationError, match="the batch of this key"):
        tunesmith.run(script, x=[1, 2], key="nightly", start=False)


def test_a_single_run_that_is_not_started_is_a_batch_of_one(script: Path) -> None:
    batch = tunesmith.run(script, x=0.5, start=False)

    assert [one.flags["x"] for one in batch.suggest(3)] == [0.5]
