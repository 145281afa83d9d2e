"""Running batches from Python, alone or within a flow of the caller's own."""

import asyncio
import difflib
import inspect
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from tunesmith.api.batches import Batch
from tunesmith.api.flow_run import run_specification
from tunesmith.api.keys import check_key, go_on, key_within_run
from tunesmith.api.open_store import OpenStore
from tunesmith.api.spaces import FlagInput, to_assignments
from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import find_flag
from tunesmith.flags.definition import ScriptFlags
from tunesmith.flags.values import FlagValue
from tunesmith.identity import id_of
from tunesmith.request.new import new, with_source
from tunesmith.request.options import read_options
from tunesmith.request.script_of_request import read_script
from tunesmith.request.specification import doubts
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.runner import Runner
from tunesmith.storage.files.home import find_home
from tunesmith.storage.store import Store
from tunesmith.sweeps.opening import resolve

_log = logging.getLogger(__name__)


def run(
    script: str | Path | Sequence[str],
    flags: Mapping[str, FlagInput] | None = None,
    *,
    optimizer: str | None = None,
    optimizer_flags: Mapping[str, FlagValue] | None = None,
    maximize: str | None = None,
    minimize: str | None = None,
    objectives: Sequence[str] | None = None,
    max_trials: int | None = None,
    subject_to: Sequence[str] | None = None,
    where: Sequence[str] | None = None,
    seed: int | None = None,
    first: Sequence[str | Mapping[str, FlagValue]] | None = None,
    learn_from: Sequence[str] | None = None,
    needed: bool | None = None,
    cost: Literal["none", "seconds"] | None = None,
    prune: str | bool | None = None,
    prune_on: str | None = None,
    prune_after: int | None = None,
    repeats: int | str | None = None,
    repeat_over: str | None = None,
    jobs: int | None = None,
    runner: str | Runner | None = None,
    gpus: Sequence[int | str] | None = None,
    per_gpu: int | None = None,
    warm: Literal["auto", "on", "off"] | None = None,
    max_time: float | str | timedelta | None = None,
    target: str | None = None,
    patience: int | Literal["none"] | None = None,
    stop_when_flat: bool | None = None,
    worth: str | None = None,
    max_cost: str | None = None,
    timeout: float | str | timedelta | None = None,
    grace: float | str | timedelta | None = None,
    retries: int | None = None,
    max_failures: int | Literal["none"] | None = None,
    fail_on_trial_error: bool | None = None,
    force_flags: bool | None = None,
    flag_style: Literal[
        "--name value", "--name=value", "name=value", "NAME VALUE", "-name value", "env"
    ]
    | None = None,
    python: str | None = None,
    cwd: Literal["run", "project"] | None = None,
    links: Sequence[str] | None = None,
    output_scalars: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    prefect_logs: bool | None = None,
    name: str | None = None,
    label: str | None = None,
    tags: Sequence[str] | None = None,
    folder: str | Path | None = None,
    home: str | Path | None = None,
    key: str | None = None,
    progress: bool | None = None,
    start: bool = True,
    **more_flags: FlagInput,
) -> Batch:
    """Run a script with different flags, and return the batch when it has ended.

    Within a flow of the caller's own it is a subflow of it. A flag whose name is one of the
    arguments below goes into ``flags``.

    Args:
        script: The script's path, the name of a module, the words of a command, or the path of a
            sweep file, ``sweep.yaml``; arguments come before what the file says.
        flags: Its flags; ``x=tunesmith.uniform(-2, 2)`` may be written as an argument as well.
        optimizer: Optimizer: auto (the preview says which, and why), gp, forest, gbrt, random,
            sobol, grid, optuna:tpe, …
            [default: grid for lists, random for ranges]
        optimizer_flags: Flags of the optimizer, as random-starts=5.
        maximize: Scalar to maximize.
        minimize: Scalar to minimize. [default: loss]
        objectives: Scalars to improve at once, as minimize loss, maximize acc; where typed,
            --minimize and --maximize more than once are the same.
        max_trials: Number of trials, with --repeats N of candidates; of a batch that goes on, of
            additional ones.
            [default: the whole grid, 20 of a search]
        subject_to: Condition on scalars that the best trial has to meet, as 'latency <= 50'.
            [default: none]
        where: Condition on flags that every trial meets, as 'layers * width <= 4096'. [default:
            none]
        seed: Seed for the search. [default: random]
        first: Trial that runs first, as lr=3e-4,depth=6, or defaults for the script's own values.
        learn_from: Results that inform the search: a run, an operation, a CSV file, or a study
            of Optuna as optuna:URL.
        needed: Skip trials that this script completed before with the same flags.
        cost: What the expected gain of a trial is weighed against: its expected seconds, or none
            (gp only). [default: none]
        prune: Stop trials early that will not become the best, by their printed objective:
            careful, bold, halving, median, after:N:K, off, … [default: off]
        prune_on: Scalar by which trials are stopped early. [default: the objective]
        prune_after: Number of printed points of a trial before which it is not stopped early.
            [default: 0]
        repeats: How often each candidate is run, to tell good ones from lucky ones: a number, or
            auto:5 for up to 5 where it is undecided which is the best. [default: 1]
        repeat_over: Flag that is 1, 2, 3, … in the runs of a candidate. [default: seed, where the
            script has it]
        jobs: Trials that run at once. [default: 1, one per GPU, or what the workers take]
        runner: Where trials run: local, dask://HOST:PORT or prefect://. [default: local]
        gpus: GPUs to share out among the trials, as 0,1. [default: none]
        per_gpu: Trials that run at once on each GPU. [default: 1]
        warm: Whether to import once and fork each trial. [default: auto]
        max_time: Start no trial that is expected to end after so long, counted from this start of
            the batch: seconds, or 30m, 2h; 2h! ends those that run by then. [default: none]
        target: Stop once a trial meets a condition, as 'loss <= 0.1'. [default: none]
        patience: Stop after N trials in a row without a better result. [default: none]
        stop_when_flat: Stop when the next trials are expected to gain nothing that could be told
            from noise.
        worth: Stop when the next trials are expected to gain less than that, as '0.001 per
            minute'. [default: none]
        max_cost: Stop when the sum of a scalar over the trials has reached a number, as 'dollars
            20'. [default: none]
        timeout: Time limit of a trial: seconds, or 30s, 5m, 2h. [default: none]
        grace: Time between SIGTERM and SIGKILL: seconds, or 30s. [default: 10s]
        retries: Maximum number of retries of a failed trial. [default: 0]
        max_failures: End the batch after N failed trials. [default: none]
        fail_on_trial_error: End the batch at the first failed trial.
        force_flags: Pass flags that the script is not known to have.
        flag_style: How flags are passed to the program. [default: as the program reads them]
        python: Interpreter of the script. [default: the one that runs Tunesmith]
        cwd: Working directory of a trial: its own copy, or the project. [default: run]
        links: Paths that are linked into the working directory of each trial.
        output_scalars: Patterns of the lines by which the script prints scalars. [default: names
            and numbers anywhere in a line]
        metrics: Files with metrics, JSON or CSV, that a trial writes where it runs. [default:
            metrics.json, metrics.csv, JSON lines and the like]
        prefect_logs: Show the output of the trials in Prefect.
        name: Name by which the runs are called. [default: the one of the script, or of a
            command's program]
        label: Label of the batch and its trials.
        tags: Tags of the batch and its trials.
        folder: The project's folder, of which a trial sees a copy; None for the working directory.
        home: The store's folder; None for the nearest one upwards.
        key: Name of the batch: a later call with the same key and store runs what the batch lacks,
            and returns it. None for a new batch, or, within a flow or task run, for that of the
            same call before a retry.
        progress: Whether to show how it goes; None for where somebody watches: in a notebook, and
            where stderr is a terminal.
        start: Whether to run it. Else it is only written: ``Batch.suggest`` asks for its trials,
            ``Batch.restart`` runs them. A batch of the same key is returned as it is.
        more_flags: Flags too.

    Raises:
        ObjectiveError: A search whose objective no trial reported was ended.
        TunesmithError: Something that was asked for does not fit, or the batch could not be run.
            A trial that fails is no error: it is among the trials.
    """
    request = read_call(locals())
    check_key(key)
    place = find_place(home)
    asked, request = _asked(request, place, key=key, keywords=more_flags)
    store = Store.create(place)
    is_known = asked.id in store.batch_ids()
    if is_known:
        spec = go_on(asked, request, store)
    else:
        spec = with_source(asked, store, tell=_log.warning)
    if spec is not None and start:
        run_specification(spec, store, is_shown=progress)
    elif spec is not None and not is_known:
        store.put_batch(spec)
    return Batch(store, asked.id)


