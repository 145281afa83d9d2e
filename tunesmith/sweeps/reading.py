"""From the text of a sweep file to the request that it means."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from tunesmith.errors import FlagError, SpecificationError, TunesmithError
from tunesmith.flags.assignments import ValueAssignment
from tunesmith.flags.safe_yaml import YamlError, load_yaml
from tunesmith.flags.settings import Setting
from tunesmith.request.options import read_options
from tunesmith.request.reading import read_texts
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.sweeps.command import Command, read_command
from tunesmith.sweeps.distributions import as_grid
from tunesmith.sweeps.early_terminate import KEY, read_early_terminate
from tunesmith.sweeps.keys import FILES, NOTED, check_keys, is_sweep, option_of, unknown_key
from tunesmith.sweeps.parameters import read_parameters

METHODS: Mapping[str, str] = {"grid": "grid", "random": "random", "bayes": "gp"}
"""The optimizers by W&B's names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepFile:
    """What a sweep file asks for."""

    request: SweepRequest
    notes: tuple[str, ...] = ()
    """A line for each key that changes nothing, and for what may be a mistake."""


def read_sweep(text: str, *, name: str, environ: Mapping[str, str]) -> SweepFile:
    """Return what the text of a sweep file asks for.

    Args:
        text: The text.
        name: The file's name, whose suffix says how to read it.
        environ: The environment, whose variables a command may name.

    Raises:
        SpecificationError: It is no sweep, or a key is unknown, wrong or not supported.
    """
    loaded = _load(text, name)
    if not is_sweep(loaded):
        raise SpecificationError(f"{name} is no sweep: {_instead(loaded)}")
    check_keys(loaded, place=name)
    options = _options(loaded, name)
    program, command = _text(loaded, "program", name), Command()
    if "command" in loaded:
        command = read_command(loaded["command"], program=program, place=name, environ=environ)
    for option, said in (("python", command.python), ("flag_style", command.style)):
        if said is not None:
            options.setdefault(option, said)
    parameters = dict(read_parameters(loaded.get("parameters", {}), place=name))
    if options.get("optimizer") == "grid":
        parameters = {one: _as_grid(one, value, name) for one, value in parameters.items()}
    flags = tuple(ValueAssignment(name=one, setting=value) for one, value in parameters.items())
    try:
        request = SweepRequest(
            script=None if command.words else command.program or program,
            command=command.words or None,
            subcommand=command.subcommand or None,
            flags=flags or None,
            files=read_texts(loaded[FILES]) if FILES in loaded else None,
            extra_arguments=command.arguments or None,
            **options,
        )
    except TunesmithError as error:
        raise SpecificationError(f"{name}: {error}") from error
    return SweepFile(request=request, notes=tuple(_notes(loaded, name)))


def _as_grid(parameter: str, setting: Setting, name: str) -> Setting:
    try:
        return as_grid(setting)
    except FlagError as error:
        raise SpecificationError(f"{name}: {parameter}: {error}") from error


def _load(text: str, name: str) -> Any:
    """Return the content of a file of YAML or JSON.

    Raises:
        SpecificationError: It cannot be read.
    """
    try:
        if PurePath(name).suffix.lower() == ".json":
            return json.loads(text)
        return load_yaml(text)
    except YamlError as error:
        raise SpecificationError(f"{name} cannot be read: {error.reason}") from error
    except (FlagError, ValueError, RecursionError) as error:
        raise SpecificationError(f"{name} cannot be read: {error}") from error


def _instead(loaded: object) -> str:
    """Return what a file that is no sweep may be, and how that is given."""
    if isinstance(loaded, list):
        return (
            "a list of trials is a batch file, which is given after the script, as "
            "tunesmith run train.py @trials.yaml"
        )
    return (
        "a sweep has program, method and parameters, as in "
        "{program: train.py, method: random, parameters: {lr: {min: 0.001, max: 0.1}}}"
    )


