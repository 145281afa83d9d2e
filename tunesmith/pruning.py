"""Pruning: which trials are stopped early, and what is kept of them."""

from dataclasses import dataclass

from tunesmith.scalar import ScalarColumn

DEFAULT_RULE = "careful"
NO_PRUNING = "off"
"""The word that lets all trials run to their end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruningSpec:
    """By which rule the trials of a batch are stopped early."""

    rule: str = DEFAULT_RULE
    """The name of a registered pruner, with its arguments after colons: ``careful``,
    ``after:5:10``, ``optuna:median``."""
    column: ScalarColumn | None = None
    """The scalar whose points are judged; None for the objective."""
    min_points: int = 0
    """The number of points of a trial before which it is not judged, by any rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Why and when a trial was pruned, as far as a restart has to know it."""

    point: int
    """The number of points that it had printed, at least 1."""
    estimate: float | None
    """What models are told in place of its objective, in the objective's unit: the last value
    and the gain that finished trials had from there on, but no better than the median of those.
    None where that cannot be said: then models are told what it reported last."""
    among: tuple[int, ...] = ()
    """The numbers of the ended trials with whose curves it was compared."""
