"""Where the view takes runs from: the store, again and again while it is open."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tunesmith.batch import BatchSpec
from tunesmith.cli.looking.comparing import LiveChoice
from tunesmith.cli.looking.page import find_leaders, page_lines
from tunesmith.errors import TunesmithError
from tunesmith.executor.output_log import tail_lines
from tunesmith.objective import Objective
from tunesmith.query.commands import batch_command, restart_command, run_command
from tunesmith.ranking import best_of
from tunesmith.scalar import ScalarSeries, resolve_tag
from tunesmith.storage.store import Store
from tunesmith.trial import Run

N_TAIL = 20
"""Lines of a run's output that its page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the page of one run shows."""

    lines: tuple[str, ...]
    curve: ScalarSeries | None
    """The objective by step, or the first scalar; None without one."""
    output: tuple[str, ...]


class Source(Protocol):
    """Gives the view its runs. Its methods may be called from any thread."""

    def read_runs(self) -> list[Run]:
        """Return the runs to show, as they are now."""
        ...

    def read_page(self, run: Run) -> Page:
        """Return what there is to show of one run."""
        ...

    def objective_of(self, run: Run) -> Objective:
        """Return the objective of a run's batch."""
        ...

    def command_of(self, run: Run) -> str:
        """Return the command that runs the script as a run did, or a batch again."""
        ...

    def best_ids(self, runs: Sequence[Run]) -> frozenset[str]:
        """Return the best trial of each batch, among the runs that are given."""
        ...


@dataclass(slots=True, kw_only=True)
class StoreSource:
    """The runs of a store that a command line selected."""

    live: LiveChoice
    _specs: dict[str, BatchSpec | None] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Where the runs are kept."""
        return self.live.store

    def read_runs(self) -> list[Run]:
        """Return the runs to show, as they are now."""
        return self.live.read_again()

    def read_page(self, run: Run) -> Page:
        """Return what there is to show of one run; of a running one its output so far."""
        output = self.store.layout.output(run.batch, run.id)
        every = self.live.read_every() if run.is_batch else []
        spec = self._spec(run)
        leaders = find_leaders(every, run, spec)
        return Page(
            lines=tuple(page_lines(run, spec, leaders, self.store.layout)),
            curve=self._curve(run),
            output=tuple(tail_lines(output, N_TAIL)) if not run.is_batch else (),
        )

    def objective_of(self, run: Run) -> Objective:
        """Return the objective of a run's batch; the lowest loss where it cannot be read."""
        spec = self._known_spec(run)
        return Objective() if spec is None else spec.objective

    def best_ids(self, runs: Sequence[Run]) -> frozenset[str]:
        """Return the best trial of each batch, among the runs that are given."""
        by_batch: dict[str, list[Run]] = defaultdict(list)
        for run in runs:
            if run.is_trial:
                by_batch[run.batch].append(run)
        best = (
            best_of(spec, trials)
            for trials in by_batch.values()
            if (spec := self._known_spec(trials[0])) is not None
        )
        return frozenset(run.id for run in best if run is not None)

    def _known_spec(self, run: Run) -> BatchSpec | None:
        if run.batch not in self._specs:
            self._specs[run.batch] = self._spec(run)
        return self._specs[run.batch]

    def command_of(self, run: Run) -> str:
        """Return the command that runs the script as a run did, or a batch again."""
        spec = self._spec(run)
        if not run.is_batch:
            return run_command(run, spec)
        if spec is None:
            return ""
        return batch_command(spec) or restart_command(spec, n_finished=0)

    def _spec(self, run: Run) -> BatchSpec | None:
        try:
            return self.store.batch(run.batch)
        except TunesmithError:  # a run whose specification is lost is still shown
            return None

    def _curve(self, run: Run) -> ScalarSeries | None:
        if run.is_batch or not run.scalars:
            return None
        try:
            series = {one.tag: one for one in self.store.series(run.batch, run.number)}
        except (TunesmithError, KeyError):
            return None
        tag = resolve_tag(self.objective_of(run).column.tag, series)
        return series.get(tag or min(series, default=""))
