"""Which candidates run again: a function of what is planned and recorded."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tunesmith.batch import BatchSpec
from tunesmith.candidates import chances_of, one_each
from tunesmith.flags.values import Flags, FlagValue, flags_key
from tunesmith.ranking import best_of, cost_of
from tunesmith.repeats import Repeats
from tunesmith.trial import PlannedTrial, TrialRecord

REPEAT = "repeat"
"""The origin of the second and later runs of a candidate."""
SHARE_NEW = 0.8
"""The share of the trials of a batch after which candidates are repeated that may be the best;
before, each trial is a new candidate (docs/benchmarks.md)."""
DECIDED = 0.95
"""The probability of being the best from which on the best candidate is not doubted."""


@dataclass(slots=True, kw_only=True)
class PlannedCandidate:
    """A candidate, and its runs that are planned."""

    point: Flags
    """The flags that its runs share."""
    trials: list[PlannedTrial] = field(default_factory=list)

    def flags_of_next(self, repeats: Repeats) -> dict[str, FlagValue]:
        """Return the flags of another run, counted by the lowest number that is free."""
        if not repeats.over:
            return dict(self.point)
        taken = {one.flags.get(repeats.over) for one in self.trials}
        free = next(k for k in range(1, len(taken) + 2) if k not in taken)
        return dict(sorted({**self.point, repeats.over: free}.items()))


def grouped(spec: BatchSpec, planned: Iterable[PlannedTrial]) -> list[PlannedCandidate]:
    """Return the candidates of planned trials, in the order in which they were planned first.

    Without repeats each trial is a candidate of its own.
    """
    if spec.repeats is None:
        return [PlannedCandidate(point=one.flags, trials=[one]) for one in planned]
    found: dict[str, PlannedCandidate] = {}
    for one in planned:
        point = spec.repeats.point(one.flags)
        known = found.setdefault(flags_key(point), PlannedCandidate(point=point))
        known.trials.append(one)
    return list(found.values())


def to_repeat(
    spec: BatchSpec,
    candidates: Sequence[PlannedCandidate],
    records: Mapping[int, TrialRecord],
    *,
    is_exhausted: bool = False,
) -> PlannedCandidate | None:
    """Return the candidate that runs again before a new one is tried; None where none does.

    Args:
        spec: The batch.
        candidates: What is planned, in its order.
        records: The recorded trials, by number.
        is_exhausted: Whether no new one is left.
    """
    repeats = spec.repeats
    if repeats is None:
        return None
    if not repeats.is_auto:
        return next((one for one in candidates if len(one.trials) % repeats.most), None)
    if not is_exhausted and len(candidates) < _n_before_repeats(spec):
        return None
    return _doubtful(spec, repeats.most, candidates, records)


def n_new(spec: BatchSpec, n_candidates: int) -> int:
    """Return how many new candidates may be proposed before it is asked again what to repeat."""
    if spec.repeats is None or not spec.repeats.is_auto:
        return spec.n_trials or 1
    return max(1, _n_before_repeats(spec) - n_candidates)


def _n_before_repeats(spec: BatchSpec) -> int:
    return math.ceil(SHARE_NEW * (spec.n_trials or 0))


def _doubtful(
    spec: BatchSpec,
    most: int,
    candidates: Sequence[PlannedCandidate],
    records: Mapping[int, TrialRecord],
) -> PlannedCandidate | None:
    """Return the candidate whose next run tells most about which one is the best.

    It is the best one or its likeliest rival, whichever is known less well (top-two sampling,
    after Russo, 2020). None where the best one is not in doubt, or where all that may be it have
    run as often as they may.
    """
    candidate_of = {trial.number: one for one in candidates for trial in one.trials}
    ran = [record for number, record in sorted(records.items()) if number in candidate_of]
    each = {one.id: one for one in one_each(spec, ran) if cost_of(spec, one) is not None}
    chances = chances_of(spec, list(each.values()))
    if not chances:  # nothing has run twice: the best one is the first to do so
        best = best_of(spec, each.values())
        found = None if best is None else candidate_of[best.number]
        return found if found is not None and len(found.trials) < most else None
    if max(chances.values()) >= DECIDED:
        return None

    def n_runs(one: str) -> int:
        return len(candidate_of[each[one].number].trials)

    def gain(one: str) -> float:
        repeated, n = each[one].repeated, n_runs(one)
        return 0.0 if repeated is None else repeated.noise_sd**2 / (n * (n + 1))

    order = sorted(chances, key=lambda one: -chances[one])
    pair = [one for one in order if n_runs(one) < most][:2]
    return candidate_of[each[max(pair, key=gain)].number] if pair else None
