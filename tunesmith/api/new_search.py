"""A search without a script, from Python."""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from tunesmith.api.batches import Batch
from tunesmith.api.running import find_place
from tunesmith.api.spaces import FlagInput, to_assignments
from tunesmith.errors import SpecificationError
from tunesmith.flags.values import FlagValue
from tunesmith.request.options import read_options
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.steering.options import OPTIONS
from tunesmith.storage.store import Store


class SearchOptions(TypedDict, total=False):
    """The options of a search whose trials its caller runs; each is what it is for ``run``."""

    optimizer: str | None
    optimizer_flags: Mapping[str, FlagValue] | None
    maximize: str | None
    minimize: str | None
    objectives: Sequence[str] | None
    max_trials: int | None
    subject_to: Sequence[str] | None
    where: Sequence[str] | None
    seed: int | None
    first: Sequence[str | Mapping[str, FlagValue]] | None
    learn_from: Sequence[str] | None
    repeats: int | str | None
    repeat_over: str | None
    name: str | None
    label: str | None
    tags: Sequence[str] | None


def new_search(
    flags: Mapping[str, FlagInput],
    *,
    home: str | Path | None = None,
    **options: Unpack[SearchOptions],
) -> Batch:
    """Make a search whose trials the caller runs, and return it.

    ``Batch.suggest`` gives the trials, ``Batch.observe`` takes what came of them.

    Args:
        flags: What is searched, as ``{"x": tunesmith.uniform(0, 1)}``.
        home: The store's folder; None for the nearest one upwards.
        options: Options of ``tunesmith.run`` that say how to search, and what it is called.

    Raises:
        FlagError: A flag cannot be searched so.
        SpecificationError: There is no option of a name, or a value does not fit.
    """
    from tunesmith.steering.unscripted import new_search as make

    _check_names(options)
    request = SweepRequest(flags=to_assignments(flags), **read_options(options, is_typed=False))
    store = Store.create(find_place(home))
    spec = make(request, store.home.parent)
    store.put_batch(spec)
    return Batch(store, spec.id)


def _check_names(options: Mapping[str, Any]) -> None:
    for name in options:
        if name not in OPTIONS:
            near = difflib.get_close_matches(name, OPTIONS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(OPTIONS)}"
            raise SpecificationError(f"a search without a script has no option {name!r}: {hint}")
