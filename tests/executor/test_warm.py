import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import Recorder
from tunesmith.batch import Execution
from tunesmith.executor import child
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.process import ChildOutcome, run_child
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.request import ChildRequest
from tunesmith.executor.starting import start_fresh
from tunesmith.executor.stopping import StopToken
from tunesmith.executor.warm_plan import DENIED
from tunesmith.executor.warm_server import WarmPlan, WarmServer
from tunesmith.executor.warm_starts import WarmStarts, warm_starts
from tunesmith.executor.workplace import Workplace
from tunesmith.runner import WarmMode
from tunesmith.trial import PlannedTrial, TrialStatus

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are for Linux")

IsGone = Callable[[int], bool]
IS_WARM = "import os\nis_warm = 'warm_child' in open('/proc/self/cmdline').read()\n"
ON = Execution(warm=WarmMode.ON)


def trial(number: int, **flags: Any) -> PlannedTrial:
    return PlannedTrial(number=number, flags=flags, origin="grid")


def said(work: Workplace, number: int) -> str:
    """Run a trial and return what it printed."""
    record = publish_attempt(work, trial(number))
    return work.store.layout.output(work.spec.id, record.id).read_text()


def notes(observer: Recorder) -> list[str]:
    return [str(told[1]) for told in observer.told if told[0] == "note"]


