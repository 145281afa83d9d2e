"""The facts about a batch that its report shows, gathered from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.candidates import one_each
from tunesmith.durations import covered_seconds
from tunesmith.executor.output_log import tail_lines
from tunesmith.job_time import JobTime
from tunesmith.objective import Objective
from tunesmith.query.expectations import Expectation, expectation
from tunesmith.query.pruning_figures import PruningFigures, pruning_figures
from tunesmith.ranking import Front, silent_trials
from tunesmith.report.curves import Curve, read_curves
from tunesmith.report.model_slices import ModelSlice, model_slices
from tunesmith.report.points import Point, best_point, points_of, varied_names
from tunesmith.search.importance import Importance, importances
from tunesmith.search.recommendation import Recommendation, recommend
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus

MAX_FAILURES = 20
"""The most failed trials that are shown."""
NOT_RECORDED = "not recorded"
N_TAIL = 8
"""How many lines of a failed trial's output are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed trial, and the end of its output."""

    run: Run
    output: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFacts:
    """The facts about one batch that its report shows."""

    spec: BatchSpec
    trials: tuple[Run, ...]
    """The trials by number."""
    points: tuple[Point, ...]
    """The completed trials with a finite objective."""
    varied: tuple[str, ...]
    """The names of the flags that differ between trials, sorted."""
    importances: tuple[Importance, ...] = ()
    slices: Mapping[str, ModelSlice] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    n_failures: int
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path
    """The folder that holds the folders of the trials."""
    seconds: float = 0.0
    """How long the batch ran, in seconds, without the pauses before restarts."""
    ended: str = ""
    """Which limit ended the batch before it had run all trials; empty where none did."""
    curves: tuple[Curve, ...] = ()
    """What the trials reported of the objective while they ran."""
    job_times: tuple[JobTime | None, ...] = ()
    """What each generation noted of its jobs; None for one that did not."""
    recommendation: Recommendation | None = None
    """The trial with the best expected objective; None if the optimizer does not learn."""

    def without_output(self) -> "BatchFacts":
        """Return the facts without the output of failed trials, for readers elsewhere."""
        failures = tuple(replace(failure, output=()) for failure in self.failures)
        return replace(self, failures=failures)

    @property
    def objective(self) -> Objective:
        """The objective of the search."""
        return self.spec.objective

    @property
    def best(self) -> Point | None:
        """The best trial by the first objective; None if none reported it and what it needs."""
        return best_point(self.points, self.objective)

    @property
    def candidates(self) -> list[Run]:
        """The trials, or where the batch repeats candidates one for each."""
        return one_each(self.spec, self.trials)

    @property
    def expected(self) -> Expectation | None:
        """What is expected of the best candidate; None where that is not known."""
        return expectation(self.spec, self.trials)

    @property
    def front(self) -> Front[Run] | None:
        """With several objectives the trials that no other one beats; None with one."""
        return Front.of(self.spec, self.trials) if self.spec.more_objectives else None

    @property
    def recommended(self) -> Run | None:
        """The recommended trial; None if there is none, or if it is the best observed one."""
        if self.recommendation is None:
            return None
        number = self.recommendation.number
        if self.best is not None and self.best.run.number == number:
            return None
        return next((run for run in self.trials if run.number == number), None)

    @property
    def has_more(self) -> bool:
        """Whether a restart would do anything; it would not for a complete grid."""
        is_grid = self.spec.optimizer is not None and self.spec.optimizer.name == "grid"
        is_done = set(self.counts) <= {TrialStatus.COMPLETED, TrialStatus.PRUNED}
        is_whole = is_done and len(self.trials) >= (self.spec.n_trials or 0)
        is_seen_anew = bool(self.objective.suggest(self.reported))
        return is_seen_anew or not (is_grid and is_whole)

    @property
    def reported(self) -> tuple[str, ...]:
        """The scalars that a completed trial reported, if no trial reported the objective."""
        silent = silent_trials(self.trials)
        return tuple(silent[0].scalars) if silent else ()

    @property
    def n_finished(self) -> int:
        """The number of recorded trials; an interrupted trial is not recorded."""
        return sum(run.stopped is not None for run in self.trials)

    @property
    def counts(self) -> dict[TrialStatus, int]:
        """The number of trials of each status."""
        statuses = [run.status for run in self.trials]
        return {status: statuses.count(status) for status in TrialStatus if status in statuses}

    @property
    def pruning(self) -> PruningFigures | None:
        """What pruning did; None if no trial was to be stopped early."""
        return pruning_figures(self.spec, self.trials)

    @property
    def origins(self) -> dict[str, int]:
        """The number of trials that each origin proposed."""
        origins = [run.origin or "given" for run in self.trials]
        return {origin: origins.count(origin) for origin in dict.fromkeys(origins)}


