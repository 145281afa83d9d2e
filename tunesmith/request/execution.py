"""How trials are run, by what a request says of it."""

import math
from dataclasses import replace
from typing import Any

from tunesmith.execution import Execution
from tunesmith.request.sweep_request import SweepRequest, WorkingDirectory

_FIELDS = {
    "runner": "runner",
    "gpus": "gpus",
    "per_gpu": "per_gpu",
    "warm": "warm",
    "timeout": "timeout_s",
    "grace": "grace_s",
    "retries": "retries",
    "max_failures": "max_failures",
    "fail_on_trial_error": "is_fatal_on_error",
    "links": "links",
    "output_scalars": "output_scalars",
    "metrics": "metrics",
    "prefect_logs": "has_prefect_logs",
}
"""The field of an execution that is what an option says, by the option's name."""


def execute_as(execution: Execution, request: SweepRequest) -> Execution:
    """Return how trials run from now on: as before, but for what the request says.

    Raises:
        SpecificationError: A number is out of range, or two options contradict each other.
    """
    said: dict[str, Any] = {
        field: None if value == math.inf else value
        for name, field in _FIELDS.items()
        if (value := getattr(request, name)) is not None
    }
    if request.python is not None:
        said["python"] = request.interpreter
    if request.cwd is not None:
        said["is_in_place"] = request.cwd is WorkingDirectory.PROJECT
    if request.runner is not None and request.runner.is_remote:
        said.setdefault("gpus", ())  # those that the batch had are of this machine
    places = {name: said.get(name, getattr(execution, name)) for name in _PLACES}
    if request.jobs is not None:
        said["jobs"] = request.jobs
    elif any(places[name] != getattr(execution, name) for name in _PLACES):
        said["jobs"] = _default_jobs(**places)
    return replace(execution, **said)


def changed_options(before: Execution, after: Execution) -> dict[str, tuple[Any, Any]]:
    """Return the options in which two ways to run trials differ, by name, with both values."""
    fields = {**_FIELDS, "jobs": "jobs", "python": "python"}
    both = {name: (getattr(before, one), getattr(after, one)) for name, one in fields.items()}
    return {name: values for name, values in both.items() if values[0] != values[1]}


_PLACES = ("runner", "gpus", "per_gpu")


def _default_jobs(*, runner: Any, gpus: tuple[str, ...], per_gpu: int) -> int:
    """Return how many trials run at once; 0 for as many as the workers of a runner take."""
    return 0 if runner.is_remote else max(1, len(gpus) * per_gpu)
