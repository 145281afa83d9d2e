"""Commands in forks of a process that has imported Prefect: the import is most of their time.

The module is that process as well: started as a script, it reads a command a line, forks for each,
and answers with the id of the fork and then with its exit code.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path


class ReadyCommands:
    """Runs commands of Tunesmith, each in a process of its own that is forked, not started.

    All use the same server: Prefect has read its settings before they begin.

    Args:
        environment: With which the server is found.
        folder: Takes what the commands print.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._out, self._err = folder / "stdout", folder / "stderr"
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        timeout_s: float,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end.

        Args:
            arguments: What is typed after ``tunesmith``.
            folder: Where it is typed.
            environment: All its variables.
            timeout_s: After how many seconds it is killed.

        Raises:
            TimeoutError: It was killed.
        """
        request = (*map(str, (folder, self._out, self._err)), dict(environment), list(arguments))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        pid = self._answer()
        is_done = select.select([self._process.stdout], [], [], timeout_s)[0]
        if not is_done:
            os.killpg(pid, signal.SIGKILL)
        code = self._answer()
        out, err = self._out.read_text(), self._err.read_text()
        if not is_done:
            raise TimeoutError(out + err)
        return subprocess.CompletedProcess(arguments, code, out, err)

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """End the process that forks."""
        self._process.communicate(timeout=30)


def _import_all() -> None:
    """Import what a command that runs a batch imports, with the settings for the server."""
    from tunesmith.cli.engine import preload
    from tunesmith.server.server_directory import ServerDirectory, read_state

    directory = ServerDirectory.from_environment(os.environ)
    state = read_state(directory)
    assert state is not None, "there is no server"
    preload(state.api_url, directory)
    for name in ("deployed", "deployments", "work_pool"):
        import_module(f"tunesmith.flows.{name}")


def _fork_for_each_line() -> int:
    """Fork for each line of stdin; only a fork returns in between, with its exit code."""
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            return _run_here(*json.loads(line))
        for answer in (pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])):
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()
    return 0


def _run_here(
    folder: str, out: str, err: str, environment: dict[str, str], arguments: list[str]
) -> int:
    """Run a command in this process, which gets its folder, streams and environment."""
    from tunesmith.cli.main import main

    os.setsid()
    new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for descriptor, path, how in ((0, os.devnull, os.O_RDONLY), (1, out, new), (2, err, new)):
        opened = os.open(path, how)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv[1:] = arguments
    return main()


if __name__ == "__main__":
    _import_all()
    sys.exit(_fork_for_each_line())
