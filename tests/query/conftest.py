from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.flags.values import FlagValue
from tunesmith.scalar import ScalarSummary
from tunesmith.trial import Run, TrialStatus

MakeRun = Callable[..., Run]


def summary(value: float, step: int = 0) -> ScalarSummary:
    return ScalarSummary(
        first=value + 1,
        first_step=0,
        last=value,
        last_step=step,
        min=value - 1,
        min_step=step,
        max=value + 2,
        max_step=step,
        mean=value + 0.5,
        count=step + 1,
    )


@pytest.fixture(scope="session")
def make_run() -> MakeRun:
    """Return a maker of runs: the id from a number, the rest by name."""

    def make(
        number: int = 1,
        *,
        flags: dict[str, FlagValue] | None = None,
        scalars: dict[str, float] | None = None,
        **fields: Any,
    ) -> Run:
        given: dict[str, Any] = {
            "id": f"{number:032x}",
            "batch": "b" * 32,
            "number": number,
            "operation": "train.py",
            "script": "train.py",
            "status": TrialStatus.COMPLETED,
            "exit_code": 0,
            "started": 1_700_000_000.25 + number,
            "stopped": 1_700_000_001.0 + number,
            "seconds": 0.75,
        }
        tags = {tag: summary(value, step=number) for tag, value in (scalars or {}).items()}
        return Run(**{**given, "flags": flags or {}, "scalars": tags, **fields})

    return make
