"""The filters that select runs."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tunesmith.trial import Run, TrialStatus

if TYPE_CHECKING:  # most commands use neither
    from tunesmith.query.expression import RunExpression
    from tunesmith.query.started import TimeRange

_T = TypeVar("_T")

NO_LABEL = "-"
"""The text that selects runs without a label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """The conditions on runs. All of them have to hold; an empty one always holds."""

    operations: Collection[str] = ()
    """Operations, one of which is the run's; ``*`` matches any characters."""
    labels: Collection[str] = ()
    """Texts, one of which is in the label; ``-`` for runs without a label."""
    tags: Collection[str] = ()
    """Tags, one of which the run has."""
    statuses: Collection[TrialStatus] = ()
    started: "TimeRange | None" = None
    expression: "RunExpression | None" = None

    @property
    def is_empty(self) -> bool:
        """Whether there are no conditions."""
        parts = (self.operations, self.labels, self.tags, self.statuses)
        return not any(parts) and self.started is None and self.expression is None

    def matches(self, run: Run) -> bool:
        """Return whether a run meets all conditions."""
        return (
            _passes(self.operations, lambda pattern: is_operation(run.operation, pattern))
            and _passes(self.labels, lambda text: _has_label(run, text))
            and _passes(self.tags, lambda tag: tag in run.tags)
            and _passes(self.statuses, lambda status: run.status is status)
            and (self.started is None or self.started.contains(run.started))
            and (self.expression is None or self.expression.matches(run))
        )


def is_operation(operation: str, pattern: str) -> bool:
    """Return whether an operation matches a pattern, in which ``*`` matches any characters."""
    if "*" not in pattern:
        return operation == pattern
    parts = [re.escape(part) for part in pattern.split("*")]
    return re.fullmatch(".*".join(parts), operation, re.DOTALL) is not None


def _passes(wanted: Collection[_T], is_met: Callable[[_T], bool]) -> bool:
    return not wanted or any(is_met(one) for one in wanted)


def _has_label(run: Run, text: str) -> bool:
    return not run.label if text == NO_LABEL else text in run.label
