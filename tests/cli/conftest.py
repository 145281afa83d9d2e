"""A store with runs whose ids and times are known, and the command line on it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.batches import make_spec
from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.cli.main import main
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, Prediction, TrialRecord, TrialStatus, trial_id

MORNING = 1578994693.0
"""2020-01-14 09:38:13 UTC."""

SCRIPT_FLAGS = ScriptFlags(
    source=FlagSource.GLOBALS,
    definitions=(
        FlagDefinition(name="x", type=FlagType.NUMBER, default=0.1),
        FlagDefinition(name="noise", type=FlagType.NUMBER, default=0.1),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Library:
    """Writes runs into a store as the runner does."""

    store: Store
    project: Path

    def spec(
        self,
        batch: str,
        *,
        optimizer: str | None,
        settings: Mapping[str, Setting],
        n_trials: int | None = None,
        created: float = MORNING,
    ) -> BatchSpec:
        """Write and return a specification."""
        spec = make_spec(
            batch,
            project=str(self.project),
            script_flags=SCRIPT_FLAGS,
            settings=settings,
            optimizer=None if optimizer is None else OptimizerSpec(name=optimizer),
            n_trials=n_trials,
            seed=7,
            created=created,
        )
        self.store.put_batch(spec)
        return spec

    def trial(
        self,
        batch: str,
        planned: PlannedTrial,
        *,
        started: float,
        loss: float | None = None,
        failure: str = "",
    ) -> str:
        """Plan, start and publish a trial; number 0 is a single run; a failure is its output."""
        run = trial_id(batch, planned.number)
        if planned.number not in {one.number for one in self.store.plan(batch)}:
            self.store.put_plan(batch, [planned])
        self.store.start_trial(batch, planned.number, attempt=1, started=started)
        self.store.layout.output(batch, run).write_text(failure)
        self.publish(batch, planned, started=started, loss=loss, failure=failure)
        return run

    def publish(
        self,
        batch: str,
        planned: PlannedTrial,
        *,
        started: float,
        loss: float | None = None,
        failure: str = "",
    ) -> None:
        """Publish the end of a trial that has started."""
        series = [] if loss is None else [_series(loss, started)]
        run = trial_id(batch, planned.number)
        self.store.publish(
            TrialRecord(
                id=run,
                batch=batch,
                number=planned.number,
                attempt=1,
                operation="train.py",
                script="train.py",
                status=TrialStatus.ERROR if failure else TrialStatus.COMPLETED,
                exit_code=3 if failure else 0,
                started=started,
                stopped=started + 1.5,
                seconds=1.5,
                command="python train.py",
                origin=planned.origin,
                prediction=planned.prediction,
                objective=loss,
                flags=planned.flags,
                scalars={one.tag: ScalarSummary.from_series(one) for one in series},
            ),
            series,
        )

    def single(
        self, run: str, flags: Mapping[str, FlagValue], *, started: float, loss: float = 0.5
    ) -> str:
        """Write a single run."""
        self.spec(run, optimizer=None, settings=flags)
        planned = PlannedTrial(number=0, flags=flags, origin="")
        return self.trial(run, planned, started=started, loss=loss)

    def grid(self, batch: str = "bfcff413" * 4) -> list[str]:
        """Write the batch of the reference page: x = -1, 0, 1; return its trials' ids."""
        xs = (-1, 0, 1)
        choices = Choices(values=xs, text="[-1,0,1]")
        self.spec(batch, optimizer="grid", settings={"noise": 0.1, "x": choices}, n_trials=3)
        ids = [
            self.trial(
                batch,
                PlannedTrial(number=number, flags={"noise": 0.1, "x": x}, origin="grid"),
                started=MORNING + (1 if number < 3 else 2),
                loss=loss,
            )
            for number, (x, loss) in enumerate(zip(xs, (0.25, 0.5, -0.75), strict=True), start=1)
        ]
        self.store.put_end(batch, generation=0, reason="", stopped=MORNING + 4)
        return ids

    def search(self, batch: str = "0b5e55ed" * 4, *, n_trials: int = 3) -> list[str]:
        """Write a search of which trial 2 failed, later than the grid."""
        interval = Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]")
        settings: dict[str, Setting] = {"noise": 0.1, "x": interval}
        self.spec(
            batch, optimizer="gp", settings=settings, n_trials=n_trials, created=MORNING + 60
        )
        return [
            self.trial(
                batch,
                PlannedTrial(
                    number=number, flags={"noise": 0.1, "x": 0.123456789 * number}, origin="gp"
                ),
                started=MORNING + 60 + number,
                loss=loss,
                failure="" if loss else "working\nValueError: too \x1b[31mhot\x1b[0m\n",
            )
            for number, loss in enumerate((-0.5, None, -0.936412345), start=1)
        ]

    def lucky_search(self, batch: str = "0b5e55ed" * 4) -> list[str]:
        """Write a search along a bowl with its bottom at 0.5, whose best trial was lucky."""
        interval = Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]")
        self.spec(batch, optimizer="gp", settings={"x": interval}, n_trials=22)
        losses = [(k / 10, (k / 10 - 0.5) ** 2) for k in range(-20, 21, 2)] + [(-1.5, -0.5)]
        said = Prediction(mean=-0.8125, sd=0.123, acquisition=0.034)
        return [
            self.trial(
                batch,
                PlannedTrial(number=number, flags={"x": x}, origin="gp", prediction=said),
                started=MORNING + number,
                loss=loss,
            )
            for number, (x, loss) in enumerate(losses, start=1)
        ]


def _series(loss: float, started: float) -> ScalarSeries:
    return ScalarSeries(
        tag="loss", steps=[0, 9], values=[loss + 1, loss], times=[started, started + 1]
    )


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TUNESMITH_HOME", "TUNESMITH_DEBUG", "_TUNESMITH_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A store in the working directory, still without runs."""
    return Library(Store.create(tmp_path / ".tunesmith"), tmp_path)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """The command line: its exit code, stdout and stderr."""

    def call_main(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return Outcome(code=code, out=out, err=err)

    return call_main
