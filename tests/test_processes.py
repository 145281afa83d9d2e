import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunesmith.processes import Process, birth, find_process, has_process, this_process


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_a_process_that_lives_gets_the_signal(sleeper: "subprocess.Popen[bytes]") -> None:
    process = Process(pid=sleeper.pid, born=birth(sleeper.pid))

    assert process.signal(signal.SIGTERM)

    assert sleeper.wait() == -signal.SIGTERM
    assert not process.signal(signal.SIGTERM)


@pytest.mark.parametrize("born", ["", "another boot/1"], ids=["unknown", "an earlier process"])
def test_a_number_that_is_another_process_now_gets_no_signal(
    sleeper: "subprocess.Popen[bytes]", born: str
) -> None:
    assert not Process(pid=sleeper.pid, born=born).signal(signal.SIGKILL)
    assert sleeper.poll() is None


def test_a_process_that_has_ended_but_was_not_waited_for_does_not_live() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    known = Process(pid=process.pid, born=birth(process.pid))
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    try:
        assert not known.is_alive
    finally:
        process.communicate()


@pytest.mark.parametrize("pid", [0, -1, 2**31, 2**70], ids=str)
def test_a_number_of_no_process_means_none(pid: int) -> None:
    assert not has_process(pid)
    assert birth(pid) == ""
    assert find_process(pid, words=[]) is None


def test_without_proc_a_birth_is_what_ps_says(tmp_path: Path) -> None:
    if not Path("/bin/ps").exists():
        pytest.skip("there is no ps")
    ours = birth(os.getpid(), proc=tmp_path)
    assert ours == birth(os.getpid(), proc=tmp_path)
    assert ours != birth(os.getpid())
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert birth(process.pid, proc=tmp_path) == ""


def test_two_processes_have_different_births(sleeper: "subprocess.Popen[bytes]") -> None:
    assert birth(sleeper.pid) != this_process().born
    assert this_process().is_alive


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_a_word_of_the_command_line_is_hidden_and_the_others_stay() -> None:
    code = (
        "import sys; from tunesmith.processes import hide_argument\n"
        "hide_argument(sys.argv[2], n_shown=4); hide_argument('none', n_shown=0)\n"
        "print(open('/proc/self/cmdline').read().split('\\0')[-4:-1])"
    )
    words = ["ä=öü", "key=größe", "x=key=größe"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{['ä=öü', 'key=' + '*' * 7, 'x=key=größe']}\n"


def test_a_process_without_a_birth_is_known_by_all_words_of_its_command_line(
    sleeper: "subprocess.Popen[bytes]",
) -> None:
    found = find_process(sleeper.pid, words=["sleep", "60"])
    assert found is not None
    assert found.is_alive
    assert find_process(sleeper.pid, words=["sleep", "supervisor"]) is None
