"""``tunesmith tensorboard``: asked through TensorBoard's own HTTP interface."""

import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tensorboardX import SummaryWriter

from tests.cli.conftest import MORNING, Library, Outcome
from tunesmith.objective import Objective
from tunesmith.scalar import ScalarColumn
from tunesmith.trial import PlannedTrial, TrialStatus

TIMEOUT_S = 60


ALL = ["STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_UNKNOWN", "STATUS_RUNNING"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What TensorBoard says of one row of its table."""

    hparams: Mapping[str, Any]
    metrics: Mapping[str, float]
    statuses: tuple[str, ...]


def _ask(url: str, what: str, query: Mapping[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{url}data/plugin/hparams/{what}",
        data=json.dumps(query).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def _sessions(url: str) -> dict[str, Session]:
    query = {
        "experimentName": "",
        "allowedStatuses": ALL,
        "startIndex": 0,
        "sliceSize": 10_000,
        "colParams": [],
    }
    try:
        groups = _ask(url, "session_groups", query)["sessionGroups"]
    except urllib.error.HTTPError:  # nothing has been read yet
        return {}
    return {
        group["name"]: Session(
            hparams=group["hparams"],
            metrics={
                "#".join(filter(None, (one["name"]["group"], one["name"]["tag"]))): one["value"]
                for one in group.get("metricValues", [])
            },
            statuses=tuple(one["status"] for one in group["sessions"]),
        )
        for group in groups
    }


def _wait(url: str, is_there: Callable[[dict[str, Session]], bool]) -> dict[str, Session]:
    deadline = time.monotonic() + TIMEOUT_S
    sessions: dict[str, Session] = {}
    while time.monotonic() < deadline:
        sessions = _sessions(url)
        if is_there(sessions):
            return sessions
    pytest.fail(f"TensorBoard still shows {sessions}")


def _float32(value: float) -> float:
    """The value as TensorBoard keeps a scalar: in 32 bits."""
    number: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return number


@contextmanager
def _served(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command until the body ends, and give it and TensorBoard's address."""
    command = [sys.executable, "-m", "tunesmith", "tensorboard", "--no-open", *arguments]
    temporary = folder / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{20,}/", process.stdout.readline())
        assert found, process.communicate(timeout=TIMEOUT_S)
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT_S)


