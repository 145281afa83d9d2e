"""Where the view takes runs from: the store, again and again while it is open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tunesmith.batch import BatchSpec
from tunesmith.cli.comparing import chosen_runs
from tunesmith.cli.opening import is_kept
from tunesmith.cli.page import find_best, page_lines
from tunesmith.cli.selecting import Choice, filter_runs
from tunesmith.errors import TunesmithError
from tunesmith.executor.output_log import tail_lines
from tunesmith.objective import Objective
from tunesmith.query.selection import select
from tunesmith.scalar import ScalarSeries, resolve_tag
from tunesmith.storage.listing import list_latest, list_runs
from tunesmith.storage.store import Store
from tunesmith.trial import Run

N_FIRST = 300
"""Runs that are shown before the others are read."""
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


@dataclass(slots=True, kw_only=True)
class StoreSource:
    """The runs of a store that a command line selected."""

    store: Store
    choice: Choice
    is_with_batches: bool = False
    _ids: frozenset[str] = frozenset()
    """What the texts of the command line named when the view was opened."""
    _objectives: dict[str, Objective] = field(default_factory=dict)

    def read_first(self, *, is_whole: bool) -> list[Run]:
        """Return the runs to open the view with: the newest ones, if no others are asked for.

        Args:
            is_whole: Whether all are needed before the first can be shown.

        Raises:
            NotFoundError: A text names no run.
            QueryError: A text cannot be read.
        """
        if self.choice.is_empty and not is_whole:
            return self._shown(list_latest(self.store, N_FIRST).runs)
        every = self._every()
        if self.choice.texts:
            # an index means the run that it named when it was typed, also when newer ones come
            named = select(filter_runs(every, self.choice), self.choice.texts).runs
            self._ids = frozenset(run.id for run in named)
        return chosen_runs(every, self.choice, is_with_batches=self.is_with_batches)

    def read_runs(self) -> list[Run]:
        """Return the runs to show, as they are now."""
        every = self._every()
        if not self.choice.texts:
            return self._shown(filter_runs(every, self.choice))
        named = [run for run in every if run.id in self._ids]
        if self.is_with_batches or not all(run.is_batch for run in named):
            return self._shown(named)
        own = self.choice.trial_filter
        return [
            run for run in every if run.is_trial and run.batch in self._ids and own.matches(run)
        ]

    def read_page(self, run: Run) -> Page:
        """Return what there is to show of one run; of a running one its output so far."""
        output = self.store.layout.output(run.batch, run.id)
        best = find_best(self._every(), run) if run.is_batch else None
        return Page(
            lines=tuple(page_lines(run, self._spec(run), best, self.store.layout)),
            curve=self._curve(run),
            output=tuple(tail_lines(output, N_TAIL)) if not run.is_batch else (),
        )

    def objective_of(self, run: Run) -> Objective:
        """Return the objective of a run's batch; the lowest loss where it cannot be read."""
        if run.batch not in self._objectives:
            spec = self._spec(run)
            self._objectives[run.batch] = Objective() if spec is None else spec.objective
        return self._objectives[run.batch]

    def _spec(self, run: Run) -> BatchSpec | None:
        try:
            return self.store.batch(run.batch)
        except TunesmithError:  # a run whose specification is lost is still shown
            return None

    def _every(self) -> list[Run]:
        return [run for run in list_runs(self.store).runs if is_kept(run)]

    def _shown(self, runs: Sequence[Run]) -> list[Run]:
        return [run for run in runs if self.is_with_batches or not run.is_batch]

    def _curve(self, run: Run) -> ScalarSeries | None:
        if run.is_batch or not run.scalars:
            return None
        try:
            series = {one.tag: one for one in self.store.series(run.batch, run.number)}
        except (TunesmithError, KeyError):
            return None
        tag = resolve_tag(self.objective_of(run).column.tag, series)
        return series.get(tag or min(series, default=""))
