"""Scalars from the TensorBoard event files that a script writes."""

import os
import struct
from array import array
from collections.abc import Iterator
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
_FLOAT_FORMATS = {1: "<f", 2: "<d", 3: "<i", 9: "<q"}
"""The data types of a scalar in TensorFlow's tensors: float, double, int32, int64."""


@dataclass(slots=True)
class _Points:
    steps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    times: "array[float]" = field(default_factory=lambda: array("d"))


def read_event_series(directory: Path) -> list[ScalarSeries]:
    """Return the scalars of all event files under a directory.

    A file in a sub-directory gives tags such as ``val#acc``. A torn, damaged or unreadable end of
    a file is left out, as TensorBoard does. Several files of one directory follow each other.

    Args:
        directory: The run's working directory; its ``.run`` is left out.
    """
    found: dict[str, _Points] = {}
    for path in find_event_files(directory):
        place = path.parent.relative_to(directory)
        prefix = "" if place == Path() else f"{place.as_posix()}#"
        for tag, step, value, time in _scalars(path):
            points = found.setdefault(prefix + tag, _Points())
            points.steps.append(step)
            points.values.append(value)
            points.times.append(time)
    return [
        ScalarSeries(tag=tag, steps=points.steps, values=points.values, times=points.times)
        for tag, points in found.items()
    ]


def find_event_files(directory: Path) -> list[Path]:
    """Return the readable event files under a directory, sorted, without those in ``.run``."""
    found = []
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if name != METADATA]
        found += [Path(folder, name) for name in names if EVENT_FILES in name]
    return sorted(path for path in found if os.access(path, os.R_OK) and os.path.isfile(path))  # noqa: PTH113 - Path.is_file raises


def _scalars(path: Path) -> Iterator[tuple[str, int, float, float]]:
    """Yield tag, step, value and time of each scalar in one file."""
    # protobuf is imported only for a script that writes event files
    from google.protobuf.message import DecodeError
    from tensorboardX.proto.event_pb2 import Event

    for record in _records(path):
        try:
            event = Event.FromString(record)
        except DecodeError:
            return
        for value in event.summary.value:
            number = _number(value)
            if number is not None:
                yield value.tag, event.step, number, event.wall_time


def _records(path: Path) -> Iterator[bytes]:
    """Yield the records of a file up to the first incomplete or unreadable one."""
    with suppress(OSError), open_regular(path) as file:
        n_left = os.fstat(file.fileno()).st_size
        while len(header := file.read(_HEADER.size)) == _HEADER.size:
            (length,) = _HEADER.unpack(header)
            n_left -= _HEADER.size + length + _FOOTER_BYTES
            if n_left < 0:  # torn, or damaged: such a length must not be allocated
                return
            record = file.read(length)
            file.read(_FOOTER_BYTES)
            yield record


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
