"""The reference page's use of ``compare``, typed into a real terminal (tmux)."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Project

TIMEOUT_S = 60

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal of its own server, in which a command runs."""

    socket: Path

    def call(self, *arguments: str) -> str:
        """Ask tmux for something."""
        command = ["tmux", "-S", str(self.socket), "-f", "/dev/null", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def type(self, *keys: str) -> None:
        """Press keys."""
        self.call("send-keys", *keys)

    def wait_for(self, is_shown: Callable[[str], bool]) -> str:
        """Return the screen as soon as it shows what is waited for."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            screen = self.call("capture-pane", "-p")
            if is_shown(screen):
                return screen
        pytest.fail(f"the terminal still shows:\n{screen}")


@pytest.fixture
def open_terminal(project: Project, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Opens a shell in the project, of a size."""
    terminal = Terminal(tmp_path / "tmux")
    environment = {**project.environment, "PS1": "$ ", "TERM": "xterm-256color"}

    def start(*, width: int = 120, height: int = 24) -> Terminal:
        settings = [f"{name}={value}" for name, value in environment.items()]
        shell = ["env", "-i", *settings, "sh"]
        size = ["-x", str(width), "-y", str(height)]
        terminal.call("new-session", "-d", *size, "-c", str(project.path), *shell)
        return terminal

    yield start
    if terminal.socket.exists():
        terminal.call("kill-server")


def _losses(screen: str) -> list[float]:
    return [float(found) for found in re.findall(r"^ .[0-9a-f]{8} +(-?[\d.]+)", screen, re.M)]


def test_the_reference_page_is_walked_with_arrows_sorting_help_and_q(
    project: Project, open_terminal: Callable[..., Terminal]
) -> None:
    for x in ("-1", "0", "1"):
        project.succeed("run", "quick.py", f"x={x}", "--yes")
    terminal = open_terminal()

    terminal.type(f"{sys.executable} -m tunesmith compare", "Enter")
    screen = terminal.wait_for(lambda text: len(_losses(text)) == 3)
    newest_first = _losses(screen)
    terminal.type("Right")
    terminal.type("1")
    terminal.wait_for(lambda text: _losses(text) == sorted(newest_first))
    terminal.type("2")
    terminal.wait_for(lambda text: _losses(text) == sorted(newest_first, reverse=True))
    terminal.type("a")
    terminal.wait_for(lambda text: _losses(text) == newest_first)
    terminal.type("?")
    terminal.wait_for(lambda text: "Sort by the column under the cursor" in text)
    terminal.type("Escape")
    terminal.wait_for(lambda text: len(_losses(text)) == 3)
    terminal.type("Down")
    terminal.wait_for(lambda text: "row 2" in text)
    terminal.type("q")
    screen = terminal.wait_for(lambda text: text.rstrip().endswith("$"))

    assert "Traceback" not in screen


def test_the_view_opens_only_where_all_three_streams_are_terminals(
    project: Project, open_terminal: Callable[..., Terminal]
) -> None:
    project.succeed("run", "quick.py", "x=1", "--yes")
    terminal = open_terminal()
    command = f"{sys.executable} -m tunesmith compare"

    terminal.type(f"{command} > out.txt; {command} 2> err.txt; {command} < /dev/null", "Enter")
    terminal.type(f"{command} | head -1; TERM=dumb {command}; echo d''one", "Enter")
    screen = terminal.wait_for(lambda text: "done" in text)

    assert (project.path / "out.txt").read_text().splitlines()[1].split()[3:5] != []
    assert (project.path / "err.txt").read_text() == ""
    assert sum("completed" in line for line in screen.splitlines()) == 3
    assert "Traceback" not in screen


def test_a_run_that_ends_meanwhile_appears_by_itself(
    project: Project, open_terminal: Callable[..., Terminal]
) -> None:
    project.succeed("run", "quick.py", "x=1", "--yes")
    terminal = open_terminal()
    terminal.type(f"{sys.executable} -m tunesmith compare", "Enter")
    terminal.wait_for(lambda text: "1 run " in text)

    project.succeed("run", "quick.py", "x=7.25", "--yes")

    terminal.wait_for(lambda text: "2 runs" in text and "7.25" in text)
    terminal.type("q")
    terminal.wait_for(lambda text: text.rstrip().endswith("$"))
