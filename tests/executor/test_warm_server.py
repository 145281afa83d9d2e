"""A warm server: what it imports and refuses, and what ends with it."""

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.executor.conftest import kill_runner, request_of
from tunesmith.executor.child_process import ChildOutcome, run_child
from tunesmith.executor.preload_plan import DENIED
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.warm_server import WarmPlan, WarmServer

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are for Linux")


IsGone = Callable[[int], bool]


class Served:
    """A server with modules of the test's own among those that are installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": f"lib:{folder / 'site-packages'}"}
        self.servers: list[WarmServer] = []
        (folder / "site-packages").mkdir()

    def put(self, name: str, text: str) -> None:
        (self.folder / "site-packages" / name).write_text(text)

    def serve(self, *imports: str, own: tuple[str, ...] = ()) -> WarmServer:
        plan = WarmPlan(imports=tuple((one, ()) for one in imports), own=own, denied=DENIED)
        start = self.folder / "start"
        start.mkdir(exist_ok=True)
        environment = {n: v for n, v in self.environment.items() if n != "TUNESMITH_RUN_ID"}
        server = WarmServer(plan, python=sys.executable, environment=environment, directory=start)
        self.servers.append(server)
        return server

    def run(self, server: WarmServer, text: str, folder: str = "run") -> tuple[ChildOutcome, str]:
        assert server.wait(StopToken()), server.obstacle
        request = request_of(self.folder / folder, text, PYTHONPATH=self.environment["PYTHONPATH"])
        outcome = run_child(request, start=server.start, stop=StopToken())
        return outcome, request.output.read_text()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    for server in served.servers:
        server.close()


def test_what_an_import_prints_is_in_the_output_of_each_trial(served: Served) -> None:
    served.put("loud.py", "import os\nprint('hello')\nos.write(2, b'there\\n')\n")
    server = served.serve("loud")
    expected = "hello\nthere\nloss: 1\n"
    assert [served.run(server, "import loud\nprint('loss: 1')\n")[1] for _ in "ab"] == [
        expected,
        expected,
    ]


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        ("import threading, time\n"
         "threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
         "an import starts threads"),
        ("import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'input()'],\n"
         "    stdin=subprocess.PIPE)", "an import starts processes"),
        ("import random\nrng = random.Random()",
         "module draws random numbers that every trial would share"),
        ("import numpy.random\nrng = numpy.random.default_rng()",
         "module draws random numbers that every trial would share"),
        ("import secret_helper", "secret_helper is not an installed module"),
        ("import os\nos._exit(1)", "its process ended during startup"),
    ],
    ids=["threads", "processes", "random", "numpy", "own", "exit"],
)  # fmt: skip
def test_what_a_fork_would_share_is_an_obstacle(served: Served, text: str, obstacle: str) -> None:
    helpers = served.folder / "helpers"
    helpers.mkdir()
    (helpers / "secret_helper.py").write_text("value = 1\n")
    served.environment["PYTHONPATH"] += f":{helpers}"
    served.put("module.py", text)
    server = served.serve("module")
    assert not server.wait(StopToken())
    assert server.obstacle == obstacle


def test_a_module_of_the_users_own_is_imported_by_the_trial_only(served: Served) -> None:
    served.put("later.py", "")
    text = "import sys\nprint('helper' in sys.modules, 'later' in sys.modules)\nimport helper\n"
    server = served.serve("json", "helper", "later", own=("helper",))
    (served.folder / "run").mkdir()
    (served.folder / "run" / "helper.py").write_text("print('helped')\n")
    assert served.run(server, text)[1] == "False False\nhelped\n"


def test_a_module_of_the_users_own_with_the_name_of_another_is_an_obstacle(
    served: Served,
) -> None:
    server = served.serve("json", own=("json", "random"))
    assert not server.wait(StopToken())
    assert server.obstacle == "the project's own module json shadows another one"


def test_a_relative_folder_of_the_path_is_the_trials_own(served: Served) -> None:
    server = served.serve()
    for name in ("one", "two"):
        (served.folder / name / "lib").mkdir(parents=True)
        (served.folder / name / "lib" / "value.py").write_text(f"value = {name!r}\n")
    text = "from value import value\nprint(value)\n"
    assert [served.run(server, text, folder=one)[1] for one in ("one", "two")] == [
        "one\n",
        "two\n",
    ]


def test_children_are_waited_for_from_several_threads(served: Served) -> None:
    server = served.serve()

    def run(number: int) -> int | None:
        text = f"import time\ntime.sleep(0.02)\nraise SystemExit({number})\n"
        return served.run(server, text, folder=f"run-{number}")[0].exit_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(24))) == list(range(24))


def test_a_server_that_still_imports_is_ended_at_once(served: Served, is_gone: IsGone) -> None:
    served.put(
        "slow.py", "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(99)"
    )
    server = served.serve("slow")
    path = served.folder / "start" / "pid"
    while not (path.exists() and path.read_text()):
        pass
    server.close()
    assert is_gone(int(path.read_text()))


def test_no_descriptor_is_left_open(served: Served) -> None:
    def descriptors() -> list[str]:
        return sorted(path.name for path in Path("/proc/self/fd").iterdir())

    before = descriptors()
    server = served.serve()
    served.run(server, "pass")
    between = descriptors()
    served.run(server, "raise SystemExit(1)")
    assert descriptors() == between
    server.close()
    assert descriptors() == before


WHO = "import os\nprint(os.getpid(), os.getppid(), flush=True)\n"


def waiting_child(server: int) -> int:
    """Return the process that a server has forked for its next trial, once there is one."""
    while True:
        found = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        if found:
            return int(found[0])
        select.select([], [], [], 0.005)


def test_a_trial_runs_in_a_process_that_was_forked_before_it_was_asked_for(
    served: Served, is_gone: IsGone
) -> None:
    server = served.serve()
    _, first = served.run(server, WHO, "first")
    spare = waiting_child(int(first.split()[1]))
    outcome, second = served.run(server, WHO, "second")
    assert (outcome.exit_code, int(second.split()[0])) == (0, spare)
    left = waiting_child(int(first.split()[1]))
    server.close()
    assert is_gone(left)


@pytest.mark.kill
def test_a_kill_of_the_process_that_waits_costs_no_trial(served: Served, is_gone: IsGone) -> None:
    server = served.serve()
    _, first = served.run(server, WHO, "first")
    spare = waiting_child(int(first.split()[1]))
    os.kill(spare, signal.SIGKILL)
    assert is_gone(spare)
    outcome, second = served.run(server, WHO, "second")
    assert outcome.exit_code == 0
    assert int(second.split()[0]) != spare
    assert second.split()[1] == first.split()[1]


TREE = (
    "import os, signal, subprocess, sys\n"
    "pause = 'import signal; signal.pause()'\n"
    "one, two = [subprocess.Popen([sys.executable, '-c', pause], start_new_session=own)\n"
    "            for own in (False, True)]\n"
    "fork = os.fork()\n"
    "if not fork:\n    os.setsid()\n    signal.pause()\n"
    "print(os.getpid(), one.pid, two.pid, fork, os.getppid(), flush=True)\n"
)
RUNNER = """
import os, sys
from pathlib import Path
from tunesmith.executor.child_process import run_child
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stop_token import StopToken
from tests.executor.conftest import request_of
from tunesmith.executor.warm_server import WarmPlan, WarmServer
batch = sys.argv[3]
environment = {**os.environ, "TUNESMITH_BATCH": batch}
with Reaper(marker="TUNESMITH_BATCH=" + batch) as reaper:
    server = WarmServer(WarmPlan(imports=(), own=(), denied=()), python=sys.executable,
        environment=environment, directory=Path(sys.argv[2]), reaper=reaper)
    assert server.wait(StopToken()), server.obstacle
    request = request_of(Path(sys.argv[2]), sys.argv[1], TUNESMITH_BATCH=batch)
    run_child(request, start=server.start, stop=StopToken(), reaper=reaper,
        on_line=lambda line, _: print(line, flush=True))
"""


@pytest.mark.kill
def test_a_kill_of_the_runner_ends_the_server_and_all_of_its_trials(
    tmp_path: Path, is_gone: IsGone
) -> None:
    script = f"{TREE}signal.pause()\n"
    pids = kill_runner(RUNNER, script, tmp_path)
    assert len(pids) == 5
    assert all(is_gone(pid) for pid in pids)


@pytest.mark.kill
def test_a_kill_of_the_server_ends_the_trial_and_what_it_has_started(
    served: Served, is_gone: IsGone
) -> None:
    outcome, output = served.run(
        served.serve(), f"{TREE}os.kill(os.getppid(), 9)\nsignal.pause()\n"
    )
    assert (outcome.signal, outcome.is_lost) == (9, True)
    assert outcome.reason == "the warm server that started it was killed"
    assert len(output.split()) == 5
    assert all(is_gone(int(pid)) for pid in output.split())
