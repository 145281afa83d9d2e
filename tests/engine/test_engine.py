"""A command that a fork of the engine runs cannot be told from one that runs by itself."""

import fcntl
import json
import os
import pty
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tunesmith.engine.client import SOCKET, connect
from tunesmith.engine.letting_go import wait_for_finishing

HERE = Path(__file__).parent
TIMEOUT_S = 60.0
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone")


@dataclass
class Toy:
    """An engine, and how to call it."""

    folder: Path
    environment: dict[str, str]
    engine: "subprocess.Popen[str]"
    started: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self, *words: str, **options: Any) -> "subprocess.Popen[str]":
        """Start a command."""
        given = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "env": self.environment,
            **options,
        }
        command = [sys.executable, str(HERE / "toy_client.py"), "run", *words]
        process = subprocess.Popen(command, text=True, **given)
        self.started.append(process)
        return process

    def call(self, *words: str, text: str = "", **options: Any) -> tuple[int, str, str]:
        """Run a command to its end; return its exit code, and what it printed."""
        process = self.start(*words, **options)
        out, err = process.communicate(text, timeout=TIMEOUT_S)
        return process.returncode, out, err


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    folder = tmp_path / "data" / "tunesmith" / "prefect"
    folder.mkdir(parents=True)
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "TZ": "UTC"}
    engine = subprocess.Popen(
        [sys.executable, str(HERE / "toy_engine.py"), str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    found = Toy(folder=folder, environment=environment, engine=engine)
    assert engine.stdout is not None
    assert engine.stdout.readline() == "ready\n"
    yield found
    engine.kill()
    engine.communicate()
    for process in found.started:
        process.kill()
        process.communicate()


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], TIMEOUT_S)[0]
    return process.stdout.readline().strip()


