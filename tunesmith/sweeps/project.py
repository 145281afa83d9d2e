"""A project's defaults: the table ``[tool.tunesmith]`` of its pyproject.toml."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.batch import OptimizerSpec
from tunesmith.errors import SpecificationError, TunesmithError
from tunesmith.request.option import Door
from tunesmith.request.options import options_of, read_options
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.search.registry import AUTO, build_optimizer, canonical_name, is_automatic
from tunesmith.sweeps.keys import unknown_key

TABLE = "tool.tunesmith"
_KEYS = {
    spelling: option.name
    for option in options_of(Door.PROJECT)
    for spelling in (option.name, option.flag.removeprefix("--").replace("-", "_"))
}


def read_defaults(text: str, *, place: str, root: Path, folder: Path) -> SweepRequest | None:
    """Return what a pyproject.toml says of sweeps; None where it says nothing.

    Args:
        text: The text of the file.
        place: Its path, for messages.
        root: Its folder, at which its relative paths begin.
        folder: Where the relative paths of a request begin.

    Raises:
        SpecificationError: The file is no TOML, or a key is unknown or wrong.
    """
    try:
        table = tomllib.loads(text).get("tool", {}).get("tunesmith")
    except (tomllib.TOMLDecodeError, AttributeError, RecursionError) as error:
        raise SpecificationError(f"{place} cannot be read: {error}") from error
    if table is None:
        return None
    where = f"{place}: [{TABLE}]"
    if not isinstance(table, Mapping):
        raise SpecificationError(f"{where} is {table!r}: expected a table of options")
    given: dict[str, Any] = {}
    for key, value in table.items():
        name = _KEYS.get(key.replace("-", "_"))
        if name is None:
            raise unknown_key(key, set(_KEYS.values()), place=where)
        given[name] = value
    try:
        options = read_options(given, is_typed=False)
        return _request(options, root, folder)
    except TunesmithError as error:
        raise SpecificationError(f"{where}: {error}") from error


def _request(options: dict[str, Any], root: Path, folder: Path) -> SweepRequest:
    """Return the defaults as a request, paths as seen from the folder of the request."""
    if "links" in options:
        options["links"] = tuple(_seen_from(folder, root, link) for link in options["links"])
    if "/" in options.get("python", ""):
        options["python"] = str(root / Path(options["python"]).expanduser())
    optimizer, flags = options.pop("optimizer", None), options.pop("optimizer_flags", None)
    if optimizer is not None:
        # what auto means, the search tells
        name = AUTO if is_automatic(optimizer) else canonical_name(optimizer)
        search = OptimizerSpec(name=name, settings=flags or {})
        build_optimizer(search.name, search.settings)
        options["default_optimizer"] = search
    elif flags is not None:
        raise SpecificationError("optimizer_flags needs optimizer, whose flags they are")
    return SweepRequest(**options)


def _seen_from(folder: Path, root: Path, path: str) -> str:
    """Return a path of the root as one of the folder."""
    if Path(path).is_absolute() or root == folder:
        return path
    return os.path.relpath(root / path, folder)
