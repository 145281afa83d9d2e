"""Pruning a batch that runs: its trials' points as they come, and which trials are to stop."""

import statistics
import threading
from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from math import isfinite

from tunesmith.batch import BatchSpec
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.trial_watch import Decision, MeantTag, judged_objective
from tunesmith.flags.display import format_value
from tunesmith.objective import Objective
from tunesmith.output.series import ScalarPoint
from tunesmith.pruning import Pruned, PruningSpec
from tunesmith.scalar_names import meant_tag
from tunesmith.search.pruning.after import finalists
from tunesmith.search.pruning.cost_curve import CostCurve
from tunesmith.search.pruning.judging import Judge, Stop, Trace
from tunesmith.search.pruning.registry import build_pruner
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

MIN_TRIALS = 8
"""A batch of fewer trials is not pruned: the first three run to their end anyway."""
MIN_POINTS = 4
"""Points of a trial below which there is nothing to prune by."""
N_FINISHED = 3
"""Finished trials after which it is known how many points a trial has."""


class BatchPruning:
    """The pruning of a batch by the process that runs it, the only one that decides.

    A decision depends on the trial's own points, and on the curves of the trials that have ended
    by then, whose numbers are recorded with it.
    """

    def __init__(self, spec: BatchSpec, pruning: PruningSpec, note: Callable[[str], None]) -> None:
        self._spec, self._note = spec, note
        self.batch_objective = spec.objective
        self.objective = judged_objective(spec.objective, pruning)
        self.pruner = build_pruner(pruning.rule)
        self._judge = Judge(self.pruner, min_points=pruning.min_points)
        self._ended: list[Trace] = []
        self._costs: dict[int, float] = {}
        """The cost of each finished trial."""
        self._pruned: set[int] = set()
        self._watches: dict[int, _Watch] = {}
        self._lock = threading.Lock()
        self.n_ends = 0
        """Grows with each trial that ends: what is due depends on it."""

    def load(self, store: Store, records: Iterable[TrialRecord]) -> None:
        """Take the trials that ended before this process began."""
        by_id = {record.id: record for record in records}
        for run_id, series in store.each_series(self._spec.id, by_id):
            curves = {one.tag: one.values for one in series}
            tag = meant_tag(self.objective.column.tag, curves)
            self._add(by_id.pop(run_id), CostCurve(self.objective, curves[tag] if tag else ()))
        for record in by_id.values():  # that have reported nothing
            self._add(record, CostCurve(self.objective))

    def watch(self, planned: PlannedTrial, stop: StopToken) -> "_Watch":
        """Return what follows an attempt of a trial.

        One that was pruned before runs again in order to reach its end.
        """
        watch = _Watch(self, planned, stop, is_judged=planned.number not in self._pruned)
        self._watches[planned.number] = watch
        return watch

    def add(self, record: TrialRecord) -> None:
        """Take a trial that has ended, with the points that its watch has seen."""
        watch = self._watches.pop(record.number, None)
        with self._lock:
            self._add(record, CostCurve(self.objective) if watch is None else watch.curve)
            finished = [trace for trace in self._ended if trace.is_finished]
        if len(finished) == N_FINISHED and record.status is TrialStatus.COMPLETED:
            self._note_few_points([len(trace.costs) for trace in finished])

    def finalists(self) -> tuple[int, ...]:
        """Return the pruned trials that are to run to their end now that all have ended."""
        n_finalists = self.pruner.n_finalists
        best = finalists(self._ended, n_finalists) if n_finalists else ()
        return tuple(number for number in best if number in self._pruned)

    def decide(self, trace: Trace, objective_cost: float | None) -> Decision | None:
        """Return whether a trial is to stop at its last point.

        Args:
            trace: Its points so far.
            objective_cost: The cost that it reported last, by the objective of the batch.
        """
        with self._lock:
            stop = self._judge.judge(trace, self._ended)
            if stop is None:
                return None
            estimate = self._estimate(stop, objective_cost)
        pruned = Pruned(point=stop.point, estimate=estimate, among=stop.among)
        reason = describe_stop(stop, self.objective)
        return Decision(pruned=pruned, reason=reason, horizon=stop.horizon)

    def expects(self, planned: PlannedTrial, n_points: int) -> bool:
        """Return whether so many points are what finished trials let expect of a trial, about."""
        with self._lock:
            return abs(self._judge.horizon(planned.flags, self._ended) - n_points) <= 1

    def next_due(self, trace: Trace) -> float:
        """Return the number of points at which a trial is judged next, if no other one ends."""
        with self._lock:
            return self._judge.next_due(len(trace.costs), trace.flags, self._ended)

    def _add(self, record: TrialRecord, curve: CostCurve) -> None:
        self.n_ends += 1
        is_finished = record.status is TrialStatus.COMPLETED
        self._ended = [trace for trace in self._ended if trace.number != record.number]
        trace = Trace(
            number=record.number, costs=curve.costs, is_finished=is_finished, flags=record.flags
        )
        insort(self._ended, trace, key=lambda one: one.number)
        self._pruned.discard(record.number)
        if record.status is TrialStatus.PRUNED:
            self._pruned.add(record.number)
        cost = self.batch_objective.to_cost(record.objective)
        if is_finished and cost is not None:
            self._costs[record.number] = cost

    def _estimate(self, stop: Stop, objective_cost: float | None) -> float | None:
        """Return what models are told of the trial, in the objective's unit.

        Where another scalar is judged, the usual gain of the objective is not known: it is the
        last value, and no better than the median of the finished trials.
        """
        if self.objective == self.batch_objective:
            cost = stop.estimate
        else:
            finished = [self._costs[number] for number in stop.among if number in self._costs]
            known = [statistics.median(finished)] if finished else []
            known += [] if objective_cost is None else [objective_cost]
            cost = max(known, default=None)
        return None if cost is None else self.batch_objective.from_cost(cost)

    def _note_few_points(self, counts: Sequence[int]) -> None:
        if statistics.median(counts) < MIN_POINTS:
            times = "once" if max(counts) == 1 else f"{max(counts)} times"
            self._note(
                f"--prune: the first {N_FINISHED} trials printed {self.objective.column.tag} "
                f"{times} each, so that there is nothing to prune by: print it after each epoch, "
                "or name a scalar that is with --prune-on"
            )


