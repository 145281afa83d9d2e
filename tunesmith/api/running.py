"""Running batches from Python, alone or within a flow of the caller's own."""

import asyncio
import difflib
import inspect
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tunesmith.api.batches import Batch, OpenStore
from tunesmith.api.flow_run import run_specification
from tunesmith.api.spaces import FlagInput, to_setting, to_value
from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import find_flag
from tunesmith.flags.definition import ScriptFlags
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.request.new import new, read_script, with_source
from tunesmith.request.options import read_options
from tunesmith.request.reading import set_by_program
from tunesmith.request.specification import doubts
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.storage.files.home import find_home
from tunesmith.storage.store import Store

_log = logging.getLogger(__name__)


def run(
    script: str | Path,
    flags: Mapping[str, FlagInput] | None = None,
    *,
    optimizer: str | None = None,
    max_trials: int | None = None,
    minimize: str | None = None,
    maximize: str | None = None,
    optimizer_flags: Mapping[str, FlagValue] | None = None,
    jobs: int | None = None,
    runner: str | None = None,
    warm: str | None = None,
    timeout: str | None = None,
    retries: int = 0,
    seed: int | None = None,
    needed: bool = False,
    force_flags: bool = False,
    label: str = "",
    tags: Sequence[str] = (),
    python: str | None = None,
    folder: str | Path | None = None,
    home: str | Path | None = None,
    progress: bool = False,
    **more_flags: FlagInput,
) -> Batch:
    """Run a script with different flags, and return the batch when it has ended.

    Within a flow of the caller's own it is a subflow of it. A flag whose name is one of the
    arguments below goes into ``flags``.

    Args:
        script: The script's path.
        flags: Its flags; ``x=tunesmith.uniform(-2, 2)`` may be written as an argument as well.
        optimizer: ``gp``, ``forest``, ``gbrt``, ``random``, ``sobol`` or ``grid``; None for a grid
            of lists, a random search of intervals.
        max_trials: How many trials; None for all of a grid, 20 of a search.
        minimize: The scalar to minimize; None for ``loss``.
        maximize: The scalar to maximize.
        optimizer_flags: Flags of the optimizer, as ``{"random-starts": 5}``.
        jobs: Trials at once; None for one, or for what the runner's workers take.
        runner: ``dask://HOST:PORT`` or ``prefect://``; None for this machine.
        warm: Whether trials share the time of their imports: ``"on"``, ``"off"``; None for where
            it is safe and pays.
        timeout: The longest time of a trial, as ``"5m"``; None for no limit.
        retries: How often a failed trial is run again.
        seed: Of the search; None for a random one.
        needed: Whether to leave out what completed before.
        force_flags: Whether to pass flags that the script is not known to have.
        label: The batch's and its trials'.
        tags: The batch's and its trials'.
        python: The interpreter of the script; None for this one.
        folder: The project's folder, of which a trial sees a copy; None for the working directory.
        home: The store's folder; None for the nearest one upwards.
        progress: Whether to show on stderr how it goes.
        more_flags: Flags too.

    Raises:
        ObjectiveError: A search whose objective no trial reported was ended.
        TunesmithError: Something that was asked for does not fit, or the batch could not be run.
            A trial that fails is no error: it is among the trials.
    """
    given = {name: to_setting(one) for name, one in {**(flags or {}), **more_flags}.items()}
    said = {
        "optimizer": optimizer,
        "optimizer_flags": {n: to_value(one) for n, one in (optimizer_flags or {}).items()},
        "minimize": minimize,
        "maximize": maximize,
        "max_trials": max_trials,
        "seed": seed,
        "jobs": jobs,
        "runner": runner,
        "warm": warm,
        "timeout": timeout,
        "retries": retries,
        "needed": needed,
        "force_flags": force_flags,
        "label": label,
        "tags": tags,
        "python": python,
    }
    request = SweepRequest(
        script=str(script),
        folder=None if folder is None else Path(folder),
        flags=set_by_program(given),
        **read_options(said),
    )
    place = find_place(home)
    found = read_script(request, place)
    _check_keywords(more_flags, found.flags, script=found.name)
    if optimizer is None and not _varies(given):
        request = replace(request, optimizer="grid")  # one run is a batch of one all the same
    spec = new(request, found)
    for line in doubts(spec):
        _log.warning(line)
    store = Store.create(place)
    spec = with_source(spec, store, tell=_log.warning)
    run_specification(spec, store, shows_progress=progress)
    return Batch(store, spec.id)


def find_place(home: str | Path | None) -> Path:
    """Return the store's folder: the one that is named, or the nearest one upwards."""
    return find_home(Path.cwd(), explicit=str(home) if home else None, environ=os.environ)


async def arun(script: str | Path, *args: Any, **kwargs: Any) -> Batch:
    """Run a script as ``run`` does, without blocking the event loop."""
    return await asyncio.to_thread(run, script, *args, **kwargs)


def open_store(path: str | Path = ".") -> OpenStore:
    """Open the store in a folder, or in the nearest one upwards.

    Raises:
        StoreAccessError: There is none.
    """
    folder = Path(path)
    home = folder if folder.name.endswith(".tunesmith") else None
    return OpenStore(Store.open(home or find_home(folder.absolute(), explicit=None, environ={})))


def _varies(given: Mapping[str, Setting]) -> bool:
    return any(isinstance(one, Choices | Distribution) for one in given.values())


def _check_keywords(names: Iterable[str], script_flags: ScriptFlags, *, script: str) -> None:
    """Check that no keyword, which is no flag of the script, is an option with a typing error.

    Raises:
        SpecificationError: One of them is.
    """
    options = list(inspect.signature(run).parameters)
    for name in names:
        near = difflib.get_close_matches(name, options, n=1, cutoff=0.75)
        if near and find_flag(script_flags, name) is None:
            raise SpecificationError(
                f"tunesmith.run has no option {name!r}, and {script} no flag of that name: did "
                f"you mean {near[0]!r}?"
            )
