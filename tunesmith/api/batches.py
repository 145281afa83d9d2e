"""A batch that a program started or found, and what came of it."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from tunesmith.api.flow_run import run_specification
from tunesmith.api.restart_options import RestartOptions, read_restart
from tunesmith.api.spaces import FlagInput
from tunesmith.batch import BatchSpec
from tunesmith.errors import NotFoundError, SpecificationError
from tunesmith.flags.display import format_value
from tunesmith.flags.values import FlagValue
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.csv_text import table_to_columns
from tunesmith.query.table import build_table
from tunesmith.ranking import Front, best_of
from tunesmith.request.change import change
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, Run, TrialRecord, TrialStatus, short_id

if TYPE_CHECKING:
    import pandas as pd

    from tunesmith.api.displays import Plot
    from tunesmith.report.facts import BatchFacts


class Batch:
    """A batch in a store: its trials, the best one, and a way to go on.

    Everything is read from the store when it is asked for, so a batch that runs elsewhere can be
    looked at meanwhile.
    """

    def __init__(self, store: Store, batch: str) -> None:
        """Take the store and the batch's id."""
        self._store = store
        self.id = batch

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how a copy elsewhere is made: of the home and the id, the rest is in the store.

        Caches of tasks take these bytes as a part of their key, so they are always the same.
        """
        return open_batch, (str(self._store.home), self.id)

    def __eq__(self, other: object) -> bool:
        """Return whether another one is the same batch of the same store."""
        return isinstance(other, Batch) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        """Return a number that is the same for the same batch."""
        return hash(self.__reduce__()[1])

    @property
    def spec(self) -> BatchSpec:
        """What the batch was asked to do."""
        return self._store.batch(self.id)

    @property
    def trials(self) -> list[TrialRecord]:
        """The finished trials, in the order of their numbers."""
        records = self._store.records(self.id).records
        return sorted(records, key=lambda record: record.number)

    @property
    def best(self) -> TrialRecord | None:
        """The completed trial with the best objective that meets all constraints, or None.

        Of several objectives the first counts. After a restart with another range it is the best
        of the space that is searched now.
        """
        return best_of(self.spec, self.trials)

    @property
    def front(self) -> Front[TrialRecord]:
        """The trials that no other one beats in all objectives, the best by the first one first.

        ``front.trials`` has them, and ``front.knee`` the one where the front bends, or None. With
        one objective it is the best trial alone.
        """
        return Front.of(self.spec, self.trials)

    @property
    def directory(self) -> Path:
        """The folder of the trials, with ``trials.csv``, ``report.html`` and ``tensorboard``."""
        return self._store.layout.batch_directory(self.id)

    @property
    def status(self) -> TrialStatus:
        """Whether it runs, has completed, failed or was stopped: as ``tunesmith runs`` shows it.

        Raises:
            NotFoundError: The batch was removed meanwhile.
        """
        runs = self._store.list_runs().runs
        found = next((run for run in runs if run.id == self.id), None)
        if found is None:
            raise NotFoundError(f"batch {short_id(self.id)} is not in {self._store.home}")
        return found.status

    @property
    def counts(self) -> dict[TrialStatus, int]:
        """How many of its trials have each status."""
        return self._facts().counts

    def report(self) -> Path:
        """Write ``report.html`` and ``report.md`` again, and return the path of the page."""
        from tunesmith.report.facts import gather  # numpy, for whoever looks
        from tunesmith.report.writing import write_report

        facts = gather(self._store, self.id, self._store.list_runs().runs)
        return write_report(self._store, facts)

    def plot(self, flag: str | None = None) -> "Plot":
        """Return a chart, which a notebook shows: the objective of each trial and the best so far.

        Args:
            flag: The flag against which to plot the objective instead.

        Raises:
            NotFoundError: No trial has reported the objective yet.
            QueryError: The flag does not vary.
        """
        from tunesmith.api.displays import plot

        return plot(self._facts(), flag)

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each trial: run, status, time, flags, scalars, in their own types."""
        return to_frame(
            [run for run in self._store.list_runs().runs if run.batch == self.id and run.is_trial]
        )

    def restart(
        self,
        max_trials: int | None = None,
        *,
        flags: Mapping[str, FlagInput] | None = None,
        progress: bool | None = None,
        imported: bool = False,
        **options: Unpack[RestartOptions],
    ) -> "Batch":
        """Run what is missing, or more, and return the batch.

        Args:
            max_trials: How many trials beyond those that were asked for before, which run too
                where they are missing; None for what is missing, or else as many again.
            flags: Flags that get other values, and secrets, which are not kept.
            progress: Whether to show how it goes; None for where somebody watches.
            imported: Whether a batch that came from an archive is meant: its code is another's,
                and it runs with this interpreter, within this project.
            options: Options of ``tunesmith.run`` that are to be others from now on, as
                ``minimize`` (read of the finished trials too), ``jobs`` or ``timeout``;
                ``failed=True`` runs the failed trials again, and nothing else.

        Raises:
            ObjectiveError: A search whose objective no trial reported was ended.
            SpecificationError: An option is unknown or cannot change, or the batch came from an
                archive, and that is not said to be meant.
            TunesmithError: The batch could not be run.
        """
        from tunesmith.adopting import adopt  # the core's executor, for a restart alone

        request = read_restart({**options, "max_trials": max_trials}, flags or {})
        adopted, planned = adopt(self._store, self.id), self._store.plan(self.id)
        if (warnings := adopted.warnings(request.interpreter)) and not imported:
            raise SpecificationError(
                f"batch {short_id(self.id)} {'; '.join(warnings)}: "
                "restart(imported=True) if you mean it"
            )
        ended = self._store.end(self.id)
        spec = change(
            adopted.spec,
            request,
            planned=planned,
            records=self.trials,
            now=time.time(),
            ended=ended.reason if ended else "",
        )
        run_specification(spec, self._store, is_shown=progress)
        return self

    def suggest(self, n: int = 1) -> list[PlannedTrial]:
        """Return the next trials, which the caller runs; each is in the store before it returns.

        Args:
            n: Maximum number of trials; fewer come back where the search space is exhausted.

        Raises:
            LeaseHeldError: A process runs the batch.
        """
        from tunesmith.steering.suggesting import suggest  # the models, for who asks

        return suggest(self._store, self.id, n=n)

    def observe(
        self,
        trial: int | str | PlannedTrial,
        scalars: Mapping[str, float] | None = None,
        *,
        failed: bool = False,
        seconds: float = 0.0,
    ) -> TrialRecord:
        """Record what came of a trial that ``suggest`` returned, and return the record.

        Args:
            trial: The trial, its number, or the start of its id.
            scalars: Its results, the objective among them.
            failed: Whether it failed: points like it are avoided.
            seconds: How long it took; 0 where that is not known.

        Raises:
            SpecificationError: It has another result already, or this one lacks the objective.
        """
        from tunesmith.steering.observing import Result, observe

        number = trial.number if isinstance(trial, PlannedTrial) else trial
        result = Result(scalars=dict(scalars or {}), is_failed=failed, seconds=seconds)
        return observe(self._store, self.id, str(number), result)

    def queue(self, flags: Mapping[str, FlagValue] | Literal["defaults"]) -> None:
        """Put a trial in front of what the search would propose, whether or not it runs now."""
        self._steer({"first": [flags]}, {})

    def change(
        self,
        max_trials: int | None = None,
        *,
        flags: Mapping[str, FlagInput] | None = None,
        **options: Unpack[RestartOptions],
    ) -> None:
        """Let the batch go on in another way: at once if it runs, else when it is restarted.

        Args:
            max_trials: How many trials more; None for none.
            flags: Flags that get other values or ranges.
            options: Options as for ``restart``; some cannot change while the batch runs.

        Raises:
            SpecificationError: An option cannot change, or not now.
        """
        self._steer({**options, "max_trials": max_trials}, flags or {})

    def _steer(self, options: Mapping[str, Any], flags: Mapping[str, FlagInput]) -> None:
        from tunesmith.steering.changing import change_batch

        change_batch(self._store, self.id, read_restart(options, flags))

    def __repr__(self) -> str:
        """Return the batch's id, what it ran, its status and its best objective."""
        run = next((run for run in self._store.list_runs().runs if run.id == self.id), None)
        if run is None or run.progress is None:
            return f"<Batch {short_id(self.id)}, not in the store>"
        progress, best = run.progress, run.progress.best_objective
        found = "" if best is None else f", best {format_value(best)}"
        n_all = "" if progress.total is None else f"/{progress.total}"
        return (
            f"<Batch {short_id(self.id)} {run.operation} {run.status}, "
            f"{progress.n_finished}{n_all} trials{found}>"
        )

    def _repr_html_(self) -> str:
        from tunesmith.api.displays import batch_to_html

        return batch_to_html(self._facts(), self.status)

    def _facts(self) -> "BatchFacts":
        from tunesmith.report.facts import recorded

        return recorded(self._store, self.id, self._store.list_runs().runs)


def open_batch(home: str, batch: str) -> Batch:
    """Return a batch of the store in a folder, as one that was pickled elsewhere.

    Raises:
        StoreAccessError: There is no store.
    """
    return Batch(Store.open(Path(home)), batch)


def to_frame(runs: list[Run]) -> "pd.DataFrame":
    """Return runs as a table of pandas, in their order."""
    import pandas as pd  # a second to import

    return pd.DataFrame(table_to_columns(build_table(ListedRuns(runs))))