def batch_pruning(spec: BatchSpec, note: Callable[[str], None]) -> BatchPruning | None:
    """Return the pruning of a batch; None if none is asked for.

    Args:
        spec: The batch.
        note: Is told once where there is nothing to prune by.
    """
    if spec.pruning is None:
        return None
    if (spec.n_trials or 1) < MIN_TRIALS:
        note(f"--prune: fewer than {MIN_TRIALS} trials, so that all run to their end")
        return None
    return BatchPruning(spec, spec.pruning, note)


def describe_stop(stop: Stop, objective: Objective) -> str:
    """Return why a trial was stopped: ``at point 6 its loss 0.61 had … of beating 0.31``."""
    value = format_value(objective.from_cost(stop.cost))
    words = [f"at point {stop.point} its {objective.column} {value} {stop.objection.text}"]
    if stop.objection.than is not None:
        words.append(format_value(objective.from_cost(stop.objection.than)))
    return " ".join(words)


class _Watch:
    """Follows one attempt of a trial of this process's batch."""

    def __init__(
        self, pruning: BatchPruning, planned: PlannedTrial, stop: StopToken, *, is_judged: bool
    ) -> None:
        self.decision: Decision | None = None
        self._pruning, self._planned, self._stop = pruning, planned, stop
        self._is_judged = is_judged
        self._due, self._n_ends, self._due_tag = 0.0, -1, ""
        """The number of points at which the trial is judged next, as long as no other trial has
        ended and the scalar's name means the same tag."""
        self._judged = _Followed(pruning.objective)
        self._states = _Followed(pruning.objective)
        """What a progress bar has shown of the scalar, which counts where no line tells it."""
        self._last_state: int | None = None
        self._is_whole = True
        """Whether the bar has left out no step."""
        same = pruning.objective == pruning.batch_objective
        self._objective = self._judged if same else _Followed(pruning.batch_objective)

    @property
    def tag(self) -> str:
        """The tag whose points are judged; empty as long as none has been reported."""
        return self._judged.tag or self._states.tag

    @property
    def curve(self) -> CostCurve:
        """What the attempt has reported of the scalar that is judged.

        Where that is a single line at its end, behind a progress bar, it is what the bar showed.
        """
        lines, states = self._judged.curve, self._states.curve
        is_bar = self._is_whole and len(lines) <= 1 and len(states) > 1
        return states if is_bar else lines

    def take(self, point: ScalarPoint) -> None:
        """Take a point that the trial has just reported."""
        if point.total:
            self._take_state(point)
            return
        is_judged = self._judged.take(point)
        if self._objective is not self._judged:
            self._objective.take(point)
        if not is_judged:
            return
        if len(self._judged.curve) == 1 and self._last_state is not None:
            self._states.take(point)
        self._judge(point)

    def _take_state(self, point: ScalarPoint) -> None:
        """Take what a progress bar showed at a step.

        It is judged if the bar goes on by single steps to as many as the finished trials have
        printed: else it may be one of the batches of an epoch, whose line is still to come.
        """
        if len(self._judged.curve) or not self._states.take(point):
            return
        self._is_whole &= self._last_state in (None, point.step - 1)
        self._last_state = point.step
        if self._is_whole and self._pruning.expects(self._planned, point.total):
            self._judge(point)

    def _judge(self, point: ScalarPoint) -> None:
        """Decide whether the trial is to stop at its last point."""
        if not self._is_judged or self.decision is not None:
            return
        costs, planned, pruning = self.curve.costs, self._planned, self._pruning
        is_current = self._n_ends == pruning.n_ends and self._due_tag == self._judged.tag
        if is_current and len(costs) < self._due and isfinite(point.value):
            return
        trace = Trace(number=planned.number, costs=costs, flags=planned.flags)
        ends = self._objective.curve.costs
        self._n_ends, self._due_tag = pruning.n_ends, self._judged.tag
        self.decision = pruning.decide(trace, ends[-1] if ends else None)
        if self.decision is not None:
            self._stop.kill(self.decision.reason)
        else:
            self._due = pruning.next_due(trace)


class _Followed:
    """The curve of one scalar in one attempt."""

    def __init__(self, objective: Objective) -> None:
        self.curve = CostCurve(objective)
        """That of the tag which its name means now."""
        self._objective = objective
        self._meant = MeantTag(objective.column.tag)
        self._curves: dict[str, CostCurve | None] = {}
        """By the tags that were reported; None of those that the name can never mean."""

    @property
    def tag(self) -> str:
        """The tag that its name means now; empty as long as it means none."""
        return self._meant.tag

    def take(self, point: ScalarPoint) -> bool:
        """Take a point, and return whether it belongs to the scalar."""
        try:
            curve = self._curves[point.tag]
        except KeyError:
            curve = self._meet(point.tag)
        if curve is None:
            return False
        curve.add(point.value)
        return curve is self.curve

    def _meet(self, tag: str) -> CostCurve | None:
        """Return the curve of a tag that is reported for the first time."""
        is_possible = self._meant.may_be(tag)
        self._curves[tag] = CostCurve(self._objective) if is_possible else None
        meant = self._curves.get(self._meant.tag)
        self.curve = CostCurve(self._objective) if meant is None else meant
        return self._curves[tag]
