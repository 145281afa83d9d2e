import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.conftest import closed_port, is_healthy
from tunesmith.errors import ServerError
from tunesmith.processes import birth
from tunesmith.server.server_directory import ServerDirectory, ServerState, read_state
from tunesmith.server.shared_server import (
    begin_start,
    find_server,
    stop_server,
    wait_until_healthy,
)


@pytest.mark.parametrize("born", [{}, {"born": "an earlier boot/1"}], ids=["earlier", "now"])
@pytest.mark.parametrize("is_held", [False, True], ids=["no supervisor", "a supervisor"])
def test_a_number_that_became_a_strangers_is_not_signalled(
    directory: ServerDirectory, born: dict[str, str], is_held: bool
) -> None:
    directory.path.mkdir(parents=True)
    with (
        subprocess.Popen(["sleep", "60"]) as stranger,
        directory.lock.open("a") as lock,
    ):
        state = {"pid": stranger.pid, "port": closed_port(), "prefect_version": "3", **born}
        directory.state.write_text(json.dumps(state))
        if is_held:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(ServerError, match="stop it there"):
                stop_server(directory, timeout_s=0.2)
        else:
            assert not stop_server(directory)
        assert stranger.poll() is None
        stranger.kill()
    assert directory.state.exists() == is_held


@pytest.mark.parametrize("is_known", [True, False], ids=["now", "earlier version"])
def test_a_supervisor_that_holds_the_lock_is_ended(
    directory: ServerDirectory, is_known: bool
) -> None:
    directory.path.mkdir(parents=True)
    code = (
        "import fcntl, sys; lock = open(sys.argv[1], 'a'); fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(directory.lock), "tunesmith.flows.supervisor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as supervisor:
        assert supervisor.stdout is not None
        supervisor.stdout.readline()
        born = {"born": birth(supervisor.pid)} if is_known else {}
        state = {"pid": supervisor.pid, "port": closed_port(), "prefect_version": "3", **born}
        directory.state.write_text(json.dumps(state))

        assert stop_server(directory)

        assert supervisor.wait() == -signal.SIGTERM
    assert not directory.state.exists()


def test_a_server_that_does_not_answer_is_not_found(directory: ServerDirectory) -> None:
    directory.path.mkdir(parents=True)
    state = {"pid": os.getpid(), "port": closed_port(), "prefect_version": "3"}
    directory.state.write_text(json.dumps(state))
    assert find_server(directory) is None


def test_a_data_directory_that_is_a_file_gives_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "tunesmith").write_text("")
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(tmp_path)})
    with pytest.raises(ServerError, match="set XDG_DATA_HOME") as caught:
        begin_start(directory)
    assert "\n" not in str(caught.value)


def test_a_full_disk_of_the_server_is_named_before_anything_is_started(
    directory: ServerDirectory,
) -> None:
    directory.path.mkdir(parents=True)
    directory.log.symlink_to("/dev/full")
    with pytest.raises(ServerError, match="No space left on device; set XDG_DATA_HOME"):
        begin_start(directory)


@pytest.mark.server
def test_starting_twice_gives_one_server(prefect_server: ServerState, server_data: Path) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    assert begin_start(directory) is None
    found = find_server(directory)
    rival = [sys.executable, "-m", "tunesmith.server.supervisor", str(directory.path)]
    assert subprocess.run(rival, check=False, timeout=60).returncode == 0
    assert find_server(directory) == found
    assert found is not None
    assert found.pid == prefect_server.pid


@pytest.mark.server
@pytest.mark.usefixtures("prepared_database")
def test_a_stopped_server_is_gone_and_leaves_no_process(tmp_path: Path) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(tmp_path)})
    supervisor = begin_start(directory)
    assert supervisor is not None
    state = wait_until_healthy(directory, supervisor)
    assert stop_server(directory)
    supervisor.wait(timeout=30)
    assert not is_healthy(state.api_url)
    assert read_state(directory) is None
    assert not directory.secret.exists()
