"""The server's database: one that no longer fits is moved aside, an older one is migrated."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tunesmith.errors import UsageError
from tunesmith.server.database import (
    Contents,
    find_fault,
    give_back_space,
    is_readable,
    move_aside,
    read_contents,
    read_revision,
    shipped_revisions,
)
from tunesmith.server.retention import days_kept, retention_settings
from tunesmith.server.server_directory import ServerDirectory, ServerState
from tunesmith.server.shared_server import begin_start, stop_server, wait_until_healthy
from tunesmith.server.supervisor import server_environment

OLDER_REVISION = "79e7a60e43d8"
"""A revision of Prefect's tables that is not the newest."""
PORT = 4200
"""Of a server that is not started: what is run with its environment only reads it."""


@pytest.mark.server
def test_an_unreadable_database_is_moved_aside_and_told(directory: ServerDirectory) -> None:
    directory.prefect_home.mkdir(parents=True)
    directory.database.write_bytes(b"this is no database" * 100)
    with _running(directory) as state:
        (aside,) = directory.prefect_home.glob("prefect.db.unreadable-*")
        assert aside.read_bytes().startswith(b"this is no database")
        assert str(aside) in state.note
        assert "no result is lost" in state.note


@pytest.mark.server
def test_a_database_of_a_newer_prefect_is_moved_aside_before_the_first_start(
    directory: ServerDirectory, prefect_server: ServerState, server_data: Path
) -> None:
    used = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)}).database
    _copy_database(used, directory.database, revision="0123456789ab")
    with _running(directory) as state:
        aside = min(directory.prefect_home.glob("prefect.db.unreadable-*"))  # then its journals
        log = directory.log.read_text()

        assert read_revision(aside) == "0123456789ab"
        assert "does not know revision 0123456789ab of its database, which a" in state.note
        assert f"newer than the installed {prefect_server.prefect_version}" in state.note
        assert f"which is now {aside}" in state.note
        assert "no result is lost" in state.note
        assert "Can't locate revision" not in log, "a start was tried with it"


@pytest.mark.server
def test_a_database_of_an_older_prefect_is_migrated_and_kept(directory: ServerDirectory) -> None:
    directory.prefect_home.mkdir(parents=True)
    _migrate(directory, OLDER_REVISION)
    with closing(sqlite3.connect(directory.database)) as connection, connection:
        connection.execute("INSERT INTO flow (id, name) VALUES ('f1', 'kept')")
    with _running(directory) as state, closing(sqlite3.connect(directory.database)) as connection:
        flows = connection.execute("SELECT name FROM flow WHERE id = 'f1'").fetchall()

    assert flows == [("kept",)]
    assert read_revision(directory.database) in shipped_revisions() - {OLDER_REVISION}
    assert state.note == ""


@pytest.mark.parametrize(
    ("revision", "fault"),
    [
        pytest.param(None, "", id="none"),
        pytest.param(OLDER_REVISION, "", id="older"),
        pytest.param("0123456789ab", "newer than the installed 3.8.8", id="newer"),
    ],
)
def test_a_database_tells_which_prefect_it_is_for(
    tmp_path: Path, revision: str | None, fault: str
) -> None:
    database = tmp_path / "prefect.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        if revision is not None:
            connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))

    found = find_fault(database, version="3.8.8")

    assert (found == "") == (fault == "")
    assert fault in found


def test_the_known_revisions_are_those_that_prefect_migrates_through(
    directory: ServerDirectory,
) -> None:
    # alembic's own reading of them, as Prefect's env.py sets it up
    code = (
        "from alembic.script import ScriptDirectory\n"
        "from prefect.server.database import provide_database_interface\n"
        "from prefect.server.database.alembic_commands import alembic_config\n"
        "scripts = ScriptDirectory.from_config(alembic_config())\n"
        "scripts.version_locations = [provide_database_interface().orm.versions_dir]\n"
        "print(*(script.revision for script in scripts.walk_revisions()))\n"
    )
    environment = server_environment(directory, PORT, secret="none")
    out = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    ).stdout

    assert shipped_revisions() == set(out.split())


@pytest.mark.parametrize(
    ("content", "is_fine"), [(None, True), (b"", True), (b"no database" * 100, False)], ids=str
)
def test_a_database_is_looked_at_before_a_server_starts(
    tmp_path: Path, content: bytes | None, is_fine: bool
) -> None:
    path = tmp_path / "prefect.db"
    if content is not None:
        path.write_bytes(content)

    assert is_readable(path) is is_fine


