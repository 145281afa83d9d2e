"""What a batch reports to its caller while it runs."""

from typing import Protocol

from tunesmith.batch import BatchSpec
from tunesmith.trial import PlannedTrial, TrialRecord


class Observer(Protocol):
    """Is notified of trials. Called from several threads; must be quick and must not raise."""

    def proposing(self) -> None:
        """The optimizer begins to choose the next trials, which may take a while."""
        ...

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """A trial's script is about to run."""
        ...

    def scalar_reported(self, number: int, tag: str, step: int, value: float) -> None:
        """A running trial printed a scalar."""
        ...

    def trial_finished(self, record: TrialRecord) -> None:
        """A trial's record is in the store, durably."""
        ...

    def note(self, text: str) -> None:
        """Something happened that the user should know."""
        ...

    def changed(self, spec: BatchSpec, n_more: int) -> None:
        """The batch goes on as another specification says, with some trials more or fewer."""
        ...

    def phase(self, text: str) -> None:
        """The trials have ended and something else is done now, such as ``writing the report``."""
        ...


class SilentObserver:
    """An observer that does nothing: for calls from a program and for scheduled batches."""

    def proposing(self) -> None:
        """Ignore it."""

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """Ignore it."""

    def scalar_reported(self, number: int, tag: str, step: int, value: float) -> None:
        """Ignore it."""

    def trial_finished(self, record: TrialRecord) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def changed(self, spec: BatchSpec, n_more: int) -> None:
        """Ignore it."""

    def phase(self, text: str) -> None:
        """Ignore it."""
