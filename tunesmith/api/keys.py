"""Calls of ``tunesmith.run`` that go on with the batch of an earlier one, by their key."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import find_flag
from tunesmith.flags.display import exact_setting, format_setting
from tunesmith.request.change import complete
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.storage.store import Store
from tunesmith.trial import short_id


def key_within_run(request: SweepRequest) -> str | None:
    """Return the key by which a flow or task run, tried again, finds its batch; None in none.

    Args:
        request: What is asked for.
    """
    if "prefect" not in sys.modules:  # there is no such run, and to import it takes a while
        return None
    from tunesmith.flows.caller import key_of_call

    return key_of_call(repr(request))


def check_key(key: object) -> None:
    """Check a key that a program gives; None is none.

    Raises:
        SpecificationError: It is no text.
    """
    if key is not None and not (isinstance(key, str) and key.strip()):
        raise SpecificationError(f"key is {key!r}: expected a text, such as 'nightly'")


def go_on(asked: BatchSpec, request: SweepRequest, store: Store) -> BatchSpec | None:
    """Return the generation that runs what a batch lacks; None if it lacks nothing.

    Args:
        asked: What would be run if there were no batch of this id.
        request: What was asked for; secrets are read of it, which no batch keeps.
        store: Where the batch is.

    Raises:
        SpecificationError: It is a batch of another script or space, it was deleted, or it came
            from an archive.
        TunesmithError: What is asked for cannot change any more.
    """
    earlier, short = store.batch(asked.id), short_id(asked.id)
    for name, has, given in _differences(earlier, asked):
        raise SpecificationError(
            f"the batch of this key, {short}, has {name} {has}, and {given} was given: give what "
            "it has, or another key"
        )
    if store.imported_from(asked.id) is not None:
        raise SpecificationError(
            f"the batch of this key, {short}, was imported from an archive: go on with it by "
            "its restart(imported=True), or give another key"
        )
    if any(run.id == asked.id and run.is_deleted for run in store.list_runs().runs):
        raise SpecificationError(
            f"the batch of this key, {short}, was deleted: tunesmith runs restore {short}, or "
            "give another key"
        )
    secrets = [
        one
        for one in request.flags or ()
        if (flag := find_flag(asked.script_flags, one.name)) and flag.name in asked.secrets
    ]
    ended = store.end(asked.id)
    return complete(
        earlier,
        replace(request, flags=tuple(secrets)),
        n_trials=asked.n_trials or 0,
        planned=store.plan(asked.id),
        records=store.records(asked.id).records,
        now=time.time(),
        ended=ended.reason if ended else "",
    )


def _differences(earlier: BatchSpec, asked: BatchSpec) -> Iterator[tuple[str, str, str]]:
    """Yield the name and both values of what two batches do not share: script, optimizer, flags.

    Flags that a restart of the batch has changed may differ.
    """
    had, script = (Path(spec.project) / spec.script for spec in (earlier, asked))
    if had != script:
        yield "script", str(had), str(script)
    ran, program = map(_typed, (earlier, asked))
    if had == script and ran != program:
        yield "program", ran, program
    if earlier.optimizer and asked.optimizer and earlier.optimizer.name != asked.optimizer.name:
        yield "optimizer", earlier.optimizer.name, asked.optimizer.name
    names = (earlier.given_names | asked.given_names) - frozenset(earlier.changed)
    for name in sorted(names):
        has, given = earlier.settings.get(name), asked.settings.get(name)
        if exact_setting(has) != exact_setting(given):
            yield name, format_setting(has), format_setting(given)


def _typed(spec: BatchSpec) -> str:
    """Return how a batch's program is typed, with its subcommand."""
    return " ".join([*spec.program.typed(spec.script), *spec.script_flags.subcommand])
