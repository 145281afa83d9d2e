"""The file of the index: opened, made, or replaced where it is damaged."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

SCHEMA_VERSION = 4
"""Counts changes of the tables and of derived rows; an index of another version is replaced."""

TIMEOUT_S = 5.0
"""Seconds to wait while another process writes."""

_SCHEMA = """
CREATE TABLE objects (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE settled (batch TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE edits (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE edited (id TEXT PRIMARY KEY, changes TEXT, is_deleted INTEGER) WITHOUT ROWID;
CREATE TABLE rows (
    id TEXT PRIMARY KEY, name TEXT, batch TEXT, moment REAL, number INTEGER, attempt INTEGER,
    operation TEXT, script TEXT, status TEXT, exit_code INTEGER, signal INTEGER, reason TEXT,
    started REAL, stopped REAL, seconds REAL, cpu_seconds REAL, max_rss_bytes INTEGER,
    label TEXT, tags TEXT, source_digest TEXT, host TEXT, command TEXT, origin TEXT,
    objective REAL, flags TEXT, scalars TEXT, units TEXT, prediction TEXT, pruned TEXT,
    progress TEXT
);
CREATE INDEX rows_by_moment ON rows (moment DESC, number DESC, id);
CREATE INDEX rows_by_batch ON rows (batch);
CREATE INDEX rows_by_name ON rows (name);
"""

_DAMAGES = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def connect(path: Path) -> sqlite3.Connection:
    """Open the index for reading and writing; make it where there is none of this version.

    Raises:
        sqlite3.Error: It cannot be made, or another process holds it for over ``TIMEOUT_S``.
    """
    try:
        return _open(path)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
    discard(path)
    return _open(path)


def open_copy(path: Path) -> sqlite3.Connection:
    """Return an index in memory with what can be read from the file, which is not changed.

    It is for stores that cannot be written to.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        with closing(_open_to_read(path)) as source:
            source.backup(connection)
        if _version_of(connection) == SCHEMA_VERSION:
            return connection
    except sqlite3.Error:
        pass
    connection.close()
    return open_empty()


def open_empty() -> sqlite3.Connection:
    """Return an index in memory that holds nothing."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _make_tables(connection)
    return connection


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error means that the file is no index, or a damaged one."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGES


def discard(path: Path) -> None:
    """Remove the index; a process that has it open can still read it."""
    for name in (path.name, f"{path.name}-journal"):
        with suppress(OSError):
            (path.parent / name).unlink()


def _open(path: Path) -> sqlite3.Connection:
    _touch(path)
    connection = sqlite3.connect(path, timeout=TIMEOUT_S, isolation_level=None)
    try:
        version = _version_of(connection)
        if version != SCHEMA_VERSION:
            _make_tables(connection)
        # A crash of the machine may lose the last rows, which are read again from their objects.
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _touch(path: Path) -> None:
    """Make the file for its owner alone; SQLite would let others read it."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables, instead of those of another version, unless another process just has."""
    connection.execute("BEGIN IMMEDIATE")
    if _version_of(connection) != SCHEMA_VERSION:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (name,) in found.fetchall():
            connection.execute(f'DROP TABLE "{name}"')
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _open_to_read(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=TIMEOUT_S, isolation_level=None)


def _version_of(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
