"""The files of MLflow and W&B, of which those of W&B are written here as its library does."""

import json
import math
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.output.test_metric_files import points

BLOCK = 32_768


def varint(number: int) -> bytes:
    digits = []
    while number >= 0x80:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])


def inside(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def item(name: str, value: Any) -> bytes:
    keys = name.split("/")
    key = (
        inside(1, name.encode())
        if len(keys) == 1
        else b"".join(inside(2, k.encode()) for k in keys)
    )
    match value:
        case ("integer", number):
            return (
                key + varint(5 << 3) + varint(number << 1 if number >= 0 else (-number << 1) - 1)
            )
        case ("number", number):
            return key + varint(6 << 3 | 1) + struct.pack("<d", number)
        case _:
            return key + inside(16, json.dumps(value).encode())


def record(number: int, step: int | None = None, **values: Any) -> bytes:
    items = b"".join(inside(1, item(name.replace("__", "/"), one)) for name, one in values.items())
    counted = b"" if step is None else inside(2, varint(1 << 3) + varint(step))
    return varint(1 << 3) + varint(7) + inside(number, items + counted) + inside(200, b"")


def log_of(*messages: bytes) -> bytes:
    """Return the file of a run: messages in parts that never cross the end of a block."""
    data = b":W&B\xe1\xbe\x00"
    for message in messages:
        rest, part = message, 0
        while part == 0 or rest:
            left = BLOCK - len(data) % BLOCK
            if left < 7:
                data += b"\0" * left
                left = BLOCK
            now, rest = rest[: left - 7], rest[left - 7 :]
            part = (1 if not rest else 2) if part == 0 else (4 if not rest else 3)
            data += struct.pack("<LHB", 0, len(now), part) + now
    return data


def offline(folder: Path, data: bytes) -> Path:
    path = folder / "wandb" / "offline-run-20260101_000000-abc" / "run-abc.wandb"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


HISTORY = [record(2, n, train__loss=1 / (n + 1), note="x" * 90, _runtime=3) for n in range(900)]


def test_what_was_logged_offline_is_read_across_blocks(tmp_path: Path) -> None:
    data = log_of(record(17, id=1), *HISTORY, record(2, 900, text="y" * 3 * BLOCK, val_loss=0.5))
    offline(tmp_path, data)
    found = points(tmp_path)
    assert found.keys() == {"train/loss", "val_loss"}
    assert found["train/loss"] == [(n, 1 / (n + 1)) for n in range(900)]
    assert found["val_loss"] == [(900, 0.5)]


def test_the_summary_says_what_was_not_logged(tmp_path: Path) -> None:
    summary = record(3, val_loss=0.25, best_acc=0.9, _wandb={"runtime": 3})
    path = offline(tmp_path, log_of(record(2, 1, val_loss=0.5), summary))
    (path.parent / "files").mkdir()
    (path.parent / "files" / "wandb-summary.json").write_text('{"val_loss": 0.25, "_step": 1}')
    assert points(tmp_path) == {"val_loss": [(1, 0.5)], "best_acc": [(0, 0.9)]}


def test_values_may_have_their_types(tmp_path: Path) -> None:
    row = record(2, 1, a_loss=("integer", -3), b_loss=("number", 0.5), c_loss=("integer", 2))
    offline(tmp_path, log_of(row, record(2, 2, a_loss=math.nan)))
    found = points(tmp_path)
    assert found["a_loss"][0] == (1, -3.0)
    assert math.isnan(found["a_loss"][1][1])
    assert (found["b_loss"], found["c_loss"]) == ([(1, 0.5)], [(1, 2.0)])


@pytest.mark.parametrize("n_bytes", [3, 7, 12, 20, 40, 90])
def test_a_torn_log_is_read_as_far_as_it_goes(tmp_path: Path, n_bytes: int) -> None:
    data = log_of(record(2, 1, loss=0.5), record(2, 2, loss=0.25))
    offline(tmp_path, data[:-n_bytes])
    assert points(tmp_path).get("loss", [(1, 0.5)]) == [(1, 0.5)]


def test_what_is_no_log_reports_nothing(tmp_path: Path) -> None:
    path = offline(tmp_path, b"loss: 0.5")
    assert points(tmp_path) == {}
    path.write_bytes(log_of(b"\xff" * 30, record(2, 1, loss=0.5)))
    assert points(tmp_path) == {}


def write_database(path: Path, *, journal: str = "delete") -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute(
            "CREATE TABLE metrics (key VARCHAR, value FLOAT, timestamp BIGINT, run_uuid VARCHAR, "
            "step BIGINT, is_nan BOOLEAN)"
        )
        rows = [("val_loss", 0.5, 1, "r", 0, 0), ("val_loss", 0.25, 2, "r", 9, 0)]
        rows.append(("eval/f1", 0.0, 3, "r", 9, 1))
        connection.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.commit()


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_the_database_of_mlflow_is_read(tmp_path: Path, journal: str) -> None:
    write_database(tmp_path / "mlflow.db", journal=journal)
    before = (tmp_path / "mlflow.db").read_bytes()
    found = points(tmp_path)
    assert found["val_loss"] == [(0, 0.5), (9, 0.25)]
    assert math.isnan(found["eval/f1"][0][1])
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]
    assert (tmp_path / "mlflow.db").read_bytes() == before


def test_another_database_reports_nothing(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        connection.execute("CREATE TABLE loss (value FLOAT)")
    assert points(tmp_path) == {}
    (tmp_path / "mlflow.db").write_bytes(b"loss: 0.5")
    assert points(tmp_path) == {}


def test_a_query_that_never_ends_is_given_up(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        connection.execute(
            "CREATE VIEW metrics AS WITH RECURSIVE c(rowid) AS (SELECT 1 UNION ALL SELECT rowid "
            "+ 1 FROM c) SELECT 'loss' AS key, 1 AS step, 1.0 AS value, 0 AS is_nan, rowid FROM c"
        )
    assert points(tmp_path) == {}