def gather(store: Store, batch: str, runs: Sequence[Run]) -> BatchFacts:
    """Return the facts of a batch.

    Args:
        store: The store.
        batch: The id of the batch.
        runs: All runs of the store, or at least the trials of the batch.

    Raises:
        NotFoundError: There is no such batch.
        CorruptObjectError: The specification of the batch is unreadable.
    """
    facts = recorded(store, batch, runs)
    spec, trials, failed = facts.spec, facts.trials, _failed(facts.trials)
    return replace(
        facts,
        importances=tuple(_importances(spec, trials)),
        slices=model_slices(spec, facts.points),
        failures=tuple(_failure(store, run) for run in failed[:MAX_FAILURES]),
        environment=_environment(spec, trials),
        curves=read_curves(store, spec, trials),
        recommendation=recommend(spec, trials),
    )


def recorded(store: Store, batch: str, runs: Sequence[Run]) -> BatchFacts:
    """Return of the facts what is recorded, for a quick look: no model is fitted.

    The parameters and the errors are those of ``gather``.
    """
    spec = store.batch(batch)
    trials = sorted(
        (run for run in runs if run.batch == batch and not run.is_batch and not run.is_deleted),
        key=lambda run: run.number,
    )
    return BatchFacts(
        spec=spec,
        trials=tuple(trials),
        points=tuple(points_of(one_each(spec, trials), spec)),
        varied=tuple(varied_names(one_each(spec, trials))),
        n_failures=len(_failed(trials)),
        directory=store.layout.batch_directory(batch),
        seconds=_seconds(batch, runs, trials),
        job_times=tuple(store.job_times(batch)),
        ended=next((run.reason for run in runs if run.id == batch and run.is_batch), ""),
    )


def _failed(trials: Sequence[Run]) -> list[Run]:
    return [run for run in trials if run.status.is_failed]


def _seconds(batch: str, runs: Sequence[Run], trials: Sequence[Run]) -> float:
    """Return how long a batch ran, in seconds; while it runs, how long its trials have taken."""
    own = next((run.seconds for run in runs if run.id == batch and run.is_batch), None)
    if own is not None:
        return own
    return covered_seconds((run.started or 0.0, run.seconds or 0.0) for run in trials)


def _importances(spec: BatchSpec, trials: Sequence[Run]) -> list[Importance]:
    finished = [run for run in trials if run.status.is_finished]
    names = varied_names(finished)
    columns = {name: [run.flags.get(name) for run in finished] for name in names}
    costs = [
        spec.objective.to_cost(run.objective) if run.status is TrialStatus.COMPLETED else None
        for run in finished
    ]
    active = {name: [name in run.flags for run in finished] for name in names}
    return importances(columns, costs, active=active)


def _failure(store: Store, run: Run) -> Failure:
    output = store.layout.output(run.batch, run.id)
    return Failure(run=run, output=tuple(tail_lines(output, N_TAIL)))


def _environment(spec: BatchSpec, trials: Sequence[Run]) -> dict[str, str]:
    """Return what the batch was run with; what was not recorded is called so."""
    hosts = sorted({run.host for run in trials if run.host})
    names = ("interpreter", "Python", "packages", "Tunesmith", "system")
    facts = {
        "script": str(Path(spec.project) / spec.script),
        "source code": spec.source_digest,
        "git commit": spec.environment.get("commit", ""),
        "seed": str(spec.seed),
        "jobs": str(spec.execution.jobs),
        "host": ", ".join(hosts),
        **{name: spec.environment.get(name, "") for name in names},
    }
    return {name: text or NOT_RECORDED for name, text in facts.items()}
