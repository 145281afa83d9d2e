"""The keys of a sweep file: W&B's own, and the options of Tunesmith under their names."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from tunesmith.errors import SpecificationError
from tunesmith.near_names import near_names
from tunesmith.request.option import Door
from tunesmith.request.options import options_of

TAKEN = (
    "program",
    "command",
    "method",
    "metric",
    "parameters",
    "run_cap",
    "name",
    "early_terminate",
)
"""W&B's keys that mean something here."""
FILES = "files"
"""The key of the batch files, which the command line takes as ``@FILE``."""

NOTED: Mapping[str, str] = MappingProxyType(
    {
        "apiVersion": "W&B's",
        "kind": "W&B's",
        "controller": "it says where W&B chooses the trials; Tunesmith chooses them here",
        "description": "use label for a text that is kept with the batch",
        "entity": "it names an account of W&B",
        "project": "it names a project of W&B",
    }
)
"""W&B's keys that change nothing here, and what is said of each."""

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "image_uri": "W&B Launch runs images: name the script as program, and deploy the sweep "
        "to a work pool with tunesmith deploy --image",
        "job": "it names a job of W&B Launch: name the script as program",
        "metrics": "name one objective as metric, or several as objectives: "
        "[minimize loss, maximize acc]",
        "scheduler": "it belongs to W&B Launch: choose the search with method, or with optimizer",
    }
)
"""W&B's keys that ask for something that cannot be done, and what to do instead."""

_OPTIONS = {
    spelling: option.name
    for option in options_of(Door.FILE)
    for spelling in (option.name, option.flag.removeprefix("--").replace("-", "_"))
}


def option_of(key: str) -> str | None:
    """Return the name of the option that a key means, as ``max-trials``; None for none."""
    return _OPTIONS.get(key.replace("-", "_"))


def is_sweep(loaded: object) -> bool:
    """Return whether a file's content is a sweep, and no batch file or configuration."""
    if not isinstance(loaded, Mapping):
        return False
    return any(isinstance(loaded.get(key), shape) for key, shape in _SHAPES.items())


_SHAPES: Mapping[str, type | tuple[type, ...]] = MappingProxyType(
    {"parameters": dict, "program": str, "command": (list, str), "method": str}
)


def check_keys(document: Mapping[object, object], *, place: str) -> None:
    """Check that a sweep file has no key that is unknown or cannot be followed.

    Raises:
        SpecificationError: It has one; the message names it.
    """
    known = (*TAKEN, FILES, *NOTED)
    for key, value in document.items():
        if not isinstance(key, str):
            raise SpecificationError(f"{place} has the key {key!r}: a key is a word, in quotes")
        if key in REFUSED and not (key == "metrics" and _are_files(value)):
            raise SpecificationError(f"{place}: {key} is not supported: {REFUSED[key]}")
        if key not in known and option_of(key) is None:
            raise unknown_key(key, (*known, *_OPTIONS), place=place)


def _are_files(metrics: object) -> bool:
    """Return whether metrics names files, as our option does, and not several objectives."""
    given = metrics if isinstance(metrics, list) else [metrics]
    return all(isinstance(one, str) for one in given)


def unknown_key(key: str, known: Iterable[str], *, place: str) -> SpecificationError:
    """Return the error for a key that does not exist, with the near one or all that there are."""
    names = sorted({one.replace("-", "_") for one in known})
    near = near_names(key.replace("-", "_"), names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(names)}"
    return SpecificationError(f"{place} has an unknown key {key!r}: {hint}")
