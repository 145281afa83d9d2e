"""Candidates: where a batch repeats them, all runs of one count as one result, its mean."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean, stdev
from typing import TypeVar

from tunesmith.batch import BatchSpec
from tunesmith.expectation import Expected, chances, expect
from tunesmith.flags.values import flags_key
from tunesmith.repeats import n_each
from tunesmith.scalar import ScalarSummary
from tunesmith.trial import Repeated, Run, TrialRecord, TrialStatus

T = TypeVar("T", Run, TrialRecord, Run | TrialRecord)


def one_each(spec: BatchSpec, trials: Iterable[T]) -> list[T]:
    """Return one trial for each candidate, with the means of its runs; without repeats all trials.

    It has the number and the id of the first run, and no value of the flag that counts the runs.
    A candidate is completed once all its runs have ended, and most of them well; as long as no
    candidate is, those that lack runs count as well.

    Args:
        spec: The batch.
        trials: Its trials; of several records of one trial the last one counts.
    """
    trials = list(trials)
    if spec.repeats is None or any(one.repeated is not None for one in trials):
        return trials
    groups: dict[str, dict[int, T]] = {}
    for one in sorted(trials, key=lambda trial: trial.number):
        groups.setdefault(flags_key(spec.repeats.point(one.flags)), {})[one.number] = one
    merged = [_merged(spec, list(runs.values())) for runs in groups.values()]
    if any(_is_whole(spec, one) for one in merged):
        merged = [
            one
            if one.repeated is None or _is_whole(spec, one)
            else _partial(one, list(runs.values()), n_each(spec.repeats))
            for one, runs in zip(merged, groups.values(), strict=True)
        ]
    return _with_expected(spec, merged)


def chances_of(spec: BatchSpec, candidates: Sequence[Run | TrialRecord]) -> dict[str, float]:
    """Return the probability of each candidate that it is the best of them, by id.

    Empty where nothing is known of chance, since none has run twice.

    Args:
        spec: The batch.
        candidates: Those that are ranked.
    """
    ranked = [one for one in candidates if one.repeated is not None]
    expected = [_expected_cost(spec, one) for one in ranked]
    if not expected or any(math.isnan(one.sd) for one in expected):
        return {}
    return {one.id: chance for one, chance in zip(ranked, chances(expected), strict=True)}


def _is_usable(spec: BatchSpec, one: Run | TrialRecord) -> bool:
    return (
        one.status is TrialStatus.COMPLETED and spec.objective.to_cost(one.objective) is not None
    )


def _expected_cost(spec: BatchSpec, one: Run | TrialRecord) -> Expected:
    assert one.repeated is not None
    cost = spec.objective.to_cost(one.repeated.expected)
    assert cost is not None
    return Expected(mean=cost, sd=one.repeated.sd, noise_sd=one.repeated.noise_sd)


def _is_whole(spec: BatchSpec, one: Run | TrialRecord) -> bool:
    return one.repeated is not None and one.repeated.n_ended >= n_each(spec.repeats)


def _partial(one: T, runs: Sequence[T], n_runs: int) -> T:
    """Return a candidate that lacks runs, which is not yet compared with others."""
    running = next((run.status for run in runs if not run.status.is_finished), None)
    assert one.repeated is not None
    reason = f"{one.repeated.n_ended} of {n_runs} runs"
    status = TrialStatus.TERMINATED if running is None else running
    return replace(one, status=status, exit_code=None, reason=reason)


def _merged(spec: BatchSpec, runs: list[T]) -> T:
    """Return what a candidate comes to: the mean of its runs, or one that has no result."""
    point = spec.point(runs[0].flags)
    first = replace(runs[0], flags=point)
    ended = [run for run in runs if run.status.is_finished]
    good = [r for r in ended if r.status is TrialStatus.COMPLETED and r.objective is not None]
    pruned = next((run for run in ended if run.status is TrialStatus.PRUNED), None)
    failed = next((run for run in ended if run.status.is_failed), None)
    if pruned is not None:
        return replace(pruned, id=first.id, number=first.number, flags=point)
    n_failed = sum(run.status.is_failed for run in ended)
    if failed is not None and n_failed >= len(good):
        return replace(failed, id=first.id, number=first.number, flags=point)
    if not good:
        silent = next(iter(ended), first)
        return replace(silent, id=first.id, number=first.number, flags=point)
    values = [run.objective for run in good if run.objective is not None]
    return replace(
        first,
        status=TrialStatus.COMPLETED,
        exit_code=0,
        signal=None,
        reason="",
        pruned=None,
        objective=_mean(values),
        scalars=_mean_scalars(good),
        seconds=_mean([run.seconds for run in good if run.seconds is not None]) or 0.0,
        cpu_seconds=_mean([run.cpu_seconds for run in good if run.cpu_seconds is not None]),
        max_rss_bytes=max(
            (run.max_rss_bytes for run in good if run.max_rss_bytes is not None), default=None
        ),
        repeated=Repeated(
            numbers=tuple(run.number for run in runs),
            values=tuple(values),
            n_ended=len(ended),
            se=stdev(values) / math.sqrt(len(values)) if _has_scatter(values) else None,
        ),
    )


def _has_scatter(values: Sequence[float]) -> bool:
    return len(values) > 1 and all(map(math.isfinite, values))


def _mean(values: Sequence[float]) -> float | None:
    if not values:
        return None
    return fmean(values) if all(map(math.isfinite, values)) else sum(values) / len(values)


def _mean_scalars(runs: Sequence[Run | TrialRecord]) -> dict[str, ScalarSummary]:
    """Return the summaries of the tags that all runs reported, with the means of their values."""
    first, *others = runs
    shared = [tag for tag in first.scalars if all(tag in one.scalars for one in others)]
    found: dict[str, ScalarSummary] = {}
    for tag in shared:
        summaries = [one.scalars[tag] for one in runs]
        means = {
            name: _mean([getattr(one, name) for one in summaries])
            for name in ("first", "last", "min", "max", "mean")
        }
        found[tag] = replace(summaries[0], **means)  # type: ignore[arg-type]  # not None: not empty
    return found


def _with_expected(spec: BatchSpec, merged: list[T]) -> list[T]:
    """Return candidates with what is expected of each, given all others."""
    to_cost = spec.objective.to_cost
    places = [
        place
        for place, one in enumerate(merged)
        if one.repeated is not None and _is_usable(spec, one)
    ]
    costs = [
        [cost for value in one.repeated.values if (cost := to_cost(value)) is not None]
        for one in (merged[place] for place in places)
        if one.repeated is not None
    ]
    for place, expected in zip(places, expect(costs), strict=True):
        one = merged[place]
        assert one.repeated is not None
        told = replace(
            one.repeated,
            expected=spec.objective.from_cost(expected.mean),
            sd=expected.sd,
            noise_sd=expected.noise_sd,
        )
        merged[place] = replace(one, repeated=told)
    return merged
