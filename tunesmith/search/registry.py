"""The optimizers by name, found by entry point, so that other packages can add one."""

import inspect
from collections.abc import Mapping
from typing import Any

from tunesmith.batch import OptimizerSpec
from tunesmith.errors import SpecificationError
from tunesmith.flags.values import FlagValue
from tunesmith.near_names import near_names
from tunesmith.plugins import registered
from tunesmith.search.classes import (
    TYPE_WORDS,
    accepted_types,
    describe_unknown,
    load_class,
    parameters_of,
)
from tunesmith.search.optimizer import Optimizer

GROUP = "tunesmith.optimizers"
"""The entry point group. Each entry is a class; its keyword arguments are the settings."""

_DISPLAY = {"gp": "skopt:gp", "forest": "skopt:forest", "gbrt": "skopt:gbrt"}
AUTO = "auto"
"""Stands for the optimizer that did best in the benchmarks; a batch records that one's name, see
``automatic.py``."""
_ALIASES = {
    AUTO: "gp",  # what it means of most searches, where nothing is known of this one
    **{shown: name for name, shown in _DISPLAY.items()},
    "bayesian": "gp",
    "gaussian": "gp",
    "tpe": "optuna:tpe",
    "cmaes": "optuna:cmaes",
    "cma-es": "optuna:cmaes",
    "nsgaii": "optuna:nsgaii",
    "nsga-ii": "optuna:nsgaii",
}


def canonical_name(text: str) -> str:
    """Return the registered name of a name or an alias, in upper or lower case.

    Raises:
        SpecificationError: No optimizer has this name.
    """
    word = text.strip().lower()
    by_word = {name.lower(): name for name in registered(GROUP)}
    name = by_word.get(word) or by_word.get(_ALIASES.get(word, ""))
    if name is None:
        raise SpecificationError(
            describe_unknown("optimizer", text, (AUTO, *sorted(by_word)), _ALIASES)
        )
    return name


def is_automatic(text: str) -> bool:
    """Return whether a name leaves the choice to Tunesmith."""
    return text.strip().lower() == AUTO


def display_name(name: str) -> str:
    """Return the name as the preview shows it, as ``skopt:gp``."""
    return _DISPLAY.get(name, name)


def optimizer_settings(name: str) -> dict[str, FlagValue]:
    """Return an optimizer's settings and their defaults, by the names that a user types.

    Raises:
        SpecificationError: No optimizer has this name, or it cannot be loaded.
    """
    parameters = parameters_of(_load(canonical_name(name)))
    empty = inspect.Parameter.empty
    return {
        _typed_name(key): None if parameter.default is empty else parameter.default
        for key, parameter in parameters.items()
    }


def optimizers_with(setting: str) -> list[str]:
    """Return the names of the optimizers that have a setting, sorted."""
    return [name for name in sorted(registered(GROUP)) if setting in optimizer_settings(name)]


def build_optimizer(name: str, settings: Mapping[str, FlagValue]) -> Optimizer:
    """Return an optimizer with the given settings, the others at their defaults.

    Args:
        name: A registered name or an alias.
        settings: Values by name, with ``-`` or ``_``.

    Raises:
        SpecificationError: The name or a setting is unknown, or a value has the wrong type.
    """
    registered = canonical_name(name)
    cls = _load(registered)
    parameters = parameters_of(cls)
    arguments: dict[str, FlagValue] = {}
    for typed, value in settings.items():
        key = typed.replace("-", "_")
        if key not in parameters:
            raise SpecificationError(_unknown_setting(registered, typed))
        arguments[key] = _converted(registered, typed, value, parameters[key].annotation)
    for key, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty and key not in arguments:
            raise SpecificationError(
                f"optimizer {registered} has no value for {_typed_name(key)}: "
                f"set it with -Fo {_typed_name(key)}=VALUE"
            )
    optimizer: Optimizer = cls(**arguments)
    return optimizer


def takes_several(name: str) -> bool:
    """Return whether an optimizer takes several objectives: where it says so, or looks at none.

    Raises:
        SpecificationError: It has no such name, or it cannot be loaded.
    """
    cls = _load(canonical_name(name))
    is_blind = getattr(cls, "is_sequential", True) is False
    return is_blind or bool(getattr(cls, "takes_several_objectives", False))


def takes_constraints(optimizer: Optimizer) -> bool:
    """Return whether an optimizer looks at the margins of trials."""
    return bool(getattr(optimizer, "takes_constraints", False))


def optimizers_for_several() -> list[str]:
    """Return the names of the optimizers that take several objectives, sorted."""
    return [name for name in sorted(registered(GROUP)) if takes_several(name)]


def is_sequential(optimizer: OptimizerSpec | None) -> bool:
    """Return whether an optimizer looks at earlier results; None, of a single run, does not.

    Raises:
        SpecificationError: The name or a setting is wrong, or it cannot be loaded.
    """
    return (
        optimizer is not None and build_optimizer(optimizer.name, optimizer.settings).is_sequential
    )


def _load(name: str) -> type[Any]:
    return load_class(GROUP, "optimizer", name)


def _converted(name: str, setting: str, value: FlagValue, annotation: Any) -> FlagValue:
    """Return the value in a type that the annotation accepts: a whole number serves as a float."""
    accepted = accepted_types(annotation)
    if not all(item in TYPE_WORDS for item in accepted):
        return value  # not a flag's type: the class itself checks it
    if type(value) in accepted:
        return value
    if type(value) is int and float in accepted:
        return float(value)
    expected = " or ".join(TYPE_WORDS[item] for item in accepted)
    raise SpecificationError(
        f"{setting} is {value!r} for optimizer {name}: expected {expected}, "
        f"as -Fo {_typed_name(setting)}={_example(name, setting)}"
    )


def _example(name: str, setting: str) -> str:
    default = optimizer_settings(name)[_typed_name(setting)]
    return {True: "yes", False: "no"}[default] if isinstance(default, bool) else str(default)


def _typed_name(key: str) -> str:
    return key.replace("_", "-")


def _unknown_setting(name: str, typed: str) -> str:
    known = optimizer_settings(name)
    if not known:
        return f"optimizer {name} has no setting {typed!r}: it has none; leave out -Fo {typed}"
    shown = tuple(f"{key} ({value})" for key, value in known.items())
    close = near_names(_typed_name(typed), known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"optimizer {name} has no setting {typed!r}.{hint} It has {', '.join(shown)}"
