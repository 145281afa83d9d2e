"""The region that no point of a front dominates, cut into boxes."""

from dataclasses import dataclass

import numpy as np

from tunesmith.search.gp.kernel import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Disjoint boxes that fill what no point dominates, up to a reference point.

    A point improves on the front by the volume that it dominates of them.
    """

    lower: Array
    """Shape (b, m): minus infinity where a box has no end."""
    upper: Array
    """Shape (b, m)."""

    @classmethod
    def of(cls, front: Array, reference: Array) -> "Boxes":
        """Return the boxes of a front, shape (n, m), below a reference point, shape (m,).

        It is cut into slices along the last cost, and each of them as the front of the other
        costs that the points below it have: n + 1 boxes for two costs, fewer than (n + 1)² for
        three, all exact (Lacour, Klamroth and Fonseca, 2017, need fewer, which is not worth it for
        the fronts of searches).
        """
        inside = front[(front < reference).all(axis=1)]
        lower, upper = _cut(inside, reference)
        return cls(lower=lower, upper=upper)


def _cut(front: Array, reference: Array) -> tuple[Array, Array]:
    if len(reference) == 1:
        top = front.min(initial=reference[0])
        return np.array([[-np.inf]]), np.array([[top]])
    levels = front[np.argsort(front[:, -1], kind="stable")]
    starts = np.concatenate([[-np.inf], levels[:, -1]])
    ends = np.concatenate([levels[:, -1], reference[-1:]])
    lowers, uppers = [], []
    below = front[:0, :-1]
    for k, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if k:
            below = _with(below, levels[k - 1, :-1])
        if end <= start:
            continue
        lower, upper = _cut(below, reference[:-1])
        edge = np.ones((len(lower), 1))
        lowers.append(np.hstack([lower, start * edge]))
        uppers.append(np.hstack([upper, end * edge]))
    return np.vstack(lowers), np.vstack(uppers)


def _with(front: Array, point: Array) -> Array:
    """Return a front with one more point, where that is not dominated."""
    if (front <= point).all(axis=1).any():
        return front
    is_kept = ~(front >= point).all(axis=1)
    return np.vstack([front[is_kept], point])
