"""Where the view gets its runs: from the store, read repeatedly while the view is open."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from tunesmith.batch import BatchSpec
from tunesmith.cli.looking.candidate_rows import with_all_runs
from tunesmith.cli.looking.comparing import N_READ, LiveChoice
from tunesmith.cli.looking.page import find_leaders, page_lines
from tunesmith.cli.looking.view.changes import Change, change_runs
from tunesmith.errors import TunesmithError
from tunesmith.executor.output_log import tail_lines
from tunesmith.objective import Objective
from tunesmith.query.commands import batch_command, restart_command, run_command
from tunesmith.query.results import result_columns
from tunesmith.ranking import leaders_of
from tunesmith.scalar import ScalarColumn, ScalarSeries
from tunesmith.scalar_names import meant_tag
from tunesmith.storage.store import Store
from tunesmith.trial import Run

N_TAIL = 20
"""How many lines of a run's output its page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The contents of the page of one run."""

    lines: tuple[str, ...]
    curve: ScalarSeries | None
    """The objective by step, or else the first scalar; None if there are no scalars."""
    output: tuple[str, ...]


class Source(Protocol):
    """Gives the view its runs. Its methods may be called from any thread."""

    def read_runs(self) -> list[Run]:
        """Return the current state of the runs to show."""
        ...

    def read_page(self, run: Run) -> Page:
        """Return the page of one run."""
        ...

    def read_output(self, run: Run) -> tuple[str, ...]:
        """Return the last lines of a run's output."""
        ...

    def change(self, change: Change, runs: Sequence[Run], text: str = "") -> str:
        """Change runs in the store, as ``change_runs`` does; return what was done."""
        ...

    def objective_of(self, run: Run) -> Objective:
        """Return the objective of a run's batch."""
        ...

    def command_of(self, run: Run) -> str:
        """Return the command that repeats a run or a batch."""
        ...

    def best_ids(self, runs: Sequence[Run]) -> frozenset[str]:
        """Return the ids of the best trial of each batch, among these runs."""
        ...


@dataclass(slots=True, kw_only=True)
class StoreSource:
    """The runs of a store that a command line selected."""

    live: LiveChoice
    _specs: dict[str, BatchSpec | None] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The store of the runs."""
        return self.live.store

    def read_runs(self) -> list[Run]:
        """Return the current state of the runs to show."""
        return self.live.read_again()

    def read_page(self, run: Run) -> Page:
        """Return the page of one run; for a running one, with its output so far."""
        every = self.live.read_every() if run.is_batch else []
        spec = self._spec(run)
        leaders = find_leaders(every, run, spec)
        return Page(
            lines=tuple(page_lines(run, spec, leaders, self.store.layout)),
            curve=self._curve(run),
            output=self.read_output(run),
        )

    def read_output(self, run: Run) -> tuple[str, ...]:
        """Return the last lines of a run's output; none for a batch."""
        if run.is_batch:
            return ()
        return tuple(tail_lines(self.store.layout.output(run.batch, run.id), N_TAIL))

    def change(self, change: Change, runs: Sequence[Run], text: str = "") -> str:
        """Change runs in the store; return what was done."""
        if any(run.repeated is not None for run in runs):
            runs = with_all_runs(self.live.read_every(), runs)
        return change_runs(self.live, change, runs, text)

    def objective_of(self, run: Run) -> Objective:
        """Return the objective of a run's batch; the default one if it is unreadable."""
        spec = self._known_spec(run)
        return Objective() if spec is None else spec.objective

    def objectives_of(self, runs: Sequence[Run]) -> list[ScalarColumn]:
        """Return the objectives of the newest batches of some runs."""
        newest = islice({run.batch: run for run in runs}.values(), N_READ)
        specs = (self._known_spec(run) for run in newest)
        return [column for spec in specs if spec is not None for column in result_columns(spec)]

    def best_ids(self, runs: Sequence[Run]) -> frozenset[str]:
        """Return the ids of the best trial of each batch, or of its front, among these runs."""
        by_batch: dict[str, list[Run]] = defaultdict(list)
        for run in runs:
            if run.is_trial:
                by_batch[run.batch].append(run)
        best = (
            leaders_of(spec, trials)
            for trials in by_batch.values()
            if (spec := self._known_spec(trials[0])) is not None
        )
        return frozenset(run.id for found in best for run in found)

    def _known_spec(self, run: Run) -> BatchSpec | None:
        if run.batch not in self._specs:
            self._specs[run.batch] = self._spec(run)
        return self._specs[run.batch]

    def command_of(self, run: Run) -> str:
        """Return the command that repeats a run or a batch."""
        spec = self._spec(run)
        if not run.is_batch:
            return run_command(run, spec)
        if spec is None:
            return ""
        return batch_command(spec) or restart_command(spec, n_finished=0)

    def _spec(self, run: Run) -> BatchSpec | None:
        try:
            return self.store.batch(run.batch)
        except TunesmithError:  # a run whose specification is lost can still be shown
            return None

    def _curve(self, run: Run) -> ScalarSeries | None:
        if run.is_batch or not run.scalars:
            return None
        try:
            series = {one.tag: one for one in self.store.series(run.batch, run.number)}
        except (TunesmithError, KeyError):
            return None
        tag = meant_tag(self.objective_of(run).column.tag, series)
        curve = series.get(tag or min(series, default=""))
        return curve and replace(curve, unit=run.units.get(curve.tag, ""))
