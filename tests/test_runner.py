import pytest

from tunesmith.errors import SpecificationError
from tunesmith.execution import Execution
from tunesmith.runner import LOCAL, Runner
from tunesmith.workers.runners import DaskRunner

PREFECT = Runner("prefect")


@pytest.mark.parametrize(
    ("text", "runner"),
    [
        ("local", LOCAL),
        ("prefect://", PREFECT),
        ("dask://host:8786", Runner("dask", "host:8786")),
        ("dask://[::1]:8786", Runner("dask", "[::1]:8786")),
        (
            "dask://10.0.0.1:8786?GPU=1&memory=2.5",
            Runner("dask", "10.0.0.1:8786?GPU=1&memory=2.5"),
        ),
    ],
)
def test_a_runner_is_read_from_its_text(text: str, runner: Runner) -> None:
    assert Runner.from_text(text) == runner
    assert Runner.from_text(text).is_remote == (text != "local")
    assert str(runner) == text


def test_resources_of_a_trial_are_read_from_the_address() -> None:
    runner = DaskRunner("10.0.0.1:8786?GPU=1&memory=2.5")
    assert (runner.address, runner.resources) == ("10.0.0.1:8786", {"GPU": 1.0, "memory": 2.5})


def test_the_runner_of_a_recorded_batch_need_not_be_installed() -> None:
    runner = Runner.from_record("gone://host?x=1")
    assert str(runner) == "gone://host?x=1"
    assert runner.is_remote
    with pytest.raises(SpecificationError, match="expected local, dask://"):
        runner.load()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dask",
        "dask://",
        "dask://host",
        "dask://host:0",
        "dask://host:99999",
        "dask://host:8786/x",
        "dask://user@host:8786",
        "dask://host:8786?GPU",
        "dask://host:8786?GPU=much",
        "dask://host:8786?GPU=0",
        "dask://host:8786?GPU=nan",
        "dask://[::1:8786",
        "prefect://host",
        "prefect://?x=1",
        "ray://host:1",
        "local://",
        "local://x",
    ],
)
def test_another_text_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(SpecificationError, match=r"--runner is .*: expected local, dask://"):
        Runner.from_text(text)


def test_gpus_of_this_machine_are_refused_for_workers_elsewhere() -> None:
    with pytest.raises(SpecificationError, match="tunesmith worker --gpus"):
        Execution(runner=PREFECT, gpus=("0",))


def test_only_workers_elsewhere_may_be_asked_how_many_trials_they_take() -> None:
    assert Execution(runner=PREFECT, jobs=0).jobs == 0
    with pytest.raises(SpecificationError, match="--jobs is 0: expected 1 or more"):
        Execution(jobs=0)
