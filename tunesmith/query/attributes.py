"""The attributes of a run, which columns and filters can name beside flags and scalars."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from tunesmith.flags.values import FlagValue
from tunesmith.scalar_names import resolve_tag
from tunesmith.trial import Run, short_id

Cell = FlagValue
"""The value of a cell of a table; None if it is missing."""

TIME_ATTRIBUTES = frozenset({"started", "stopped"})
"""The attributes in seconds since 1970, UTC, which are shown as dates."""


def step_tag(tags: Collection[str]) -> str | None:
    """Return the scalar whose last step counts: the loss, else the first by name; None if none."""
    return resolve_tag("loss", tags) or min(tags, default=None)


def step_of(run: Run) -> int | None:
    """Return a run's last step; None without scalars."""
    tag = step_tag(run.scalars)
    return None if tag is None else run.scalars[tag].last_step


def _batch_of(run: Run) -> str | None:
    """Return the short id of the batch; None for a single run."""
    return short_id(run.batch) if run.is_batch or run.is_trial else None


ATTRIBUTES: Mapping[str, Callable[[Run], Cell]] = MappingProxyType(
    {
        "run": lambda run: short_id(run.id),
        "id": lambda run: run.id,
        "operation": lambda run: run.operation,
        "script": lambda run: run.script,
        "started": lambda run: run.started,
        "stopped": lambda run: run.stopped,
        "time": lambda run: run.seconds,
        "seconds": lambda run: run.seconds,
        "status": lambda run: str(run.status),
        "label": lambda run: run.label,
        "tags": lambda run: run.tags,
        "batch": _batch_of,
        "number": lambda run: run.number,
        "attempt": lambda run: run.attempt,
        "origin": lambda run: run.origin,
        "objective": lambda run: run.objective,
        "exit_code": lambda run: run.exit_code,
        "signal": lambda run: run.signal,
        "reason": lambda run: run.reason,
        "cpu_seconds": lambda run: run.cpu_seconds,
        "max_rss_bytes": lambda run: run.max_rss_bytes,
        "sourcecode": lambda run: short_id(run.source_digest),
        "host": lambda run: run.host,
        "command": lambda run: run.command,
        "step": step_of,
    }
)
"""The function that reads each attribute, by name."""
