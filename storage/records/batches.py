"""Batch specifications in the store: one for each generation, and how a generation ended."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_from_plain, batch_to_json
from tunesmith.errors import (
    CorruptObjectError,
    LeaseHeldError,
    NotFoundError,
    SpecificationError,
)
from tunesmith.job_time import JobTime
from tunesmith.objective import Objective
from tunesmith.storage.objects.json_objects import decode_json, encode_json
from tunesmith.storage.objects.object_names import (
    checked_id,
    end_name,
    parse_specification_name,
    specification_name,
)
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.trial import TrialRecord, seen_by

CHANGED = "changed"
"""The end of a generation that another one took over, or that waits for a restart to run it."""
_JOB_TIME = tuple(field.name for field in dataclasses.fields(JobTime))


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEnd:
    """How a generation of a batch ended."""

    generation: int
    """Counts from 0."""
    reason: str
    """Empty if all its trials ran, else ``exhausted``, ``stopped``, ``failures``,
    ``no-objective``, ``changed`` (see ``CHANGED``), or the limit that was reached
    (``stopping.ENDS``)."""
    words: str = ""
    """Which limit that was, for readers; empty of other ends."""
    stopped: float
    """Seconds since 1970, UTC."""
    seconds: float | None = None
    """How long it ran, by a monotonic clock; None where an earlier Tunesmith did not note it."""
    job_time: JobTime | None = None
    """What its jobs had and where they stood idle; None where that was not noted."""


def put_specification(objects: ObjectStore, spec: BatchSpec) -> None:
    """Write a generation's specification; do nothing if it has been written before.

    Raises:
        LeaseHeldError: Another process has begun this generation.
    """
    name = specification_name(spec.id, spec.generation)
    data = batch_to_json(spec).encode()
    if objects.put_new(name, data):
        return
    if _without_home(objects.get(name), name) != _without_home(data, name):
        raise LeaseHeldError(
            f"batch {spec.id[:8]} was started by another process at the same moment: "
            "wait until that one has ended"
        )


def add_generation(objects: ObjectStore, spec: BatchSpec) -> bool:
    """Write a generation that another process may run; return False where there is one by now."""
    name = specification_name(spec.id, spec.generation)
    return objects.put_new(name, batch_to_json(spec).encode())


def read_later(objects: ObjectStore, spec: BatchSpec) -> BatchSpec | None:
    """Return the latest generation of a batch; None where it is the one that is given.

    Generations are numbered without gaps, so that one look at the next name tells.
    """
    try:
        objects.get(specification_name(spec.id, spec.generation + 1))
    except KeyError:
        return None
    return read_specification(objects, spec.id, position=-1)


def batch_ids(objects: ObjectStore) -> list[str]:
    """Return the ids of all batches and single runs, from names alone."""
    parsed = map(parse_specification_name, objects.list("batches/"))
    return sorted({found[0] for found in parsed if found is not None})


def specification_names(objects: ObjectStore, batch_id: str) -> list[str]:
    """Return the names of a batch's specifications, in the order of the generations."""
    names = objects.list(f"batches/{checked_id(batch_id)}.")
    generations = [(found[1], name) for name in names if (found := parse_specification_name(name))]
    return [name for _, name in sorted(generations)]


def read_specification(objects: ObjectStore, batch_id: str, *, position: int) -> BatchSpec:
    """Return one of a batch's specifications.

    Args:
        objects: The store's objects.
        batch_id: The batch's id.
        position: 0 for the first generation's, -1 for the latest's.

    Raises:
        NotFoundError: There is no such batch.
        CorruptObjectError: It cannot be read.
    """
    names = specification_names(objects, batch_id)
    if not names:
        raise NotFoundError(f"there is no batch {batch_id}: see tunesmith runs")
    name = names[position]
    try:
        spec = batch_from_plain(decode_json(name, objects.get(name)))
    except KeyError as error:
        raise NotFoundError(f"batch {batch_id} was removed meanwhile") from error
    except (SpecificationError, RecursionError) as error:
        raise CorruptObjectError(f"{name} is damaged: {error}") from error
    if parse_specification_name(name) != (spec.id, spec.generation):
        raise CorruptObjectError(f"{name} is damaged: it is of another batch or generation")
    return spec


def put_end(objects: ObjectStore, batch_id: str, end: BatchEnd) -> None:
    """Write how a generation ended; only the first note of a generation counts."""
    fields: dict[str, Any] = {
        "reason": end.reason,
        "stopped": end.stopped,
        "seconds": end.seconds,
    }
    if end.words:
        fields["words"] = end.words
    if end.job_time is not None:
        fields["job_time"] = dataclasses.asdict(end.job_time)
    objects.put_new(end_name(batch_id, end.generation), encode_json(fields))


def with_named_objectives(
    objects: ObjectStore, records: Sequence[TrialRecord]
) -> tuple[TrialRecord, ...]:
    """Return records with the objective that a restart of their batch has named, if any has."""
    named = {one: _objective_named_in(objects, one) for one in {one.batch for one in records}}
    return tuple(
        record if (objective := named[record.batch]) is None else seen_by(record, objective)
        for record in records
    )


def read_ends(objects: ObjectStore, batch_id: str) -> list[BatchEnd | None]:
    """Return how each generation ended, or None for one without a note.

    Raises:
        CorruptObjectError: A note is damaged.
    """
    parsed = map(parse_specification_name, specification_names(objects, batch_id))
    return [_read_end(objects, batch_id, found[1]) for found in parsed if found is not None]


def read_job_times(objects: ObjectStore, batch_id: str) -> list[JobTime | None]:
    """Return what each generation noted of its jobs; None for one whose note is lost, too."""
    try:
        ends = read_ends(objects, batch_id)
    except CorruptObjectError:  # a batch can be shown without
        return [None]
    return [None if end is None else end.job_time for end in ends]


def _read_end(objects: ObjectStore, batch_id: str, generation: int) -> BatchEnd | None:
    name = end_name(batch_id, generation)
    try:
        fields = decode_json(name, objects.get(name))
        seconds = None if fields.get("seconds") is None else float(fields["seconds"])
        if seconds is not None and not math.isfinite(seconds):
            raise CorruptObjectError(f"{name} is damaged: it ran {seconds} seconds")
        return BatchEnd(
            generation=generation,
            reason=str(fields["reason"]),
            stopped=float(fields["stopped"]),
            seconds=seconds,
            words=str(fields.get("words", "")),
            job_time=_job_time(fields.get("job_time")),
        )
    except KeyError as error:
        if error.args == (name,):
            return None
        raise CorruptObjectError(f"{name} is damaged: {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise CorruptObjectError(f"{name} is damaged: {error}") from error


def _job_time(plain: Any) -> JobTime | None:
    return None if plain is None else JobTime(**{key: float(plain[key]) for key in _JOB_TIME})


def _objective_named_in(objects: ObjectStore, batch_id: str) -> Objective | None:
    if len(specification_names(objects, batch_id)) < 2:
        return None
    try:
        spec = read_specification(objects, batch_id, position=-1)
    except (NotFoundError, CorruptObjectError):  # its trials are as they were recorded
        return None
    return spec.objective if spec.objective_named_in else None


def _without_home(data: bytes, name: str) -> dict[str, object]:
    """Return what is written, but for where the store lay, as earlier versions noted."""
    return {key: value for key, value in decode_json(name, data).items() if key != "home"}
