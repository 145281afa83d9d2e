"""What Optuna's pruners decide, from studies in memory that hold what they look at."""

import math
from collections.abc import Mapping, Sequence

import optuna
from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
    WilcoxonPruner,
)
from optuna.trial import FrozenTrial, TrialState, create_trial

from tunesmith.search.pruner import Curve

STUDY = "tunesmith"
"""The name of every study, by which hyperband assigns brackets."""


def is_out_of_percentile(curve: Curve, ended: Sequence[Curve], *, percentile: float) -> bool:
    """Return whether the best cost of a trial is not in the best percent at its last point."""
    step, sound = len(curve.costs) - 1, [one for one in ended if _is_sound(one)]
    there = [_trial(one, {step: cost}) for one in sound for cost in one.costs[step:][:1]]
    # Optuna counts all that finished, also those that did not come as far
    shorter = [_trial(one, {}) for one in sound if len(one.costs) <= step]
    return _decision(PercentilePruner(percentile), [*there, *shorter, _whole(curve)])


def is_worse_than_the_best(curve: Curve, ended: Sequence[Curve], *, p: float) -> bool:
    """Return whether a trial is significantly worse than the best one over the same points."""
    sound = [one for one in ended if _is_sound(one)]
    best = sorted(sound, key=lambda one: one.costs[-1])[:1]
    return _decision(WilcoxonPruner(p_threshold=p), [_whole(one) for one in (*best, curve)])


def is_behind_at_a_rung(curve: Curve, ended: Sequence[Curve], *, factor: int) -> bool:
    """Return whether successive halving stops a trial."""
    pruner = SuccessiveHalvingPruner(min_resource=1, reduction_factor=factor)
    others = [_at_rungs(one, one.costs, factor, 0) for one in ended]
    return _decision(pruner, [*others, _at_rungs(curve, curve.costs[:-1], factor, 0)])


def is_behind_in_its_bracket(
    curve: Curve, ended: Sequence[Curve], *, factor: int, horizon: int
) -> bool:
    """Return whether hyperband stops a trial; a trial's number says its bracket."""
    pruner = HyperbandPruner(max_resource=horizon, reduction_factor=factor)
    study = optuna.create_study(study_name=STUDY, pruner=pruner)
    first = _trial(curve, {0: 0.0})
    study.add_trial(first)
    pruner.prune(study, first)  # makes the brackets
    by_number = {one.number: one for one in (*ended, curve)}
    trials = []
    for number in range(max(by_number) + 1):
        one = by_number.get(number)
        if one is None:
            trials.append(create_trial(state=TrialState.RUNNING))  # runs, or is another's number
            continue
        first.number = number
        bracket = pruner._get_bracket_id(study, first)
        known = one.costs[:-1] if one is curve else one.costs
        trials.append(_at_rungs(one, known, factor, bracket))
    return _decision(pruner, trials, curve.number)


def _decision(pruner: BasePruner, trials: Sequence[FrozenTrial], number: int = -1) -> bool:
    """Return whether a trial of a study is pruned, by default the last one."""
    study = optuna.create_study(study_name=STUDY, pruner=pruner)
    study.add_trials(trials)
    return pruner.prune(study, study.get_trials(deepcopy=False)[number])


def _whole(curve: Curve) -> FrozenTrial:
    return _trial(curve, dict(enumerate(curve.costs)))


def _at_rungs(curve: Curve, known: Sequence[float], factor: int, bracket: int) -> FrozenTrial:
    """Return a trial with what successive halving has noted of it.

    Args:
        curve: The trial.
        known: Its costs up to which it has been judged: those before the last of one that runs,
            since asking notes that one.
        factor: The next rung is as many times further.
        bracket: The power of the factor at which its first rung is.
    """
    notes = dict[str, float]()
    step = factor**bracket
    while step < len(known) and not math.isnan(known[step]):
        notes[f"completed_rung_{len(notes)}"] = known[step]
        step *= factor
    last = len(curve.costs) - 1
    return _trial(curve, {last: curve.costs[last]} if curve.costs else {}, notes)


def _is_sound(curve: Curve) -> bool:
    return curve.is_finished and bool(curve.costs) and math.isfinite(curve.costs[-1])


def _trial(
    curve: Curve, values: Mapping[int, float], notes: Mapping[str, float] | None = None
) -> FrozenTrial:
    is_sound = _is_sound(curve)
    return create_trial(
        state=TrialState.COMPLETE if is_sound else TrialState.RUNNING,
        value=curve.costs[-1] if is_sound else None,
        intermediate_values=dict(values),
        system_attrs=dict(notes or {}),
    )
