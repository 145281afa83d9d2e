"""Batches that are passed on, and found again by a key or by the retry of a flow."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.utilities.hashing import hash_objects

import tunesmith
from tests.batches import make_spec
from tests.conftest import Project, variables
from tunesmith.api.batches import Batch
from tunesmith.errors import SpecificationError
from tunesmith.flags.settings import Distribution
from tunesmith.identity import id_of
from tunesmith.server.server_directory import ServerState
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.store import Store

SCRIPT = "x = 1.0\nprint('loss:', x)\n"
RETRIED = """
import json
from concurrent.futures import ProcessPoolExecutor
from operator import attrgetter

import tunesmith
from prefect import flow, task
from tunesmith.errors import SpecificationError

seen = []

@task(persist_result=True)
def search(n, **more):
    return tunesmith.run("quick.py", x=tunesmith.uniform(0.0, 1.0), max_trials=n, **more)

@flow(retries=1)
def pipeline():
    pair = [tunesmith.run("quick.py", x=[1, 2]) for _ in range(2)]
    seen.append([one.id for one in (*pair, search(2))])
    if len(seen) == 1:
        raise RuntimeError("the first attempt fails")
    return search(1, key="nightly"), search(3, key="nightly")

if __name__ == "__main__":
    first, second = pipeline()
    try:
        tunesmith.run("quick.py", x=[5, 6], key="nightly")
    except SpecificationError as error:
        message = str(error)
    with ProcessPoolExecutor(1) as pool:
        elsewhere = pool.submit(attrgetter("trials"), first).result()
    print(json.dumps({
        "retried": seen[0] == seen[1],
        "ids": len(set(seen[0])),
        "same": first == second,
        "elsewhere": len(elsewhere),
        "message": message,
        "batches": len(tunesmith.open(".").batches()),
    }))
"""


def test_a_batch_is_the_same_wherever_it_is_unpickled(tmp_path: Path) -> None:
    store = Store.create(tmp_path / ".tunesmith")
    store.put_batch(make_spec("a" * 32))
    batch = Batch(store, "a" * 32)

    copy = pickle.loads(pickle.dumps(batch))

    assert (copy, copy.spec) == (batch, batch.spec)
    assert {copy, batch} == {batch} != {Batch(store, "b" * 32)}
    assert hash_objects(copy) == hash_objects(batch) != hash_objects(Batch(store, "b" * 32))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x": tunesmith.uniform(0.0, 1.0)}, r"has x \[-2\.0:2\.0\], and .* was given: give what"),
        ({"optimizer": "random"}, "has optimizer gp, and random was given"),
        ({"script": "other.py"}, r"has script .*train\.py, and .*other\.py was given"),
        ({"key": " "}, "key is ' ': expected a text"),
    ],
)
def test_a_key_is_that_of_one_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], words: str
) -> None:
    for name in ("train.py", "other.py"):
        (tmp_path / name).write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)
    space = {"x": Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]")}
    spec = make_spec(id_of("key nightly"), project=str(tmp_path), settings=space, given=("x",))
    Store.create(tmp_path / ".tunesmith").put_batch(spec)
    call = {"script": "train.py", "x": tunesmith.uniform(-2.0, 2.0), "optimizer": "gp"}

    with pytest.raises(SpecificationError, match=words):
        tunesmith.run(**{**call, "key": "nightly", **changes})  # type: ignore[arg-type]  # of several kinds


def test_a_deleted_batch_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)
    batch, store = id_of("key nightly"), Store.create(tmp_path / ".tunesmith")
    store.put_batch(make_spec(batch, project=str(tmp_path), given=("x",)))
    store.add_edit(Edit(action=EditAction.DELETE, runs=(batch,), time=1.0))

    with pytest.raises(SpecificationError, match=f"deleted: tunesmith runs restore {batch[:8]}"):
        tunesmith.run("train.py", x=tunesmith.uniform(-2.0, 2.0), optimizer="gp", key="nightly")


@pytest.mark.server
def test_a_flow_that_is_retried_goes_on_with_its_batches(
    served_project: Project, prefect_server: ServerState
) -> None:
    program = served_project.write("program.py", RETRIED)

    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=served_project.path,
        env={**served_project.environment, **variables(prefect_server)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("message").endswith("give what it has, or another key")
    assert told == {"retried": True, "ids": 3, "same": True, "elsewhere": 3, "batches": 4}
