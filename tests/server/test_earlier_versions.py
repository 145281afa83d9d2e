import pytest

from tests.conftest import Project
from tests.server.conftest import earlier_server
from tunesmith.errors import ServerError
from tunesmith.processes import has_process
from tunesmith.server.server_directory import ServerDirectory
from tunesmith.server.shared_server import (
    begin_start,
    find_server,
    stop_server,
    wait_until_healthy,
)


def test_a_batch_on_a_server_of_an_earlier_version_is_left_alone(
    directory: ServerDirectory,
) -> None:
    with earlier_server(directory, n_running=1) as pid:
        assert find_server(directory) is None
        with pytest.raises(ServerError, match=r"has no password.*tunesmith server stop"):
            begin_start(directory)
        assert has_process(pid)


def test_status_tells_of_a_server_of_an_earlier_version(project: Project) -> None:
    directory = ServerDirectory.from_environment(project.environment)
    with earlier_server(directory, n_running=0) as pid:
        told = project.succeed("server", "status")
    assert f"(process {pid}, of an earlier version, without a password)" in told


@pytest.mark.server
def test_a_server_of_an_earlier_version_is_replaced(directory: ServerDirectory) -> None:
    with earlier_server(directory, n_running=0) as pid:
        left = directory.prefect_home / "left.db"
        left.parent.mkdir()
        left.touch(mode=0o644)
        supervisor = begin_start(directory)
        try:
            state = wait_until_healthy(directory, supervisor)
        finally:
            stop_server(directory)
        assert supervisor is not None
        supervisor.wait(timeout=30)
    assert state.pid not in (0, pid)
    assert "had no password and was ended" in state.note
    assert left.stat().st_mode & 0o777 == 0o600
