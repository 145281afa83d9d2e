"""Runs for the view, and a source that a test can change while the view is open."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.report.conftest import made_spec
from tunesmith.cli.looking.view.changes import Change
from tunesmith.cli.looking.view.run_feed import Page
from tunesmith.errors import UsageError
from tunesmith.objective import Objective
from tunesmith.query.commands import run_command
from tunesmith.ranking import best_of
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.trial import Run, TrialStatus, trial_id

BATCH = "f9" * 16


def made_run(number: int, *, x: float, loss: float | None, label: str = "") -> Run:
    """A trial of one batch; without a loss it failed."""
    series = ScalarSeries(tag="loss", steps=[0], values=[loss or 0.0], times=[0.0])
    return Run(
        id=trial_id(BATCH, number),
        batch=BATCH,
        number=number,
        operation="train.py",
        script="train.py",
        status=TrialStatus.ERROR if loss is None else TrialStatus.COMPLETED,
        started=1_700_000_000.0 + number,
        seconds=1.5,
        label=label,
        objective=loss,
        flags={"x": x, "noise": 0.1},
        scalars={} if loss is None else {"loss": ScalarSummary.from_series(series)},
        command=f"python train.py --x {x}",
    )


@dataclass(slots=True)
class FakeSource:
    """Gives the runs that a test put in."""

    runs: Sequence[Run]
    pages: dict[str, Page] = field(default_factory=dict)

    def read_runs(self) -> list[Run]:
        """Return the runs as they are now."""
        return list(self.runs)

    def read_page(self, run: Run) -> Page:
        """Return a page that tells which run it is of."""
        return self.pages.get(
            run.id, Page(lines=(f"id: {run.id}", f"status: {run.status}"), curve=None, output=())
        )

    def read_output(self, run: Run) -> tuple[str, ...]:
        """Return the output of the page that a test put in."""
        return self.read_page(run).output

    def change(self, change: Change, runs: Sequence[Run], text: str = "") -> str:
        """Refuse: there is no store."""
        raise UsageError(f"there is no store: {change} {text}")

    def objective_of(self, run: Run) -> Objective:
        """Return the lowest loss."""
        return Objective()

    def command_of(self, run: Run) -> str:
        """Return the command that sets every flag."""
        return run_command(run, None)

    def best_ids(self, runs: Sequence[Run]) -> frozenset[str]:
        """Return the trial with the lowest loss."""
        best = best_of(made_spec(), runs)
        return frozenset() if best is None else frozenset({best.id})


@pytest.fixture
def runs() -> list[Run]:
    """Five trials, newest first; the fourth failed."""
    values = [(5, 0.5, 0.3), (4, 1.5, None), (3, -1.0, -0.9), (2, 0.25, 0.1), (1, -2.0, 0.7)]
    made = [made_run(number, x=x, loss=loss) for number, x, loss in values]
    made[0] = replace(made[0], label="wide 日本")
    return made


@pytest.fixture
def source(runs: list[Run]) -> FakeSource:
    """The five trials."""
    return FakeSource(runs)
