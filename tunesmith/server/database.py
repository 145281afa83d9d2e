"""The shared server's database: whether the installed Prefect can read it, and moving it aside.

Prefect keeps the version of its tables as a revision in the table ``alembic_version``. A server
migrates an older database to the newest revision that it ships, when it starts; a revision that
it does not ship ends its start. Prefect is not imported here: that takes a second.
"""

import importlib.util
import re
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

UNUSABLE = "could not use its database"
"""The fault of a database that SQLite, or a server, cannot read."""
REVISIONS = "server/database/_migrations/versions/sqlite"
"""Where the package ``prefect`` keeps a file for each revision of its SQLite tables."""
LEAST_FREE_BYTES = 2**24
LEAST_FREE_SHARE = 0.25
_REVISION = re.compile(r"^revision\b[^=\n]*=\s*[\"'](\w+)[\"']", re.MULTILINE)


def find_fault(database: Path, *, version: str) -> str:
    """Return why a server cannot use a database, in words; empty if it can.

    Args:
        database: The file, which need not be there.
        version: The version of Prefect that is installed.
    """
    if not is_readable(database):
        return UNUSABLE
    known, revision = shipped_revisions(), read_revision(database)
    if revision is None or not known or revision in known:
        return ""
    return (
        f"does not know revision {revision} of its database, which a Prefect newer than the "
        f"installed {version} has written and"
    )


def is_readable(database: Path) -> bool:
    """Return whether a database is one that SQLite can read, or not there yet."""
    if not database.exists():
        return True
    try:
        with closing(_connect(database)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
    return True


def read_revision(database: Path) -> str | None:
    """Return the revision of a database's tables; None if it records none."""
    if not database.exists():
        return None
    try:
        with closing(_connect(database)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:  # an empty database, which a server fills, or one that is in use
        return None
    return None if row is None else str(row[0])


def shipped_revisions() -> frozenset[str]:
    """Return the revisions that the installed Prefect knows; empty where none is found."""
    package = importlib.util.find_spec("prefect")
    places = [] if package is None else package.submodule_search_locations or []
    texts = [
        file.read_text(encoding="utf-8")
        for place in places
        for file in Path(place, REVISIONS).glob("*.py")
    ]
    return frozenset(found[1] for text in texts if (found := _REVISION.search(text)))


def move_aside(database: Path, fault: str) -> str:
    """Move a database and its journals aside; return the note for the user.

    Args:
        database: The file.
        fault: What is wrong with it, to follow the words "the Prefect server".
    """
    aside = database.with_name(f"{database.name}.unreadable-{time.strftime('%Y%m%d-%H%M%S')}")
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            database.with_name(database.name + suffix).rename(aside.with_name(aside.name + suffix))
    return (
        f"the Prefect server {fault}, which is now {aside}: it starts with an empty one, and no "
        "result is lost, since none is kept there"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """How much a database holds."""

    n_bytes: int
    """Size of its files, journals included."""
    oldest: str
    """When its oldest flow run started, as ISO 8601 in UTC; empty without one."""


def read_contents(database: Path) -> Contents:
    """Return how much a database holds; a running server may use it meanwhile."""
    files = [database.with_name(f"{database.name}{end}") for end in ("", "-wal")]
    n_bytes = sum(file.stat().st_size for file in files if file.exists())
    oldest = None
    with suppress(sqlite3.Error), closing(_connect(database)) as connection:
        (oldest,) = connection.execute("SELECT min(start_time) FROM flow_run").fetchone()
    text = "" if oldest is None else f"{str(oldest)[:19].replace(' ', 'T')}Z"
    return Contents(n_bytes=n_bytes, oldest=text)


def give_back_space(database: Path) -> None:
    """Give the system back the pages that deleted rows have left; nobody else uses the database.

    SQLite keeps them for new rows: only where they are many is it worth writing the rest anew.
    """
    with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as connection:
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        (n_pages,) = connection.execute("PRAGMA page_count").fetchone()
        (n_free,) = connection.execute("PRAGMA freelist_count").fetchone()
        if n_free * page_bytes >= LEAST_FREE_BYTES and n_free >= LEAST_FREE_SHARE * n_pages:
            connection.execute("VACUUM")


def _connect(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True)
