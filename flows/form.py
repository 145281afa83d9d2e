"""The form of a sweep: the parameters of its flow, made from the table of options.

Prefect reads them from the signature of the flow's function and their descriptions from its
docstring. It shows them as a form, and keeps them with a deployment.
"""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from tunesmith.request.option import Door, Kind, Option
from tunesmith.request.options import options_of, read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest

F = TypeVar("F", bound=Callable[..., Any])

_TYPES: dict[Kind, Any] = {
    Kind.COUNT: int | None,
    Kind.LIMIT: int | str | None,
    Kind.TEXTS: list[str] | None,
    Kind.OBJECTIVES: list[str] | None,
    Kind.PATTERNS: list[str] | None,
    Kind.CONDITIONS: list[str] | None,
    Kind.FLAGS: list[str] | None,
    Kind.POINTS: list[str] | None,
    Kind.SWITCH: bool | None,
}
"""What a parameter's values are in JSON; of other options they are text, as it is typed."""

_FIRST: tuple[tuple[str, Any, Any, str], ...] = (
    ("script", str, inspect.Parameter.empty, "Path of the script within the folder, as train.py."),
    ("folder", str, inspect.Parameter.empty, "Folder of the project on the machine that runs it."),
    ("flags", list[str] | None, None, "Flags, one a line: x=[-2.0:2.0], n=10, lr=[0.1,0.01]."),
)
_LAST: tuple[tuple[str, Any, Any, str], ...] = (
    (
        "go_on_with_last",
        bool,
        False,
        "Go on with the last batch of this deployment; each run is a new batch otherwise.",
    ),
    ("home", str | None, None, "Folder of the store  [default: the one of the project]"),
    ("batch_files", list[str] | None, None, "Batch files as tunesmith deploy has kept them."),
)
"""What the form has beside the options: names, types, defaults and descriptions."""


def with_form(function: F) -> F:
    """Give the function of a flow the parameters of the form, described in its docstring."""
    options = [_described(option) for option in options_of(Door.FORM)]
    rows = [*_FIRST, *options, *_LAST]
    parameters = [
        inspect.Parameter(name, _kind_of(default), default=default, annotation=annotation)
        for name, annotation, default, _ in rows
    ]
    lines = [f"    {name}: {' '.join(text.split())}" for name, _, _, text in rows]
    vars(function)["__signature__"] = inspect.Signature(
        parameters, return_annotation=function.__annotations__["return"]
    )
    function.__doc__ = "\n".join([inspect.getdoc(function) or "", "", "Args:", *lines])
    return function


def read_form(
    given: Mapping[str, Any], *, tags: tuple[str, ...] = (), files: tuple[str, ...] = ()
) -> SweepRequest:
    """Return the request of a run of the flow.

    Args:
        given: The parameters by their names; one that is missing was not said.
        tags: Tags of the batch beside those that the form names.
        files: The paths of the batch files.

    Raises:
        TunesmithError: A parameter cannot be read.
    """
    options = {**given, "tags": (*tags, *(given.get("tags") or ()))}
    return SweepRequest(
        script=given["script"],
        folder=Path(given["folder"]),
        **read_arguments([*(given.get("flags") or ()), *(f"@{file}" for file in files)]),
        **read_options(options),
    )


def _described(option: Option) -> tuple[str, Any, Any, str]:
    annotation = _TYPES.get(option.kind, str | None)
    if option.choices:
        annotation = Literal[option.choices] | None
    return option.name, annotation, None, option.description


def _kind_of(default: object) -> Any:
    is_required = default is inspect.Parameter.empty
    kinds = inspect.Parameter
    return kinds.POSITIONAL_OR_KEYWORD if is_required else kinds.KEYWORD_ONLY
