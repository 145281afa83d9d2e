"""Plans: the trials that a batch will run, written before they start."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tunesmith.errors import CorruptObjectError, FlagError, StoreError
from tunesmith.flags.values import from_plain, to_plain
from tunesmith.identity import is_count
from tunesmith.storage.objects.json_objects import Warn, decode_json, encode_json, ignore
from tunesmith.storage.objects.object_names import checked_id
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.trial import PlannedTrial, Prediction


def put_plan(objects: ObjectStore, batch_id: str, planned: Sequence[PlannedTrial]) -> None:
    """Write a proposal as one object.

    Raises:
        StoreError: One of the numbers is planned already.
    """
    if not planned:
        return
    numbers = {one.number for one in planned}
    earlier = {one.number for one in read_plan(objects, batch_id)}
    first = min(numbers)
    name = f"plan/{checked_id(batch_id)}.{first:06d}.json"
    if numbers & earlier or not objects.put_new(name, encode_plan(planned)):
        taken = min(numbers & earlier, default=first)
        raise StoreError(f"trial {taken} of batch {batch_id[:8]} is planned already: plan it once")


def read_plan(objects: ObjectStore, batch_id: str, warn: Warn = ignore) -> list[PlannedTrial]:
    """Return every planned trial of a batch, in the order of the numbers.

    Args:
        objects: The store's objects.
        batch_id: The batch's id.
        warn: Is called with one line for each object that is damaged and left out; by default
            nobody is told.
    """
    planned: dict[int, PlannedTrial] = {}
    for name in plan_names(objects, batch_id):
        try:
            for one in decode_plan(name, objects.get(name)):
                planned.setdefault(one.number, one)
        except KeyError:  # removed meanwhile
            continue
        except CorruptObjectError as error:
            warn(str(error))
    return [planned[number] for number in sorted(planned)]


def plan_names(objects: ObjectStore, batch_id: str) -> list[str]:
    """Return the names of the objects that hold a batch's plan."""
    return objects.list(f"plan/{checked_id(batch_id)}.")


def remove_from_plan(objects: ObjectStore, batch_id: str, numbers: Collection[int]) -> None:
    """Remove trials from a plan; after a crash some of them may be left, and no other is lost."""
    for name in plan_names(objects, batch_id):
        try:
            planned = decode_plan(name, objects.get(name))
        except CorruptObjectError:  # nothing can be read from it
            continue
        kept = [one for one in planned if one.number not in numbers]
        if len(kept) == len(planned):
            continue
        if kept:
            data = encode_plan(kept)
            digest = hashlib.sha256(data).hexdigest()[:16]
            objects.put_new(f"plan/{batch_id}.{kept[0].number:06d}.{digest}.json", data)
        objects.delete(name)


def decode_plan(name: str, data: bytes) -> list[PlannedTrial]:
    """Return the trials of one object.

    Raises:
        CorruptObjectError: The bytes are not what was written.
    """
    fields = decode_json(name, data)
    try:
        return [_trial_from_plain(plain) for plain in fields["trials"]]
    except (FlagError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise CorruptObjectError(f"{name} is damaged: it is not a plan") from error


def encode_plan(planned: Sequence[PlannedTrial]) -> bytes:
    """Return the bytes from which ``decode_plan`` reads the trials again."""
    return encode_json({"trials": [_trial_to_plain(one) for one in planned]})


def _trial_to_plain(planned: PlannedTrial) -> dict[str, Any]:
    model = planned.prediction
    asked = {"asked": True} if planned.is_asked else {}
    return asked | {
        "number": planned.number,
        "flags": {name: to_plain(value) for name, value in planned.flags.items()},
        "origin": planned.origin,
        "prediction": model and to_plain((model.mean, model.sd, model.acquisition)),
    }


def _trial_from_plain(plain: Mapping[str, Any]) -> PlannedTrial:
    number, origin = plain["number"], plain["origin"]
    if not is_count(number) or not isinstance(origin, str):
        raise TypeError("a number and a string are expected")
    return PlannedTrial(
        number=number,
        flags={name: from_plain(value) for name, value in plain["flags"].items()},
        origin=origin,
        prediction=_prediction_from_plain(plain["prediction"]),
        is_asked=plain.get("asked") is True,
    )


def _prediction_from_plain(plain: Any) -> Prediction | None:
    if plain is None:
        return None
    mean, sd, acquisition = map(float, from_plain(plain))  # type: ignore[arg-type]  # checked by float
    return Prediction(mean=mean, sd=sd, acquisition=acquisition)