def _is_gone(group: int) -> bool:
    """Whether a process group ends: TensorBoard's own children do when it has ended."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
    return False


def _shown(folder: Path, *, n_runs: int) -> dict[str, Session]:
    """Serve all runs and return what TensorBoard says of them."""
    with _served(folder) as (_, url):
        return _wait(
            url, lambda sessions: sum(len(s.statuses) for s in sessions.values()) == n_runs
        )


def test_every_trial_flag_and_metric_is_there_with_exact_values(
    library: Library, call: Callable[..., Outcome], tmp_path: Path
) -> None:
    ids = library.search()

    with _served(tmp_path) as (_, url):
        sessions = _wait(url, lambda sessions: len(sessions) == 3)

    assert list(sessions) == [f"{n:04}-{run[:8]}" for n, run in enumerate(ids, start=1)]
    for number, session in enumerate(sessions.values(), start=1):
        assert session.hparams == {"x": 0.123456789 * number, "noise": 0.1, "sourcecode": ""}
    first, failed, last = sessions.values()
    assert first.metrics == {"loss": -0.5, "time": 1.5}
    assert failed.metrics == {"time": 1.5}
    assert last.metrics == {"loss": _float32(-0.936412345), "time": 1.5}
    assert [s.statuses for s in sessions.values()] == [
        ("STATUS_SUCCESS",),
        ("STATUS_FAILURE",),
        ("STATUS_SUCCESS",),
    ]


def test_a_trial_that_finishes_meanwhile_appears_and_ctrl_c_leaves_nothing(
    library: Library, tmp_path: Path
) -> None:
    library.single("a1" * 16, {"x": 1.0}, started=MORNING, loss=0.25)
    with _served(tmp_path) as (process, url):
        _wait(url, lambda sessions: len(sessions) == 1)

        library.single("b2" * 16, {"x": 2.0}, started=MORNING + 9, loss=0.125)

        sessions = _wait(url, lambda sessions: len(sessions) == 2 and "b2b2b2b2" in sessions)
        assert sessions["b2b2b2b2"].hparams["x"] == 2.0
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=TIMEOUT_S) == 0
    assert list((tmp_path / "temporary").glob("*tensorboard*")) == []
    assert _is_gone(process.pid)


def test_a_running_trial_is_shown_and_its_end_is_added(library: Library, tmp_path: Path) -> None:
    batch = "c3" * 16
    library.spec(batch, optimizer=None, settings={"x": 1.0})
    planned = PlannedTrial(number=0, flags={"x": 1.0}, origin="")
    with library.store.lease(batch), _served_after_start(library, batch, planned, tmp_path) as url:
        sessions = _wait(url, lambda sessions: len(sessions) == 1)
        assert sessions["c3c3c3c3"].statuses == ("STATUS_UNKNOWN",)

        library.trial(batch, planned, started=MORNING, loss=0.5)

        sessions = _wait(url, lambda sessions: "STATUS_SUCCESS" in sessions["c3c3c3c3"].statuses)
        assert sessions["c3c3c3c3"].metrics == {"loss": 0.5, "time": 1.5}


@contextmanager
def _served_after_start(
    library: Library, batch: str, planned: PlannedTrial, tmp_path: Path
) -> Iterator[str]:
    library.store.put_plan(batch, [planned])
    library.store.start_trial(batch, planned.number, attempt=1, started=MORNING)
    with _served(tmp_path) as (_, url):
        yield url


def test_repeats_are_one_row_with_their_mean(library: Library, tmp_path: Path) -> None:
    for run, loss in (("a1", 0.25), ("b2", 0.75), ("c3", 0.5)):
        x = 9.0 if run == "c3" else 1.0
        library.single(run * 16, {"x": x}, started=MORNING, loss=loss)

    sessions = _shown(tmp_path, n_runs=3)

    assert sessions["a1a1a1a1"].metrics["loss"] == 0.5
    assert len(sessions["a1a1a1a1"].statuses) == 2
    assert set(sessions) == {"a1a1a1a1", "c3c3c3c3"}


def test_event_files_of_the_script_are_linked_with_their_folders(
    library: Library, tmp_path: Path
) -> None:
    run = library.single("a1" * 16, {"x": 1.0}, started=MORNING, loss=0.25)
    directory = library.store.layout.trial_directory(run, run)
    with SummaryWriter(str(directory / "val")) as writer:
        writer.add_scalar("acc", 0.75, 3)

    with _served(tmp_path) as (_, url):
        _wait(url, lambda sessions: len(sessions) == 1)
        (link,) = (tmp_path / "temporary").glob("*/a1a1a1a1/val/*tfevents*")
        assert link.resolve().parent == directory / "val"
        with urllib.request.urlopen(f"{url}data/plugin/scalars/tags") as answer:
            assert "acc" in json.load(answer)["a1a1a1a1/val"]


def test_hyperparameters_that_a_script_writes_itself_do_not_hide_ours(
    library: Library, tmp_path: Path
) -> None:
    run = library.single("a1" * 16, {"x": 1.0}, started=MORNING, loss=0.25)
    directory = library.store.layout.trial_directory(run, run)
    with SummaryWriter(str(directory)) as writer:
        writer.add_hparams({"other": 1.0}, {"hparam/other": 2.0}, name=".")

    sessions = _shown(tmp_path, n_runs=1)

    assert sessions["a1a1a1a1"].hparams == {"x": 1.0, "sourcecode": ""}


def _status(url: str, **headers: str) -> int:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ],
    ids=lambda one: "+".join(one) if isinstance(one, dict) else str(one),
)
def test_who_asks_is_looked_at(
    library: Library, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    library.grid()
    with _served(tmp_path) as (_, url):
        assert _status(f"{url}data/runs", **headers) == status
        assert _status(f"{url}data/plugin/scalars/tags", **headers) == status


def test_who_does_not_know_the_address_gets_nothing_and_there_is_no_other_port(
    library: Library, tmp_path: Path
) -> None:
    library.grid()
    with _served(tmp_path) as (process, url):
        root = url.rstrip("/").rpartition("/")[0]
        assert _status(url) == 200
        assert [_status(f"{root}{path}") for path in ("/", "/data/runs", "/x/data/runs")] == [
            404
        ] * 3
        lines = subprocess.run(
            ["ps", "-o", "args=", "-g", str(process.pid)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    assert len(lines) == 1, lines


def test_the_browser_is_not_told_the_address_on_its_command_line(
    library: Library, tmp_path: Path
) -> None:
    library.grid()
    script = tmp_path / "browser"
    script.write_text('#!/bin/sh\necho "$1" > "$0.out"; cat "${1#file://}" >> "$0.out"\n')
    script.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "tunesmith", "tensorboard"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path), "BROWSER": f"{script} %s"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().removeprefix("TensorBoard: ").strip()
    out = tmp_path / "browser.out"
    deadline = time.monotonic() + TIMEOUT_S
    while (not out.exists() or url not in out.read_text()) and time.monotonic() < deadline:
        select.select([], [], [], 0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=TIMEOUT_S)

    first, _, rest = out.read_text().partition("\n")
    assert first.startswith(f"file://{tmp_path}")
    assert url in rest


def test_the_prompt_has_a_line_of_its_own_after_ctrl_c(library: Library, tmp_path: Path) -> None:
    library.grid()
    reader, terminal = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tunesmith", "tensorboard", "--no-open"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=TIMEOUT_S)
    os.close(terminal)
    os.set_blocking(reader, False)

    assert os.read(reader, 65536).endswith(b"\n\r\n")
    os.close(reader)


def test_a_taken_port_is_one_line(library: Library, tmp_path: Path) -> None:
    library.grid()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "tunesmith", "tensorboard", "--port", port, "--no-open"]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )

    assert done.returncode == 1
    assert done.stderr.startswith("error: TensorBoard does not start: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_pruned_trial_is_no_failure_and_can_be_left_out(
    library: Library, call: Callable[..., Outcome], tmp_path: Path
) -> None:
    ids = library.search()
    record = library.store.records("0b5e55ed" * 4).records[0]
    fields: dict[str, Any] = {
        "status": TrialStatus.PRUNED,
        "exit_code": None,
        "reason": "at point 4 it lost",
    }
    library.store.publish(replace(record, attempt=2, **fields), [])

    with _served(tmp_path) as (_, url):
        sessions = _wait(url, lambda sessions: len(sessions) == 3)

    pruned, failed, _ = sessions.values()
    assert pruned.hparams["x"] == record.flags["x"]
    assert record.id == ids[0]
    assert pruned.statuses == ("STATUS_SUCCESS",)
    assert failed.statuses == ("STATUS_FAILURE",)
    assert [one.metrics["pruned"] for one in sessions.values()] == [1.0, 0.0, 0.0]


def test_what_a_trial_used_is_a_metric_where_it_is_an_objective(
    library: Library, tmp_path: Path
) -> None:
    library.search()
    spec = library.store.batch("0b5e55ed" * 4)
    seconds = Objective(column=ScalarColumn(tag="seconds"))
    library.store.put_batch(replace(spec, generation=1, more_objectives=(seconds,)))

    with _served(tmp_path) as (_, url):
        sessions = _wait(url, lambda sessions: len(sessions) == 3)

    assert {one.metrics["seconds"] for one in sessions.values()} == {1.5}
