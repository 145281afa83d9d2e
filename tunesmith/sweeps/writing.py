"""From a request to the sweep file that asks for the same."""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from tunesmith.errors import SpecificationError
from tunesmith.flags.priors import Beta, Normal
from tunesmith.flags.secret_names import is_secret_name
from tunesmith.flags.settings import Choices, Distribution, Setting, condition_of
from tunesmith.flags.steps import Steps
from tunesmith.flags.values import FlagValue
from tunesmith.request.option import Door, Kind, Option
from tunesmith.request.options import options_of, said_options
from tunesmith.request.reading import NONE
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.script.command_words import PLACES, names_in
from tunesmith.sweeps.keys import FILES
from tunesmith.sweeps.parameters import IF
from tunesmith.sweeps.reading import METHODS
from tunesmith.sweeps.yaml_text import to_yaml

_UNUSED = ("literal", "minimize", "maximize")
"""Options that a file says in another way: its values are read already, and have a metric."""
_WANDB: Mapping[str, str] = MappingProxyType({"max_trials": "run_cap", "label": "name"})
"""W&B's keys for options of ours."""


def write_sweep(request: SweepRequest, settings: Mapping[str, Setting], *, name: str) -> str:
    """Return the text of a sweep file, from which ``read_sweep`` reads the same request.

    Secrets are left out.

    Args:
        request: What was asked for, but its flags; a grid or a search names its optimizer.
        settings: What each given flag is set to.
        name: The file's name, whose suffix says how it is written.

    Raises:
        SpecificationError: A setting has no form in a file.
    """
    document = dict(_keys(request))
    parameters = {
        flag: parameter_of(flag, setting)
        for flag, setting in settings.items()
        if not is_secret_name(flag)
    }
    if parameters:
        document["parameters"] = parameters
    document |= _options(request)
    if PurePath(name).suffix.lower() == ".json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return to_yaml(document)


def _keys(request: SweepRequest) -> Iterator[tuple[str, Any]]:
    """Yield what W&B has keys for: the program, the search and its objective."""
    if request.script is not None:
        yield "program", request.script
    if request.command is not None:
        has_flags = names_in(request.command) & PLACES
        yield "command", [*request.command, *(() if has_flags else ("{flags}",))]
    elif request.extra_arguments or request.subcommand:
        words = ("${env}", "${interpreter}", "${program}", *(request.subcommand or ()), "${args}")
        yield "command", [*words, *(request.extra_arguments or ())]
    by_name = {optimizer: method for method, optimizer in METHODS.items()}
    if request.optimizer in by_name:
        yield "method", by_name[request.optimizer]
    elif request.optimizer is not None:
        yield "optimizer", request.optimizer
    if request.objective is not None and request.objectives is None:
        goal, column = str(request.objective.direction), str(request.objective.column)
        yield "metric", {"name": column, "goal": goal}


def _options(request: SweepRequest) -> dict[str, Any]:
    """Return the options that a request says, by their keys."""
    in_files = options_of(Door.FILE)
    return {
        _WANDB.get(option.name, option.name): plain_value(option, getattr(request, option.name))
        for option in said_options(request)
        if option in in_files and option.name not in (*_UNUSED, "optimizer")
    } | ({FILES: list(request.files)} if request.files else {})


def plain_value(option: Option, value: Any) -> Any:
    """Return the value of an option as a file has it."""
    if option.kind in (Kind.LIMIT, Kind.TIME_LIMIT) and value == math.inf:
        return NONE
    if isinstance(value, tuple):
        return [str(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _listed(one) for name, one in value.items()}
    return value if isinstance(value, bool | int | float) else str(value)


def parameter_of(flag: str, setting: Setting) -> dict[str, Any]:
    """Return the parameter of a sweep file that means a setting.

    Raises:
        SpecificationError: There is none.
    """
    if (condition := condition_of(setting)) is not None:
        return _always(flag, setting) | {IF: condition.text}
    return _always(flag, setting)


def _always(flag: str, setting: Setting) -> dict[str, Any]:
    """Return the parameter without its condition."""
    if isinstance(setting, Choices):
        more: dict[str, Any] = {}
        if setting.probabilities is not None:
            more["probabilities"] = list(setting.probabilities)
        if setting.n_repeats > 1:
            more["repeats"] = setting.n_repeats
        if setting.is_ordered is not None:
            more["ordered"] = setting.is_ordered
        return {"values": [_listed(one) for one in setting.values]} | more | _belief(setting)
    if not isinstance(setting, Distribution):
        return {"value": _listed(setting)}
    found = _distribution(setting)
    if found is None:
        raise SpecificationError(
            f"{flag} is searched over {setting.text}, for which sweep files have no distribution"
        )
    start = {} if setting.initial is None else {"initial": setting.initial}
    return found | start | _belief(setting)


def _belief(setting: Choices | Distribution) -> dict[str, Any]:
    """Return the keys that say where the best value is expected."""
    if setting.belief is None:
        return {}
    belief = setting.belief
    return {"belief": _listed(belief.value), "belief_width": belief.width}


def _distribution(setting: Distribution) -> dict[str, Any] | None:
    """Return the distribution of an interval, by W&B's names; None for one that they lack."""
    whole = 1 if setting.is_integer and (setting.is_log or setting.prior is not None) else None
    q = setting.step if setting.step is not None else whole
    start = "" if q is None else "q_"
    more: dict[str, Any] = {} if q is None else {"q": q}
    if q is not None and not _are_multiples(setting, q):
        return None
    ends = {"min": setting.low, "max": setting.high}
    match setting.prior:
        case Normal(mean=mean, sd=sd):
            name = f"{start}{'log_' if setting.is_log else ''}normal"
            return {"distribution": name, "mu": mean, "sigma": sd, **more}
        case Beta(a=a, b=b):
            return {"distribution": f"{start}beta", "a": a, "b": b, **more}
    if setting.is_log:
        return {"distribution": f"{start}log_uniform_values", **ends, **more}
    if setting.is_integer and q is None:
        return {"distribution": "int_uniform", **ends}
    return {"distribution": f"{start}uniform", **ends, **more}


def _are_multiples(setting: Distribution, q: int | float) -> bool:
    return Steps.multiples(setting.low, setting.high, q).low == setting.low


def _listed(value: FlagValue) -> Any:
    """Return a value with lists in the place of tuples."""
    return [_listed(one) for one in value] if isinstance(value, tuple) else value
