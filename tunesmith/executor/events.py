"""Scalars from the TensorBoard event files that a script writes."""

import os
import re
import struct
from array import array
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunesmith.regular_file import open_regular
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.files.layout import METADATA

EVENT_FILES = "events.out.tfevents."
"""A part of the name of every event file."""
_HEADER = struct.Struct("<Q4x")
_FOOTER_BYTES = 4
"""The checksum after each record."""
_FRAME_BYTES = _FOOTER_BYTES + _HEADER.size
_N_BETWEEN = 1_000
"""Records between two looks at the clock."""
_MADE = re.compile(
    r"^[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_|^version_\d+$|\d{4}[-_]?\d\d[-_]?\d\d[-_T ]\d\d"
    r"|^\d{4}-\d\d-\d\d$|\d{10,}|^run_?\d+$"
)
"""A name that is made of a time, as a SummaryWriter and most scripts do, or of a version."""
_FLOAT_FORMATS = {1: "<f", 2: "<d", 3: "<i", 9: "<q"}
"""The data types of a scalar in TensorFlow's tensors: float, double, int32, int64."""


@dataclass(slots=True)
class _Points:
    steps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    times: "array[float]" = field(default_factory=lambda: array("d"))


def read_event_series(directory: Path) -> list[ScalarSeries]:
    """Return the scalars of all event files under a directory.

    A file in a sub-directory gives tags such as ``val#acc``, but a folder that is named after a
    time or a version, and those around it, are no part of a tag. A torn, damaged or unreadable end
    of a file is left out, as TensorBoard does. Several files of one directory follow each other.

    Args:
        directory: The run's working directory; its ``.run`` is left out.
    """
    return read_events_until(directory, lambda: False)[0]


def read_events_until(
    directory: Path, is_late: Callable[[], bool]
) -> tuple[list[ScalarSeries], bool]:
    """Return scalars as ``read_event_series`` does, and whether they are all.

    Args:
        directory: As ``read_event_series`` takes it.
        is_late: Is asked now and then; the rest is left out once it returns True.
    """
    found: dict[str, _Points] = {}
    is_whole = _read_all(found, directory, is_late)
    series = [
        ScalarSeries(tag=tag, steps=points.steps, values=points.values, times=points.times)
        for tag, points in found.items()
    ]
    return series, is_whole


def find_event_tags(directory: Path, wanted: Collection[str]) -> set[str]:
    """Return the tags in event files under a directory; all of them, or the wanted ones and some.

    All folders of a file are a part of its tags.

    Args:
        directory: As ``read_event_series`` takes it.
        wanted: Tags after which the rest need not be read.
    """
    found: dict[str, _Points] = {}
    _read_all(found, directory, lambda: found.keys() >= set(wanted), is_whole_place=True)
    return set(found)


def _read_all(
    found: dict[str, _Points],
    directory: Path,
    is_late: Callable[[], bool],
    *,
    is_whole_place: bool = False,
) -> bool:
    """Add the scalars of all event files by tag; return whether none was left out."""
    for path in find_event_files(directory):
        place = path.parent.relative_to(directory)
        prefix = _prefix(place if is_whole_place else _lasting(place))
        if not _read_into(found, path, prefix, is_late):
            return False
    return True


def _prefix(place: Path) -> str:
    return "" if place == Path() else f"{place.as_posix()}#"


def _lasting(place: Path) -> Path:
    """Return a place below the last folder whose name is another one in each run."""
    made = [n for n, part in enumerate(place.parts) if _MADE.search(part)]
    return Path(*place.parts[made[-1] + 1 :]) if made else place


def find_event_files(directory: Path) -> list[Path]:
    """Return the readable event files under a directory, sorted, without those in ``.run``."""
    return sorted(path for path in _named(directory) if _is_readable(path))


def find_unreadable(directory: Path) -> list[Path]:
    """Return what has the name of an event file and cannot be read as one, sorted."""
    return sorted(path for path in _named(directory) if not _is_readable(path))


def _named(directory: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if name != METADATA]
        yield from (Path(folder, name) for name in names if EVENT_FILES in name)


def _is_readable(path: Path) -> bool:
    return os.access(path, os.R_OK) and os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises


def _read_into(
    found: dict[str, _Points], path: Path, prefix: str, is_late: Callable[[], bool]
) -> bool:
    """Add the scalars of a file to those by tag; return whether there was time for all."""
    # protobuf is imported only for a script that writes event files
    from google.protobuf.message import DecodeError
    from tensorboardX.proto.event_pb2 import Event

    for place, record in enumerate(_records(path)):
        if place % _N_BETWEEN == 0 and is_late():
            return False
        try:
            event = Event.FromString(record)
        except DecodeError:
            return True
        for value in event.summary.value:
            number = value.simple_value or _number(value)
            if number is None:
                continue
            tag = prefix + value.tag
            if (points := found.get(tag)) is None:
                points = found[tag] = _Points()
            points.steps.append(event.step)
            points.values.append(number)
            points.times.append(event.wall_time)
    return True


def _records(path: Path) -> Iterator[bytes]:
    """Yield the records of a file up to the first incomplete or unreadable one."""
    with suppress(OSError), open_regular(path) as file:
        n_left = os.fstat(file.fileno()).st_size - _HEADER.size
        header = file.read(_HEADER.size)
        while n_left >= 0 and len(header) == _HEADER.size:
            (length,) = _HEADER.unpack(header)
            n_left -= length + _FRAME_BYTES
            if n_left < -_HEADER.size:  # torn, or damaged: such a length must not be allocated
                return
            chunk = file.read(length + _FRAME_BYTES)  # with the header of the next one: one call
            yield chunk[:length]
            header = chunk[length + _FOOTER_BYTES :]


def _number(value: Any) -> float | None:
    """Return a summary's scalar, in its own field or as a tensor; None for anything else."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return float(value.simple_value)
    if kind != "tensor" or value.metadata.plugin_data.plugin_name not in ("", "scalars"):
        return None
    tensor = value.tensor
    if any(dimension.size != 1 for dimension in tensor.tensor_shape.dim):
        return None
    for held in (tensor.float_val, tensor.double_val, tensor.int_val, tensor.int64_val):
        if len(held) == 1:
            return float(held[0])
    layout = _FLOAT_FORMATS.get(tensor.dtype)
    if layout is None or len(tensor.tensor_content) != struct.calcsize(layout):
        return None
    return float(struct.unpack(layout, tensor.tensor_content)[0])