def test_what_is_moved_aside_takes_its_journals_along(tmp_path: Path) -> None:
    for name in ("prefect.db", "prefect.db-wal", "prefect.db-shm"):
        (tmp_path / name).write_text(name)

    note = move_aside(tmp_path / "prefect.db", "could not use its database")

    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 3
    assert f"the Prefect server could not use its database, which is now {tmp_path}" in note
    assert all(name.startswith("prefect.db.unreadable-") for name in names)


def _copy_database(source: Path, target: Path, *, revision: str) -> None:
    """Copy a database that may be in use, and write another revision into the copy."""
    target.parent.mkdir(parents=True)
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
        with other:
            other.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def _migrate(directory: ServerDirectory, revision: str) -> None:
    """Make a database as the Prefect left it whose newest revision this was."""
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
    environment = server_environment(directory, PORT, secret="none")
    subprocess.run([*command, "-r", revision], env=environment, check=True, capture_output=True)


@contextmanager
def _running(directory: ServerDirectory) -> Iterator[ServerState]:
    """Give the state of a server that runs in a directory while the body does."""
    supervisor = begin_start(directory)
    try:
        yield wait_until_healthy(directory, supervisor)
    finally:
        stop_server(directory)
        if supervisor is not None:
            supervisor.wait(timeout=30)


def filled(path: Path, n_kept: int, n_deleted: int) -> None:
    """Make a database with flow runs of 1 MiB each, of which some have been deleted."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE flow_run (start_time TEXT, text BLOB)")
        rows = [(f"2026-11-{k + 1:02d} 10:00:00.5", bytes(2**20)) for k in range(n_kept)]
        rows += [("2027-01-01 00:00:00.0", bytes(2**20))] * n_deleted
        connection.executemany("INSERT INTO flow_run VALUES (?, ?)", rows)
        connection.execute("DELETE FROM flow_run WHERE start_time > '2027'")
        connection.commit()


@pytest.mark.parametrize(
    ("n_kept", "n_deleted", "is_smaller"),
    [(2, 17, True), (2, 3, False), (70, 17, False)],
    ids=["much", "little", "a small share"],
)
def test_space_is_given_back_where_much_is_free(
    tmp_path: Path, n_kept: int, n_deleted: int, is_smaller: bool
) -> None:
    database = tmp_path / "prefect.db"
    filled(database, n_kept, n_deleted)
    before = database.stat().st_size
    give_back_space(database)
    assert (database.stat().st_size < before / 2) is is_smaller
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM flow_run").fetchone() == (n_kept,)


def test_what_a_database_holds_is_its_size_and_its_oldest_flow_run(tmp_path: Path) -> None:
    database = tmp_path / "prefect.db"
    assert read_contents(database) == Contents(n_bytes=0, oldest="")
    filled(database, 2, 0)
    assert read_contents(database).oldest == "2026-11-01T10:00:00Z"
    assert read_contents(database).n_bytes == database.stat().st_size


@pytest.mark.parametrize(
    ("text", "days"), [("", 30), ("30", 30), ("1", 1), (" 90 ", 90), ("0", None)]
)
def test_flow_runs_are_kept_for_a_number_of_days(text: str, days: int | None) -> None:
    assert days_kept({"TUNESMITH_SERVER_DAYS": text}) == days


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "99999", "²"])
def test_another_text_than_a_number_of_days_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write a number of days"):
        days_kept({"TUNESMITH_SERVER_DAYS": text})


@pytest.mark.parametrize(
    ("days", "kinds", "flow_runs_s", "events_s"),
    [
        (30, {"events", "flow_runs", "orphans"}, 30 * 86400, 7 * 86400),
        (2, {"events", "flow_runs", "orphans"}, 2 * 86400, 2 * 86400),
        (None, {"events"}, 90 * 86400, 7 * 86400),
    ],
)
def test_prefect_reads_how_long_it_keeps_what(
    days: int | None, kinds: set[str], flow_runs_s: int, events_s: int
) -> None:
    code = (
        "import json; from prefect.settings import get_current_settings\n"
        "server = get_current_settings().server\n"
        "vacuum = server.services.db_vacuum\n"
        "periods = [vacuum.retention_period, server.events.retention_period]\n"
        "seconds = [one.total_seconds() for one in periods]\n"
        "print(json.dumps([sorted(vacuum.enabled_vacuum_types), *seconds]))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **retention_settings(days)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert json.loads(out) == [sorted(kinds), flow_runs_s, events_s]