def _options(loaded: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the options that a sweep file sets, W&B's keys among them, as a request has them."""
    given: dict[str, Any] = {}
    for key, value in (*_from_wandb(loaded, name), *_own(loaded)):
        if key in given and given[key] != value:
            raise SpecificationError(
                f"{name} sets {key} twice, to {given[key]!r} and {value!r}: leave one out"
            )
        given[key] = value
    try:
        return read_options(given, is_typed=False)
    except TunesmithError as error:
        raise SpecificationError(f"{name}: {error}") from error


def _own(loaded: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in loaded.items():
        option = option_of(key)
        if option is not None:
            yield option, value


def _from_wandb(loaded: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    """Yield the options that W&B's keys mean, by their names here."""
    has_own = {option_of(key) for key in loaded}
    if "method" in loaded and "optimizer" not in has_own:
        method = str(loaded["method"])
        if method not in METHODS:
            raise SpecificationError(
                f"{name}: method is {method!r}: choose one of {', '.join(METHODS)}, or name an "
                "optimizer of Tunesmith with optimizer"
            )
        yield "optimizer", METHODS[method]
    if "metric" in loaded:
        yield _metric(loaded["metric"], name)
        if "target" in loaded["metric"] and "target" not in has_own:
            yield "target", _target(loaded["metric"], name)
    if "run_cap" in loaded:
        yield "max_trials", loaded["run_cap"]
    if KEY in loaded and "prune" not in has_own:
        yield "prune", read_early_terminate(loaded[KEY], place=name)
    if "name" in loaded and "label" not in has_own:
        yield "label", _text(loaded, "name", name)


_METRIC = ("name", "goal", "target", "impute", "impute_while_running")


def _metric(given: object, place: str) -> tuple[str, str]:
    """Return the direction and the name of the objective.

    Raises:
        SpecificationError: A key is unknown, wrong or not supported.
    """
    if not isinstance(given, Mapping) or not isinstance(given.get("name"), str):
        raise SpecificationError(
            f"{place}: metric is {given!r}: expected {{name: val_loss, goal: minimize}}"
        )
    for key in given:
        if key not in _METRIC:
            raise unknown_key(str(key), _METRIC, place=f"{place}: metric")
    if given.get("impute", "worst") != "worst":
        raise SpecificationError(
            f"{place}: metric.impute is not supported: a failed trial counts as the worst one; "
            "leave it out"
        )
    if given.get("impute_while_running", "false") not in ("false", False):
        raise SpecificationError(
            f"{place}: metric.impute_while_running is not supported: a search learns from "
            "finished trials; leave it out"
        )
    goal = given.get("goal", "minimize")
    if goal not in ("minimize", "maximize"):
        raise SpecificationError(
            f"{place}: metric.goal is {goal!r}: expected minimize or maximize"
        )
    return str(goal), given["name"]


def _target(metric: Mapping[str, Any], place: str) -> str:
    """Return the condition on a trial at which W&B ends a sweep: the metric is as good as that.

    Raises:
        SpecificationError: The target is no number.
    """
    target = metric["target"]
    if isinstance(target, bool) or not isinstance(target, int | float) or target != target:
        raise SpecificationError(f"{place}: metric.target is {target!r}: expected a number")
    sign = ">=" if metric.get("goal") == "maximize" else "<="
    name = metric["name"]
    return f"{name if name.isidentifier() else f'`{name}`'} {sign} {target!r}"


def _text(loaded: Mapping[str, Any], key: str, name: str) -> str | None:
    given = loaded.get(key)
    if given is None or isinstance(given, str):
        return given
    raise SpecificationError(f"{name}: {key} is {given!r}: expected a text")


def _notes(loaded: Mapping[str, Any], name: str) -> Iterator[str]:
    for key in loaded:
        if key in NOTED:
            yield f"{name}: {key} is ignored: {NOTED[key]}"
    for parameter in _looking_like_values(loaded.get("parameters", {})):
        yield (
            f"{name}: {parameter} has exponents of e as min and max, which look like values: "
            "log_uniform_values takes values"
        )


def _looking_like_values(parameters: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the parameters whose exponents are small positive numbers, as rates are."""
    for key, parameter in parameters.items():
        if "parameters" in parameter:
            yield from _looking_like_values(parameter["parameters"], f"{above}{key}.")
            continue
        is_of_exponents = parameter.get("distribution") in ("log_uniform", "q_log_uniform")
        if is_of_exponents and 0 < parameter["min"] < parameter["max"] <= 1:
            yield f"{above}{key}"
