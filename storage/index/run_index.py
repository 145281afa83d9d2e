"""The index of the store: what a list of runs shows, in one SQLite file.

It is derived from the objects: it may be deleted at any time, and is made again. Names of objects
never change their meaning, so comparing two sets of names tells whether the index is up to date.

Tables:
    objects   the parts and segments that are indexed
    rows      one row a run: the highest attempt that an object holds. Those with an empty ``name``
              are derived of a settled batch: its own row, and its trials that have not finished
    settled   the batches whose derived rows are valid until the names of their objects change
    edits     the edit objects that are folded into ``edited``
    edited    the edits of each run
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tunesmith.objective import Objective
from tunesmith.storage.index.index_file import connect, open_copy, open_empty
from tunesmith.storage.index.index_rows import COLUMNS, to_row
from tunesmith.storage.index.measures import MEASURES, Measures, objective_of_row
from tunesmith.trial import Run, TrialRecord

_ALL = ", ".join(COLUMNS)
_ORDER = "ORDER BY moment DESC, number DESC, id"
_KEPT = "id NOT IN (SELECT id FROM edited WHERE is_deleted)"
_INSERT = f"INSERT INTO rows ({_ALL}) VALUES ({', '.join('?' * len(COLUMNS))})"
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "id")
_UPSERT = f"{_INSERT} ON CONFLICT (id) DO UPDATE SET {_CHANGES} WHERE excluded.attempt >= attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The fields of a recorded trial that its batch's status is derived from."""

    id: str
    number: int
    attempt: int
    status: str
    objective: float | str | None
    """Text for NaN."""
    started: float
    stopped: float
    flags: str
    """JSON text, as the row has it."""
    seconds: float
    cpu_seconds: float | None = None
    max_rss_bytes: int | None = None
    scalars: str = ""
    """JSON text; empty where no constraint asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """The edits of one run, in their order."""

    changes: tuple[tuple[str, str], ...]
    """Pairs of an action and its value."""
    is_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledBatch:
    """What was derived for a batch that does not change by itself."""

    key: str
    """A hash of the names of its objects: another key means that it has changed."""
    derived: tuple[tuple[float, Run], ...] = ()
    """The rows that no object holds, each with the moment it is sorted by."""


class RunIndex:
    """An open index. Several processes may use one file at a time.

    A method that writes does so in one transaction: all of it or nothing.

    Raises:
        sqlite3.Error: From any method, where the file is damaged, locked for long or not writable.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the index of a store, or make it."""
        return cls(connect(path))

    @classmethod
    def open_copy(cls, path: Path) -> Self:
        """Open a copy in memory, whose changes are lost; an empty one of an unreadable file."""
        return cls(open_copy(path))

    @classmethod
    def in_memory(cls) -> Self:
        """Open an empty index that ends with the process."""
        return cls(open_empty())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def known_objects(self) -> set[str]:
        """Return the names of the objects whose rows are held."""
        return {name for (name,) in self._connection.execute("SELECT name FROM objects")}

    def upsert(self, records: Iterable[TrialRecord], name: str) -> None:
        """Add an object's records; of each trial the row with the highest attempt stays."""
        self.upsert_all({name: records})

    def upsert_all(self, objects: Mapping[str, Iterable[TrialRecord]]) -> None:
        """Add the records of several objects, by the objects' names."""
        with self._transaction() as connection:
            for name, records in objects.items():
                connection.executemany(
                    _UPSERT,
                    (to_row(record, name=name, moment=record.started) for record in records),
                )
                connection.execute("INSERT OR IGNORE INTO objects VALUES (?)", (name,))

    def forget(self, names: Iterable[str]) -> bool:
        """Drop objects that are gone, with their rows; return whether a row was lost.

        A batch that loses a row is dropped entirely, since another of its objects may hold an
        earlier attempt: its other objects have to be read again.
        """
        gone = list(names)
        has_lost = False
        with self._transaction() as connection:
            connection.executemany("DELETE FROM objects WHERE name = ?", zip(gone, strict=True))
            for name in gone:
                query = "SELECT DISTINCT batch FROM rows WHERE name = ?"
                batches = connection.execute(query, (name,))
                for (batch_id,) in batches.fetchall():
                    has_lost = True
                    self._forget_batch(connection, batch_id)
        return has_lost

    def settled_keys(self) -> dict[str, str]:
        """Return the key of each settled batch."""
        return dict(self._connection.execute("SELECT batch, key FROM settled").fetchall())

    def settle(self, batches: Mapping[str, SettledBatch]) -> None:
        """Keep what was derived for settled batches, by their ids."""
        with self._transaction() as connection:
            for batch_id, one in batches.items():
                rows = [to_row(run, name="", moment=moment) for moment, run in one.derived]
                connection.execute("DELETE FROM rows WHERE batch = ? AND name = ''", (batch_id,))
                connection.executemany(f"{_INSERT} ON CONFLICT (id) DO NOTHING", rows)
                connection.execute(
                    "INSERT OR REPLACE INTO settled VALUES (?, ?)", (batch_id, one.key)
                )

    def unsettle(self, batches: Iterable[str]) -> None:
        """Drop what was derived for batches that have changed."""
        with self._transaction() as connection:
            for batch_id in batches:
                connection.execute("DELETE FROM rows WHERE batch = ? AND name = ''", (batch_id,))
                connection.execute("DELETE FROM settled WHERE batch = ?", (batch_id,))

    def single_runs(self) -> set[str]:
        """Return the ids of the recorded runs that are of no batch."""
        found = self._connection.execute("SELECT id FROM rows WHERE id = batch AND name != ''")
        return {run_id for (run_id,) in found}

    def briefs(self, batch_id: str, *, has_scalars: bool = False) -> dict[int, Brief]:
        """Return a batch's recorded trials by their numbers.

        Args:
            batch_id: The batch.
            has_scalars: Whether their scalars are wanted, which take as long to read as the rest.
        """
        found = self._connection.execute(
            "SELECT id, number, attempt, status, objective, started, stopped, flags, seconds, "
            f"cpu_seconds, max_rss_bytes, {'scalars' if has_scalars else repr('')} "
            "FROM rows WHERE batch = ? AND name != '' ORDER BY number",
            (batch_id,),
        )
        names = Brief.__dataclass_fields__
        briefs = (Brief(**dict(zip(names, row, strict=True))) for row in found)
        return {brief.number: brief for brief in briefs}

    def see_by(self, batch_id: str, objective: Objective) -> None:
        """Read the objective of a batch's recorded trials from their scalars, as ``seen_by``."""
        found = self._connection.execute(
            f"SELECT id, objective, {', '.join(MEASURES)} FROM rows "
            "WHERE batch = ? AND name != ''",
            (batch_id,),
        )
        seen = [
            (objective_of_row(Measures(*row), objective), held, run_id)
            for run_id, held, *row in found
        ]
        changes = [(value, run_id) for value, held, run_id in seen if value != held]
        if changes:
            with self._transaction() as connection:
                query = (
                    "UPDATE rows SET objective = ?, prediction = NULL, pruned = NULL WHERE id = ?"
                )
                connection.executemany(query, changes)

    def rows(self) -> Iterator[Sequence[Any]]:
        """Yield every row, newest first, as the values of ``COLUMNS``."""
        yield from self._connection.execute(f"SELECT {_ALL} FROM rows {_ORDER}")

    def executions(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """Return some of ``COLUMNS`` of all rows but batches and deleted ones, newest first."""
        rows = self._connection.execute(
            f"SELECT {', '.join(names)} FROM rows WHERE progress IS NULL AND {_KEPT} {_ORDER}"
        ).fetchall()
        if not rows:
            return {name: [] for name in names}
        return {
            name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)
        }

    def newest_rows(self, n: int) -> list[Sequence[Any]]:
        """Return the newest rows that are not deleted, at most n."""
        return self._connection.execute(
            f"SELECT {_ALL} FROM rows WHERE {_KEPT} {_ORDER} LIMIT ?", (n,)
        ).fetchall()

    def count_visible(self) -> int:
        """Return the number of rows that are not deleted."""
        (n_rows,) = self._connection.execute("SELECT count(*) FROM rows").fetchone()
        (n_deleted,) = self._connection.execute(
            "SELECT count(*) FROM edited JOIN rows USING (id) WHERE is_deleted"
        ).fetchone()
        return int(n_rows - n_deleted)

    def known_edits(self) -> set[str]:
        """Return the names of the edits that are folded in."""
        return {name for (name,) in self._connection.execute("SELECT name FROM edits")}

    def replace_edits(self, names: Collection[str], patches: Mapping[str, Patch]) -> None:
        """Replace the edits by others.

        Args:
            names: The names of all edit objects.
            patches: The edits by the runs' ids.
        """
        rows = [(run, json.dumps(p.changes), p.is_deleted) for run, p in patches.items()]
        with self._transaction() as connection:
            connection.execute("DELETE FROM edits")
            connection.execute("DELETE FROM edited")
            connection.executemany("INSERT INTO edits VALUES (?)", [(name,) for name in names])
            connection.executemany("INSERT INTO edited VALUES (?, ?, ?)", rows)

    def patches(self) -> dict[str, Patch]:
        """Return the edits by the runs' ids."""
        found = self._connection.execute("SELECT id, changes, is_deleted FROM edited")
        return {
            run_id: Patch(
                changes=tuple((action, value) for action, value in json.loads(changes)),
                is_deleted=bool(is_deleted),
            )
            for run_id, changes, is_deleted in found
        }

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def _forget_batch(self, connection: sqlite3.Connection, batch_id: str) -> None:
        connection.execute("DELETE FROM objects WHERE name GLOB ?", (f"*/{batch_id}[./]*",))
        connection.execute("DELETE FROM rows WHERE batch = ?", (batch_id,))
        connection.execute("DELETE FROM settled WHERE batch = ?", (batch_id,))
