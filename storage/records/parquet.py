"""Tables as Parquet: the only module that imports pyarrow."""

import functools
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tunesmith.errors import CorruptObjectError, FlagError, StoreError
from tunesmith.storage.objects.json_objects import FORMAT, check_format

ROWS_AT_ONCE = 100_000
FORMAT_KEY = b"tunesmith.format"

_DAMAGES = (
    ArithmeticError,
    AttributeError,
    FlagError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading bytes that are not what was written may raise, besides pyarrow's own."""


@functools.cache
def arrow() -> Any:
    """Return pyarrow, imported at the first call.

    Commands that never read Parquet must not pay for the import, 150 ms; nor must any pay for
    pandas, which pyarrow would import by itself at the first array.
    """
    import pyarrow
    import pyarrow.parquet

    if "pandas" not in sys.modules:
        with _without_pandas():
            pyarrow.array([None])  # pyarrow looks for pandas once, here
    return pyarrow


def encode_table(table: Any, metadata: Mapping[bytes, bytes], *, is_small: bool) -> bytes:
    """Return a table as Parquet, its format in the footer.

    Args:
        table: A table of pyarrow.
        metadata: Other keys and values of the footer.
        is_small: Whether there are so few rows that compression does not pay.
    """
    pa = arrow()
    sink = pa.BufferOutputStream()
    shape: dict[str, Any] = {"compression": "zstd"}
    if is_small:
        shape = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    version = {FORMAT_KEY: str(FORMAT).encode()}
    table = table.replace_schema_metadata({**version, **metadata})
    pa.parquet.write_table(table, sink, write_page_checksum=True, **shape)
    return bytes(sink.getvalue())


def decode_table(name: str, data: bytes, columns: Sequence[str]) -> Any:
    """Return some columns as a table; call it within ``decoding``."""
    return _open(name, data).read(list(columns), use_threads=False)


def decode_batches(name: str, data: bytes, columns: Sequence[str]) -> Iterator[Any]:
    """Yield some columns, ``ROWS_AT_ONCE`` rows at a time; call it within ``decoding``."""
    file = _open(name, data)
    yield from file.iter_batches(ROWS_AT_ONCE, columns=list(columns), use_threads=False)


def decode_metadata(name: str, data: bytes) -> dict[bytes, bytes]:
    """Return the footer's keys and values; call it within ``decoding``."""
    return dict(_open(name, data).schema_arrow.metadata)


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever damaged bytes raise into an error that names the object.

    Raises:
        CorruptObjectError: The bytes are not what was written.
        StoreFormatError: A later Tunesmith wrote them.
    """
    try:
        yield
    except StoreError:
        raise
    except (arrow().ArrowException, *_DAMAGES) as error:
        raise CorruptObjectError(f"{name} is damaged: it is not what was written") from error


def _open(name: str, data: bytes) -> Any:
    pa = arrow()
    file = pa.parquet.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
    metadata = file.schema_arrow.metadata or {}
    check_format(name, int(metadata[FORMAT_KEY]))
    return file


class _NoPandas:
    """Hides pandas from the imports of one thread, and of no other."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas" and threading.get_ident() == self._thread:
            raise ModuleNotFoundError("pandas is not wanted here", name=name)


@contextmanager
def _without_pandas() -> Iterator[None]:
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