def read_call(arguments: Mapping[str, Any]) -> SweepRequest:
    """Return the request of a call of ``run``.

    Args:
        arguments: The arguments by the names of the parameters; None where nothing was said.

    Raises:
        TunesmithError: A value does not fit.
    """
    given = {**(arguments.get("flags") or {}), **arguments.get("more_flags", {})}
    folder = arguments.get("folder")
    script = arguments["script"]
    is_command = isinstance(script, list | tuple)
    return SweepRequest(
        script=None if is_command else str(script),
        command=tuple(map(str, script)) if is_command else None,
        folder=None if folder is None else Path(folder),
        flags=to_assignments(given),
        **read_options(arguments, is_typed=False),
    )


def _asked(
    request: SweepRequest, home: Path, *, key: str | None, keywords: Collection[str]
) -> tuple[BatchSpec, SweepRequest]:
    """Return the batch that is asked for, and the request with what its sweep file says."""
    resolved = resolve(request, environ=os.environ)
    for line in resolved.notes:
        _log.warning(line)
    request = resolved.request
    script = read_script(request, home)
    _check_keywords(keywords, script.flags, script=script.name)
    asked = new(request, script, home)
    if asked.is_single:  # one run is a batch of one all the same
        asked = new(replace(request, optimizer="grid"), script, home)
    for line in doubts(asked):
        _log.warning(line)
    name = key or key_within_run(request)
    return (replace(asked, id=id_of(f"key {name}")) if name else asked), request


def find_place(home: str | Path | None) -> Path:
    """Return the store's folder: the one that is named, or the nearest one upwards."""
    return find_home(Path.cwd(), explicit=str(home) if home else None, environ=os.environ)


async def arun(script: str | Path | Sequence[str], *args: Any, **kwargs: Any) -> Batch:
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


def _check_keywords(names: Collection[str], script_flags: ScriptFlags, *, script: str) -> None:
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
