import os
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tunesmith.errors import UsageError
from tunesmith.storage.records.table_file import TableCell, write_parquet

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        ([True, None], "bool", [True, None]),
        ([1, None, -(2**63)], "int64", [1, None, -(2**63)]),
        ([1, 2**63], "double", [1.0, float(2**63)]),
        ([1, 0.1], "double", [1.0, 0.1]),
        ([NOON, None], "timestamp[us, tz=UTC]", [NOON, None]),
        (["a", None], "string", ["a", None]),
        ([1, "a"], "string", ["1", "a"]),
        ([True, 1], "string", ["True", "1"]),
        ([None], "string", [None]),
    ],
    ids=str,
)
def test_a_column_has_the_narrowest_type_that_holds_its_values(
    tmp_path: Path, values: Sequence[TableCell], kind: str, read: list[TableCell]
) -> None:
    write_parquet(tmp_path / "t.parquet", {"a": values})

    column = pq.read_table(tmp_path / "t.parquet").column("a")
    assert str(column.type) == kind
    assert column.to_pylist() == read


@pytest.mark.parametrize("name", ["no/such/folder/t.parquet", "."])
def test_a_place_that_cannot_be_written_is_one_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_parquet(tmp_path / name, {"a": [1]})


def test_an_older_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_text("old")

    write_parquet(tmp_path / "t.parquet", {"a": [1]})

    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()

    write_parquet(pipe, {"a": [1]})
    reader.join()

    assert pipe.is_fifo()
    assert pq.read_table(BytesIO(got[0])).column("a").to_pylist() == [1]
