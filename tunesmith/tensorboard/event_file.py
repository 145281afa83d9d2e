"""Event files with hyperparameters, written synchronously.

tensorboardX's ``SummaryWriter.add_hparams`` is not used: it names runs by the clock, fixes the
columns by the first run, and can lose what is in its queue. Only its protocol buffers and its
``RecordWriter`` are used.
"""

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.scalar import ScalarSeries
from tunesmith.tensorboard.hparams import HParam, HParamType

SUFFIX = ".tunesmith"
"""The suffix of our files; without it, two files written in one second could share a name."""
_PLUGIN = "hparams"
_VERSION = "brain.Event:2"
"""The version that every event file starts with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A scalar that is a column: ``val#acc`` is the tag ``acc`` of the folder ``val``."""

    tag: str
    group: str = ""

    @classmethod
    def from_tag(cls, tag: str) -> "Metric":
        """Return the metric of a scalar's tag."""
        group, _, name = tag.rpartition("#")
        return cls(tag=name, group=group)


class EventFile:
    """One event file, open for writing."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write_experiment(
        self, types: Mapping[str, HParamType], metrics: Sequence[Metric], *, created: float
    ) -> None:
        """Write the columns.

        Only types are written, no domains: with them, TensorBoard would filter out later values.
        """
        from tensorboardX.proto.api_pb2 import (
            DataType,
            Experiment,
            HParamInfo,
            MetricInfo,
            MetricName,
        )

        experiment = Experiment(
            time_created_secs=created,
            hparam_infos=[
                HParamInfo(name=name, type=DataType.Value(str(kind)))
                for name, kind in types.items()
            ],
            metric_infos=[
                MetricInfo(name=MetricName(tag=one.tag, group=one.group)) for one in metrics
            ],
        )
        self._write_hparams("_hparams_/experiment", created, experiment=experiment)

    def write_start(self, hparams: Mapping[str, HParam], *, group: str, started: float) -> None:
        """Start a session: one run, with its flags.

        Args:
            hparams: The flags.
            group: The name of the group; its sessions are one row with the mean of each metric.
            started: The start time in seconds since 1970, UTC.
        """
        from tensorboardX.proto.plugin_hparams_pb2 import SessionStartInfo

        info = SessionStartInfo(start_time_secs=started, group_name=group)
        for name, value in hparams.items():
            if isinstance(value, bool):
                info.hparams[name].bool_value = value
            elif isinstance(value, str):
                info.hparams[name].string_value = value
            else:
                info.hparams[name].number_value = value
        self._write_hparams("_hparams_/session_start_info", started, session_start_info=info)

    def write_end(self, *, is_success: bool, stopped: float) -> None:
        """End the session; TensorBoard ignores all but the first end."""
        from tensorboardX.proto.api_pb2 import Status
        from tensorboardX.proto.plugin_hparams_pb2 import SessionEndInfo

        status = Status.Value("STATUS_SUCCESS" if is_success else "STATUS_FAILURE")
        info = SessionEndInfo(status=status, end_time_secs=stopped)
        self._write_hparams("_hparams_/session_end_info", stopped, session_end_info=info)

    def write_series(self, series: ScalarSeries, *, tag: str) -> None:
        """Write the points of a scalar."""
        for step, value, moment in zip(series.steps, series.values, series.times, strict=True):
            self.write_scalar(tag, value, step=step, moment=moment)

    def write_scalar(self, tag: str, value: float, *, step: int, moment: float) -> None:
        """Write one point; TensorBoard stores its value as a 32-bit float."""
        from tensorboardX.proto.summary_pb2 import Summary

        self._write(Summary.Value(tag=tag, simple_value=value), step=step, moment=moment)

    def _write_hparams(self, tag: str, moment: float, **info: Any) -> None:
        from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData
        from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata

        content = HParamsPluginData(version=0, **info).SerializeToString()
        plugin = SummaryMetadata.PluginData(plugin_name=_PLUGIN, content=content)
        value = Summary.Value(tag=tag, metadata=SummaryMetadata(plugin_data=plugin))
        self._write(value, step=0, moment=moment)

    def _write(self, value: Any, *, step: int, moment: float) -> None:
        from tensorboardX.proto.event_pb2 import Event
        from tensorboardX.proto.summary_pb2 import Summary

        event = Event(wall_time=moment, step=step, summary=Summary(value=[value]))
        self._writer.write(event.SerializeToString())


@contextmanager
def new_event_file(folder: Path, *, name: str) -> Iterator[EventFile]:
    """Open a new event file in a folder, which is created if necessary, and close it at the end.

    Args:
        folder: The folder, which TensorBoard shows as a run.
        name: The last part of the file's name, different for each file in the folder.
    """
    # protocol buffers take 0.1 s to import
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.record_writer import RecordWriter

    folder.mkdir(parents=True, exist_ok=True)
    now = time.time()
    path = folder / f"events.out.tfevents.{int(now)}.{socket.gethostname()}{SUFFIX}.{name}"
    # tensorboardX's EventsWriter syncs each file to disk, which takes a minute for 10,000 trials
    writer = RecordWriter(str(path))
    try:
        writer.write(Event(wall_time=now, file_version=_VERSION).SerializeToString())
        yield EventFile(writer)
    finally:
        writer.close()
