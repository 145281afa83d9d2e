"""GPUs across batches: two commands of this machine, and GPUs that it need not have."""

import os
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.conftest import Project
from tests.flows.conftest import wait_until
from tunesmith.flows.gpu_claims import LeasedGpus, limit_name

pytestmark = pytest.mark.server

SHOWING = """\
import os, select
x = 1
print("gpu:", os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
while not os.path.exists(os.path.join({path!r}, "go")):
    select.select([], [], [], 0.02)
print("loss:", x)
"""


def test_a_gpu_belongs_to_one_batch_until_it_is_released(connected: None) -> None:
    told = list[str]()
    first, second = LeasedGpus(tell=told.append), LeasedGpus(tell=told.append)

    assert first.claim("MIG-1/0/a")
    assert not second.claim("MIG-1/0/a")
    assert not second.claim("MIG-1/0/a")
    assert second.claim("other")
    first.release("MIG-1/0/a")
    assert second.claim("MIG-1/0/a")
    for gpu in ("MIG-1/0/a", "other"):
        second.release(gpu)

    assert told == ["GPU MIG-1/0/a is in use by another batch: trials wait until a GPU is free"]


def test_a_lease_is_of_a_limit_of_this_machine(connected: None) -> None:
    claims = LeasedGpus(tell=print)
    claims.claim("7")
    with get_client(sync_client=True) as client:
        limit = client.read_global_concurrency_limit_by_name(f"gpu:{os.uname().nodename}:7")
    claims.release("7")
    assert (limit_name("7"), limit.limit, limit.active_slots) == (limit.name, 1, 1)


def test_without_a_server_nobody_waits() -> None:
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert LeasedGpus(tell=print).claim("0")


def test_a_second_batch_waits_for_the_gpu_of_the_first(served_project: Project) -> None:
    served_project.write("show.py", SHOWING.format(path=str(served_project.path)))
    words = ("run", "show.py", "x=[1]", "-y", "--gpus", "test-0")
    first = served_project.start(*words)
    wait_until(lambda: len(_shown(served_project.home)) == 1, lambda: "no trial started")
    second = served_project.start(*words)
    assert second.stderr is not None
    waiting = next(line for line in iter(second.stderr.readline, "") if "in use by" in line)

    shown = _shown(served_project.home)
    served_project.write("go", "")
    for process in (first, second):
        process.communicate(timeout=120)

    assert "GPU test-0 is in use by another batch" in waiting
    assert len(shown) == 1
    assert [first.returncode, second.returncode] == [0, 0]
    assert _shown(served_project.home) == ["gpu: test-0", "gpu: test-0"]


def _shown(home: Path) -> list[str]:
    texts = [path.read_text() for path in home.glob("trials/*/*/.run/output")]
    return [line for text in texts for line in text.splitlines() if line.startswith("gpu:")]
