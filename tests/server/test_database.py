"""The server's database: one that no longer fits is moved aside, an older one is migrated."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tunesmith.server.database import (
    find_fault,
    is_readable,
    move_aside,
    read_revision,
    shipped_revisions,
)
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
