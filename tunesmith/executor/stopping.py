"""Whether a batch has reached one of its limits: a function of the trials that have ended."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from statistics import median

from tunesmith.batch import BatchSpec
from tunesmith.candidates import one_each
from tunesmith.executor.verdict import Verdict
from tunesmith.query.cells import count
from tunesmith.query.expression import RunExpression, parse_expression
from tunesmith.ranking import leaders_of, stands_for
from tunesmith.scalar_names import meant_tag
from tunesmith.search.observations import observations
from tunesmith.search.space import SearchSpace
from tunesmith.stopping import (
    FLAT,
    MAX_COST,
    MAX_TIME,
    PATIENCE,
    TARGET,
    TIME_OVER,
    MaxCost,
    MaxTime,
    StoppingSpec,
    format_seconds,
)
from tunesmith.trial import Run, TrialRecord, TrialStatus

LOOK_EVERY = 5
"""Trials from one look at what the next one is expected to gain to the next look."""
FIRST_LOOK = 20
"""Trials before which nobody can tell that a search is over."""
LEAST_SHARE = 0.004
"""The expected gain, as a share of what separates the best trial from the worst, below which a
search without noise is flat: of those looked at, that which saves the most trials and stops no
more than one search in twenty too early (docs/benchmarks.md)."""
LEAST_SHARE_OF_FRONT = 0.002
"""The same as a share of the volume of the front of several objectives."""
N_LOOKS = 2
"""Looks in a row that have to find nothing worth a trial."""
_MEASURED = ("seconds", "cpu_seconds", "max_rss_bytes")
"""What is known of a trial without being printed."""

Look = Callable[[list[TrialRecord]], str]
"""Returns why the trials so far leave nothing worth another one; empty if they do not."""


@dataclass(slots=True, kw_only=True)
class Limits:
    """The limits of a batch, and how near they are by the trials that have ended so far.

    Trials are added in the order of their ends. The first verdict stays.
    """

    spec: BatchSpec
    stopping: StoppingSpec
    look: Look
    target: RunExpression | None
    verdict: Verdict | None = None
    ended: list[TrialRecord] = field(default_factory=list)
    leaders: list[TrialRecord] = field(default_factory=list)
    """The best of them, or with several objectives their front."""
    n_since: int = 0
    """How many ended since the latest of these."""
    spent: float = 0.0
    n_flat: int = 0
    """Looks in a row that found nothing worth a trial."""

    @classmethod
    def of(cls, spec: BatchSpec) -> "Limits | None":
        """Return the limits of a batch before any trial has ended; None where it has none."""
        stopping = spec.stopping
        if stopping is None or spec.is_rerun_only:
            return None
        target = None if stopping.target is None else parse_expression(stopping.target, zone=None)

        def look(trials: list[TrialRecord]) -> str:
            return _look(spec, trials)

        return cls(spec=spec, stopping=stopping, look=look, target=target)

    def load(self, records: Iterable[TrialRecord]) -> None:
        """Add the trials that were recorded before, in the order of their ends."""
        ended = sorted(records, key=lambda record: (record.stopped, record.number))
        for place, record in enumerate(ended):
            self.add(record, is_looking=len(ended) - place <= N_LOOKS * LOOK_EVERY)

    def add(self, record: TrialRecord, *, is_looking: bool = True) -> Verdict | None:
        """Add a trial that has ended, and return why no other is to start; None if any may.

        Args:
            record: The trial.
            is_looking: Whether what it may gain is looked at, where it is due; not of trials
                after which the batch is known to have gone on.
        """
        self.ended.append(record)
        n = len(self.ended)
        if n == self.stopping.n_passed + 1:
            self.n_since = 0
        self.n_since = 0 if self._leads(record) else self.n_since + 1
        if self.stopping.max_cost is not None:
            self.spent += cost_in(record, self.stopping.max_cost)
        if is_looking and self.stopping.is_flat and n >= FIRST_LOOK and n % LOOK_EVERY == 0:
            self._look()
        self.verdict = self.verdict or self._judge(record)
        return self.verdict

    def _leads(self, record: TrialRecord) -> bool:
        """Return whether a trial is better than all before it, or joins their front."""
        before = {one.id for one in self.leaders}
        if self.spec.repeats is None:
            self.leaders = leaders_of(self.spec, [*self.leaders, record])
            return any(one is record for one in self.leaders)
        self.leaders = leaders_of(self.spec, self.ended)
        return any(one.id not in before and stands_for(one, record) for one in self.leaders)

    def _look(self) -> None:
        if len(self.ended) <= self.stopping.n_passed:
            return
        reason = self.look(self.ended)
        self.n_flat = self.n_flat + 1 if reason else 0
        if self.n_flat >= N_LOOKS and self.verdict is None:
            self.verdict = Verdict(end=FLAT, reason=reason, mend="--restart goes on")

    def _judge(self, record: TrialRecord) -> Verdict | None:
        limit = self.stopping.max_cost
        if limit is not None and self.spent >= limit.amount:
            spent = f"{self.spent:.6g} of {limit.amount:g} {limit.column} are spent"
            return Verdict(end=MAX_COST, reason=spent, mend="a larger --max-cost goes on")
        if len(self.ended) <= self.stopping.n_passed:
            return None
        if self.target is not None and _meets(record, self.target):
            reason = f"trial {record.number} meets the target {self.stopping.target}"
            return Verdict(end=TARGET, reason=reason)
        patience = self.stopping.patience
        if patience is not None and self.n_since >= patience:
            reason = f"{count(self.n_since, 'trial')} in a row without a better result"
            return Verdict(end=PATIENCE, reason=reason)
        return None


def cost_in(record: TrialRecord, limit: MaxCost) -> float:
    """Return what a trial cost; 0 where it did not say."""
    tag = meant_tag(limit.column.tag, record.scalars)
    if tag is not None:
        value = record.scalars[tag].get(limit.column.statistic)
        return value if value == value and abs(value) != float("inf") else 0.0
    if limit.column.tag in _MEASURED:
        return float(getattr(record, limit.column.tag) or 0.0)
    return 0.0


def too_late(limit: MaxTime, trials: Iterable[TrialRecord], *, elapsed: float) -> Verdict | None:
    """Return why no trial starts any more; None if one is expected to end in time.

    Args:
        limit: How long the sitting may last.
        trials: The trials that have ended; half of the completed ones took less than is expected.
        elapsed: Seconds since the sitting began.
    """
    taken = [one.seconds for one in trials if one.status is TrialStatus.COMPLETED]
    expected = median(taken) if taken else 0.0
    if elapsed + expected <= limit.seconds and elapsed < limit.seconds:
        return None
    return over_time(limit)


def over_time(limit: MaxTime) -> Verdict:
    """Return the verdict that a sitting has lasted long enough."""
    had = f"--max-time {format_seconds(limit.seconds)}"
    return Verdict(end=MAX_TIME, reason=TIME_OVER, detail=had, mend="--restart goes on")


def _meets(record: TrialRecord, target: RunExpression) -> bool:
    if record.status is not TrialStatus.COMPLETED:
        return False
    values = {
        one.name: getattr(record, one.name) for one in fields(Run) if hasattr(record, one.name)
    }
    return target.matches(Run(**values))


def _look(spec: BatchSpec, trials: list[TrialRecord]) -> str:
    from tunesmith.search.gp.gain import (  # scipy takes half a second to import
        expected_gain,
        expected_growth,
    )

    seen = observations(
        one_each(spec, sorted(trials, key=lambda one: one.number)),
        spec.objectives,
        batch=spec.id,
        constraints=spec.constraints,
    )
    is_front = bool(spec.more_objectives)
    find = expected_growth if is_front else expected_gain
    try:
        gain = find(SearchSpace.of(spec), seen, spec.seed)
    except (ArithmeticError, ValueError):  # a fit may fail: then nobody knows
        return ""
    if gain is None:
        return ""
    taken = [one.seconds for one in trials if one.status is TrialStatus.COMPLETED]
    worth = spec.stopping.worth if spec.stopping is not None else None
    if worth is not None:
        least, told = worth.of_trial(median(taken) if taken else None), str(worth)
    else:
        least, told = gain.noise_sd, "the noise of the results"
        share = LEAST_SHARE_OF_FRONT if is_front else LEAST_SHARE
        if least < (small := share * gain.span):
            whole = "it" if is_front else "what separates the trials"
            least, told = small, f"{share:g} of {whole}"
    if gain.expected >= least:
        return ""
    gained = f"{gain.expected:.2g}{' of the volume of the front' if is_front else ''}"
    return f"the next trial is expected to gain {gained}, less than {told}"