def test_the_first_trial_is_fresh_and_the_others_are_forked(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(f"{IS_WARM}print(is_warm)\n", n_trials=3)
    assert [said(work, number) for number in (1, 2, 3)] == ["False\n", "True\n", "True\n"]
    assert notes(observer) == []


@pytest.mark.parametrize(
    ("execution", "n_trials"),
    [(Execution(warm=WarmMode.OFF), 9), (Execution(), 2), (Execution(jobs=4), 5), (ON, None)],
    ids=["off", "two trials", "one after the first ones", "a single run"],
)
def test_who_gains_nothing_has_no_server(
    make_work: Any, execution: Execution, n_trials: int | None
) -> None:
    assert make_work("pass", execution, n_trials=n_trials).warm is None


def test_who_insists_has_the_first_trial_forked_too(make_work: Any) -> None:
    assert said(make_work(f"{IS_WARM}print(is_warm)\n", ON, n_trials=1), 1) == "True\n"


def test_flags_reach_a_forked_script_as_globals_and_in_the_environment(make_work: Any) -> None:
    work = make_work("import os\nx = 1\nprint('loss:', x + float(os.environ['FLAG_X']))\n", ON, 3)
    records = [publish_attempt(work, trial(number, x=number)) for number in (1, 2)]
    assert [record.objective for record in records] == [2.0, 4.0]


def test_flags_reach_a_forked_script_as_arguments(make_work: Any) -> None:
    work = make_work(
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--x', type=float, default=1.0)\n"
        "print('loss:', parser.parse_args().x)\n",
        ON,
        n_trials=3,
    )
    assert publish_attempt(work, trial(1, x=0.5)).objective == 0.5


def test_flags_reach_a_forked_click_script(make_work: Any) -> None:
    work = make_work(
        "import click\n@click.command()\n@click.option('--x', type=float, default=1.0)\n"
        "def main(x):\n    print('loss:', x)\nmain()\n",
        ON,
        n_trials=3,
    )
    record = publish_attempt(work, trial(1, x=0.5))
    assert (record.exit_code, record.objective) == (0, 0.5)


@pytest.mark.parametrize("is_in_place", [False, True], ids=["a copy", "in place"])
def test_modules_and_data_of_the_project_are_found(make_work: Any, is_in_place: bool) -> None:
    work = make_work(
        f"{IS_WARM}import helper\nfrom helper import value\n"
        "print(is_warm, value, open('data.txt').read())\n",
        replace(ON, is_in_place=is_in_place),
        n_trials=3,
        **{"helper.py": "value = 3\n", "data.txt": "12"},
    )
    assert said(work, 1) == "True 3 12\n"


def test_a_module_of_the_project_may_have_a_name_of_the_standard_library(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(
        f"{IS_WARM}import json\nprint(is_warm, json.value)\n",
        ON,
        n_trials=3,
        **{"json.py": "value = 3\n"},
    )
    assert said(work, 1) == "False 3\n"
    assert "the project's own json has the name of another module" in notes(observer)[0]


def test_a_warm_trial_that_fails_where_a_fresh_one_does_not_runs_again(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(f"{IS_WARM}print('loss: 1')\nif is_warm: os._exit(3)\n", n_trials=4)
    records = [publish_attempt(work, trial(number)) for number in (1, 2, 3)]
    assert [(one.status, one.attempt) for one in records] == [
        (TrialStatus.COMPLETED, 1),
        (TrialStatus.COMPLETED, 2),
        (TrialStatus.COMPLETED, 1),
    ]
    assert notes(observer) == [
        "trial 2 failed in a warm process and not in a fresh one: "
        "the batch goes on with fresh ones"
    ]


def test_a_script_that_fails_in_any_process_is_not_blamed_on_the_server(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(
        f"{IS_WARM}print(is_warm)\nif os.environ['TUNESMITH_TRIAL'] in '23': 1 / 0\n", n_trials=5
    )
    records = [publish_attempt(work, trial(number)) for number in (1, 2, 3)]
    assert [(one.exit_code, one.attempt) for one in records] == [(0, 1), (1, 2), (1, 1)]
    assert (said(work, 4), notes(observer)) == ("True\n", [])


def test_a_script_that_always_fails_is_run_once_a_trial(make_work: Any) -> None:
    work = make_work("1 / 0\n", n_trials=4)
    assert [publish_attempt(work, trial(number)).attempt for number in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("mode", [WarmMode.AUTO, WarmMode.ON])
def test_a_library_that_no_fork_survives_makes_trials_fresh(
    make_work: Any, observer: Recorder, mode: WarmMode
) -> None:
    work = make_work(f"import polars\n{IS_WARM}print(is_warm)\n", Execution(warm=mode), 3)
    assert [said(work, number) for number in (1, 2)] == ["False\n", "False\n"]
    expected = "--warm on: polars does not survive a fork, so that trials run in fresh processes"
    assert notes(observer) == ([expected] if mode is WarmMode.ON else [])


def test_without_forks_who_insists_is_told(make_work: Any, observer: Recorder) -> None:
    spec = replace(make_work("pass", n_trials=3).spec, execution=ON)
    with (
        Reaper() as reaper,
        warm_starts(
            spec, empty_plan, stop=StopToken(), observer=observer, reaper=reaper, has_fork=False
        ) as starts,
    ):
        assert starts is None
    assert notes(observer) == ["--warm on: this system can only run trials in fresh processes"]


def test_the_loss_of_the_server_runs_the_trial_again(make_work: Any, observer: Recorder) -> None:
    work = make_work(
        f"{IS_WARM}import signal\nif is_warm:\n    os.kill(os.getppid(), 9)\n    signal.pause()\n"
        "print('loss: 1')\n",
        n_trials=4,
    )
    records = [publish_attempt(work, trial(number)) for number in (1, 2, 3)]
    assert [(one.status, one.attempt) for one in records] == [
        (TrialStatus.COMPLETED, 1),
        (TrialStatus.COMPLETED, 2),
        (TrialStatus.COMPLETED, 1),
    ]
    assert notes(observer) == [
        "the warm server was lost, so that the trial runs again: "
        "the batch goes on with fresh processes"
    ]


def test_a_server_that_was_killed_between_two_trials_is_not_missed(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work(f"{IS_WARM}print(is_warm, os.getppid())\n", n_trials=4)
    said(work, 1)
    os.kill(int(said(work, 2).split()[1]), 9)
    record = publish_attempt(work, trial(3))
    assert (record.status, record.attempt) == (TrialStatus.COMPLETED, 1)
    assert notes(observer) == [
        "the warm server was lost, before the trial had started: "
        "the batch goes on with fresh processes"
    ]


def empty_plan() -> WarmPlan:
    return WarmPlan(imports=(), own=(), denied=())


def request_of(folder: Path, text: str, **environment: str) -> ChildRequest:
    folder.mkdir(exist_ok=True)
    (folder / "script.py").write_text(text)
    run_id = uuid.uuid4().hex
    return ChildRequest(
        argv=(sys.executable, child.__file__, str(folder / "script.py")),
        directory=folder,
        environment={**os.environ, "TUNESMITH_RUN_ID": run_id, **environment},
        output=folder / "output",
        marker=f"TUNESMITH_RUN_ID={run_id}",
    )


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
        ("import os\nos._exit(1)", "its process ended at its start"),
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
    assert server.obstacle == "the project's own json has the name of another module"


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


@pytest.fixture
def make_starts(observer: Recorder) -> Iterator[Callable[[WarmMode], WarmStarts]]:
    made = []

    def make(mode: WarmMode) -> WarmStarts:
        made.append(WarmStarts(empty_plan, mode=mode, stop=StopToken(), observer=observer))
        return made[-1]

    yield make
    for starts in made:
        starts.close()


def ended(*, seconds: float, exit_code: int = 0) -> ChildOutcome:
    return ChildOutcome(
        exit_code=exit_code, signal=None, reason="", started=0.0, stopped=seconds,
        seconds=seconds, cpu_seconds=0.0, max_rss_bytes=0,
    )  # fmt: skip


def test_another_environment_at_the_start_makes_a_trial_fresh(
    tmp_path: Path, make_starts: Callable[[WarmMode], WarmStarts]
) -> None:
    starts = make_starts(WarmMode.ON)
    same = request_of(tmp_path / "a", "pass", FLAG_X="1", CUDA_VISIBLE_DEVICES="0")
    other = request_of(tmp_path / "b", "pass", FLAG_X="2", CUDA_VISIBLE_DEVICES="1")
    third = request_of(tmp_path / "c", "pass", OMP_NUM_THREADS="77")
    assert starts.choose(same)[0] is not start_fresh
    assert starts.choose(other)[0] is not start_fresh
    assert starts.choose(third)[0] is start_fresh


def test_trials_are_fresh_until_one_has_completed(
    tmp_path: Path, make_starts: Callable[[WarmMode], WarmStarts]
) -> None:
    starts, request = make_starts(WarmMode.AUTO), request_of(tmp_path / "a", "pass")
    assert starts.choose(request) == (start_fresh, request)
    starts.is_to_repeat(start_fresh, ended(seconds=1.0, exit_code=1))
    assert starts.choose(request) == (start_fresh, request)
    starts.is_to_repeat(start_fresh, ended(seconds=1.0))
    assert starts.choose(request)[0] is not start_fresh


def test_trials_that_take_long_stay_fresh(
    tmp_path: Path, make_starts: Callable[[WarmMode], WarmStarts]
) -> None:
    starts, request = make_starts(WarmMode.AUTO), request_of(tmp_path / "a", "pass")
    starts.is_to_repeat(start_fresh, ended(seconds=301.0))
    assert starts.choose(request) == (start_fresh, request)


@pytest.mark.parametrize(("timeout_s", "expected"), [(None, 80.0), (5.0, 5.0), (900.0, 80.0)])
def test_the_first_warm_trial_has_a_limit_of_time(
    tmp_path: Path,
    make_starts: Callable[[WarmMode], WarmStarts],
    timeout_s: float | None,
    expected: float,
) -> None:
    starts = make_starts(WarmMode.AUTO)
    request = replace(request_of(tmp_path / "a", "pass"), timeout_s=timeout_s)
    starts.is_to_repeat(start_fresh, ended(seconds=10.0))
    start, limited = starts.choose(request)
    assert limited.timeout_s == expected
    assert starts.is_to_repeat(start, ended(seconds=80.0, exit_code=1))
    starts.is_to_repeat(start, ended(seconds=1.0))
    assert starts.choose(request)[1] == request


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
from tunesmith.executor.process import run_child
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stopping import StopToken
from tests.executor.test_warm import request_of
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
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, script, str(tmp_path), uuid.uuid4().hex],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert runner.stdout is not None
    pids = [int(word) for word in runner.stdout.readline().split()]
    runner.kill()
    runner.communicate()
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
    assert outcome.reason == "the warm server, which had started it, was killed"
    assert len(output.split()) == 5
    assert all(is_gone(int(pid)) for pid in output.split())
