"""What ``--prune`` would have done in a batch whose trials all ran to their end."""

from tunesmith.batch import BatchSpec
from tunesmith.pruning import DEFAULT_RULE
from tunesmith.scalar_names import meant_tag
from tunesmith.search.pruning.advice import MIN_TRIALS, Advice, advise
from tunesmith.search.pruning.cost_curve import CostCurve
from tunesmith.search.pruning.judging import Trace
from tunesmith.search.pruning.registry import build_pruner
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, TrialStatus

MIN_SECONDS = 5.0
"""Seconds of all trials together below which there is nothing worth saving."""
MAX_TRIALS = 100
"""Trials whose curves are replayed, the first ones: more say the same."""
MAX_POINTS = 1_000_000
"""Points of these trials beyond which none is replayed: reading them would take seconds."""


def advise_on_pruning(spec: BatchSpec, store: Store, records: list[TrialRecord]) -> str:
    """Return what ``--prune`` would have done, in words; empty where that cannot be said.

    Args:
        spec: The batch, which was not pruned.
        store: Has its curves.
        records: Its trials.
    """
    if spec.pruning is not None or spec.is_single or not spec.objective.is_foretold:
        return ""
    completed = [one for one in records if one.status is TrialStatus.COMPLETED][:MAX_TRIALS]
    is_short = sum(one.seconds for one in completed) < MIN_SECONDS
    if len(completed) < MIN_TRIALS or is_short or _n_points(spec, completed) > MAX_POINTS:
        return ""
    advice = advise(_traces(spec, store, completed), build_pruner(DEFAULT_RULE))
    return "" if advice is None else describe_advice(advice)


def describe_advice(advice: Advice) -> str:
    """Return advice as a sentence, with what follows where the best would have been lost."""
    follows = ": let these trials run to their end" if advice.is_against else ""
    return f"--prune {advice}{follows}"


def _n_points(spec: BatchSpec, records: list[TrialRecord]) -> int:
    """Return how many points of the objective the trials have reported."""
    name = spec.objective.column.tag
    tags = (meant_tag(name, one.scalars) for one in records)
    return sum(
        one.scalars[tag].count for one, tag in zip(records, tags, strict=True) if tag is not None
    )


def _traces(spec: BatchSpec, store: Store, records: list[TrialRecord]) -> list[Trace]:
    by_id, traces = {record.id: record for record in records}, []
    for run_id, series in store.each_series(spec.id, by_id):
        curves = {one.tag: one.values for one in series}
        tag = meant_tag(spec.objective.column.tag, curves)
        curve = CostCurve(spec.objective, curves[tag] if tag else ())
        record = by_id[run_id]
        traces.append(
            Trace(number=record.number, costs=curve.costs, is_finished=True, flags=record.flags)
        )
    return traces