def ends(pid: int) -> bool:
    """Return whether a process, which is no child of this one, ends."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(descriptor):
        return bool(select.select([descriptor], [], [], TIMEOUT_S)[0])


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.parametrize("is_narrowed", [False, True], ids=["plain", "narrowed"])
def test_it_has_all_that_the_command_would_have(
    toy: Toy, tmp_path: Path, is_narrowed: bool
) -> None:
    folder = tmp_path / "ö here"
    folder.mkdir()
    environment = {**toy.environment, "EXTRA": "1", "TZ": "Asia/Tokyo", "LONG": "x" * 100_000}
    if is_narrowed:
        environment["NARROWED"] = "1"
    options: dict[str, Any] = {"cwd": folder, "env": environment}
    code, out, err = toy.call("facts", **options)
    assert (code, err) == (0, "")
    by_engine, by_itself = json.loads(out), json.loads(toy.call("facts", "here", **options)[1])
    by_itself["argv"] = by_engine["argv"]
    assert by_engine == by_itself
    assert by_engine["folder"] == str(folder)


def test_input_output_and_exit_codes_are_the_commands(toy: Toy) -> None:
    assert toy.call("echo", text="some\nwords") == (0, "SOME\nWORDS", "done\n")
    assert toy.call("exit", "0")[0] == 0
    assert toy.call("exit", "3") == (3, "", "")
    assert toy.call("raise", "4")[0] == 4


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT])
def test_a_signal_that_ends_the_command_ends_its_caller(toy: Toy, number: int) -> None:
    assert toy.call("kill", str(int(number)))[0] == -number


def test_signals_are_passed_on(toy: Toy) -> None:
    process = toy.start("wait")
    assert line_of(process).isdigit()
    for number in (signal.SIGUSR1, signal.SIGWINCH, signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        process.send_signal(number)
        assert line_of(process) == number.name
    assert process.wait(timeout=TIMEOUT_S) == 7


@pytest.mark.kill
@pytest.mark.parametrize("is_stopped", [False, True], ids=["running", "stopped"])
def test_a_caller_that_is_killed_takes_its_command_with_it(toy: Toy, is_stopped: bool) -> None:
    process = toy.start("wait")
    pid = int(line_of(process))
    if is_stopped:
        process.send_signal(signal.SIGTSTP)
        os.waitpid(process.pid, os.WUNTRACED)
    process.kill()
    assert ends(pid)
    assert toy.call("exit", "3")[0] == 3


@pytest.mark.kill
def test_stop_and_continue_reach_the_command(toy: Toy) -> None:
    process = toy.start("wait")
    pid = int(line_of(process))
    process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    deadline = time.monotonic() + TIMEOUT_S
    while state_of(pid) != "T":
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGUSR1)
    assert line_of(process) == "SIGUSR1"


@pytest.mark.kill
def test_a_command_goes_on_when_the_engine_is_killed(toy: Toy) -> None:
    process = toy.start("wait")
    assert line_of(process).isdigit()
    toy.engine.kill()
    toy.engine.wait()
    process.send_signal(signal.SIGUSR1)
    assert line_of(process) == "SIGUSR1"
    process.send_signal(signal.SIGTERM)
    assert line_of(process) == "SIGTERM"
    assert process.wait(timeout=TIMEOUT_S) == 7
    assert toy.call("exit", "3")[:2] == (99, "by itself \n")  # its socket is still there


@pytest.mark.parametrize(
    "changes",
    [
        {"PYTHONHASHSEED": "1"},
        {"LC_ALL": "C.UTF-8", "LANG": "C"},
        {"PREFECT_API_URL": "http://127.0.0.1:9"},
        {"OMP_NUM_THREADS": "7"},
        {"RUN_DIR": "/run"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_a_process_that_would_have_begun_otherwise_runs_by_itself(
    toy: Toy, changes: dict[str, str]
) -> None:
    environment = {**toy.environment, **changes}
    assert toy.call("exit", "3", env=environment)[:2] == (99, "by itself \n")


def test_a_command_for_which_the_fork_does_not_fit_runs_by_itself(toy: Toy) -> None:
    environment = {**toy.environment, "UNFIT": "so"}
    assert toy.call("exit", "3", env=environment)[:2] == (99, "by itself so\n")
    assert toy.call("exit", "3")[0] == 3


def test_what_is_installed_anew_ends_the_engine(toy: Toy) -> None:
    assert toy.call("exit", "3")[0] == 3
    (toy.folder / "stale").touch()
    assert toy.call("exit", "3")[0] == 99
    assert toy.engine.wait(timeout=TIMEOUT_S) == 0


def test_others_cannot_reach_the_engine(toy: Toy) -> None:
    assert (toy.folder / SOCKET).stat().st_mode & 0o777 == 0o600


def test_nonsense_does_not_end_the_engine(toy: Toy) -> None:
    for message in (b"", b"call", b"x" * 60):
        with closing(connect(toy.folder / SOCKET)) as connection, suppress(OSError):
            connection.send(message)
    with closing(connect(toy.folder / SOCKET)) as connection:
        socket.send_fds(connection, [b"call"], [0] * 6)
        assert connection.recv(64) == b""
    assert toy.call("exit", "3")[0] == 3


def test_many_at_once_are_apart(toy: Toy) -> None:
    processes = [toy.start("random") for _ in range(12)]
    printed = [process.communicate(timeout=TIMEOUT_S)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 12
    assert len(set(printed)) == 12


def test_a_command_that_lets_go_finishes_by_itself(toy: Toy, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert toy.call("let-go", str(pipe)) == (5, "told\n", "")
    waiting = threading.Thread(target=wait_for_finishing, args=[toy.folder])
    waiting.start()
    with pipe.open("wb"):  # it has come to the pipe, and reads its end
        waiting.join(0.2)
        assert waiting.is_alive()
    waiting.join(TIMEOUT_S)
    assert not waiting.is_alive()
    assert (tmp_path / "went-on").exists()


class Terminal:
    """A terminal with a command in its foreground."""

    def __init__(self, toy: Toy, *words: str) -> None:
        self._text = ""
        self.screen, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 77, 0, 0))
        client = [sys.executable, str(HERE / "toy_client.py"), "run", *words]
        # the session's first process outlives the command, as a shell does: its end would empty
        # the terminal
        self.shell = subprocess.Popen(
            [sys.executable, str(HERE / "toy_shell.py"), *client],
            env=toy.environment,
            start_new_session=True,
            text=True,
            stdin=inside,
            stdout=inside,
            stderr=inside,
        )
        toy.started.append(self.shell)
        os.close(inside)

    def read(self, wanted: str) -> str:
        """Return what it shows up to something that is waited for."""
        assert self.shows(wanted, within_s=TIMEOUT_S), self._text
        before, _, self._text = self._text.partition(wanted)
        return before

    def shows(self, wanted: str, *, within_s: float) -> bool:
        """Return whether it shows something by then."""
        while wanted not in self._text and select.select([self.screen], [], [], within_s)[0]:
            self._text += os.read(self.screen, 1000).decode()
        return wanted in self._text

    def stop(self) -> None:
        """Stop the command by Ctrl-Z, once it sees it."""
        for _ in range(20):
            os.write(self.screen, b"\x1a")
            if self.shows("stopped.", within_s=2.0):
                break
        self.read("stopped.")

    def end(self) -> int:
        """Return the exit code of its command, and leave the shell."""
        self.read("ended ")
        code = int(self.read("."))
        os.write(self.screen, b"exit\n")
        assert self.shell.wait(timeout=TIMEOUT_S) == 0
        os.close(self.screen)
        return code


def test_a_question_is_asked_on_the_terminal(toy: Toy) -> None:
    terminal = Terminal(toy, "ask")
    terminal.read("77 columns?")
    os.write(terminal.screen, b"yes\n")
    terminal.read("read yes")
    assert terminal.end() == 0


def test_ctrl_c_interrupts_the_command(toy: Toy) -> None:
    terminal = Terminal(toy, "ask")
    terminal.read("77 columns?")
    for _ in range(20):
        os.write(terminal.screen, b"\x03")
        # Python overlooks a signal that comes just before it begins to read
        if terminal.shows("interrupted", within_s=2.0):
            break
    terminal.read("interrupted")
    assert terminal.end() == 130


def test_a_question_in_the_background_takes_nothing_that_is_typed(toy: Toy) -> None:
    terminal = Terminal(toy, "ask")
    terminal.read("77 columns?")
    terminal.stop()
    os.write(terminal.screen, b"bg\n")
    terminal.read("stopped.")  # again, for it waits for what is typed to the shell
    os.write(terminal.screen, b"fg\n")
    os.write(terminal.screen, b"yes\n")
    terminal.read("read yes")
    assert terminal.end() == 0


@pytest.mark.parametrize(
    "words",
    [
        ["setpriv", "--no-new-privs"],
        ["chrt", "-b", "0"],
        ["setarch", "-R"],
        ["prlimit", "--as=4000000000"],
        ["choom", "-n", "500", "--"],
    ],
    ids=lambda words: words[0],
)
def test_a_process_that_may_do_less_runs_by_itself(toy: Toy, words: list[str]) -> None:
    if shutil.which(words[0]) is None:
        pytest.skip(f"there is no {words[0]} here")
    command = [*words, sys.executable, str(HERE / "toy_client.py"), "run", "exit", "3"]
    done = subprocess.run(command, env=toy.environment, capture_output=True, text=True)
    if done.returncode not in (3, 99):
        pytest.skip(f"{words[0]} cannot do so here: {done.stderr}")
    assert done.stdout == "by itself \n"


def test_what_an_argument_opens_of_this_process_is_opened_by_itself(toy: Toy) -> None:
    assert toy.call("exit", "/dev/fd/63")[0] == 99
    assert toy.call("exit", "@/dev/fd/63")[0] == 99


def test_a_fork_moves_into_the_control_group_of_its_caller(toy: Toy, tmp_path: Path) -> None:
    group = tmp_path / "user.slice" / "terminal.scope"
    group.mkdir(parents=True)
    code, out, _ = toy.call("take-on", str(tmp_path), "0::/user.slice/terminal.scope\n")
    assert code == 0
    assert (group / "cgroup.procs").read_text() == out.strip()
    for unknown in ("0::/nowhere\n", "9:cpu:/a\n", "9:cpu:/a\n0::/a\n"):
        assert toy.call("take-on", str(tmp_path), unknown)[0] == 7
