import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tunesmith.batch import BatchSpec, Execution
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.workplace import Session, Workplace, open_workplace
from tunesmith.script.reading import read_script_flags
from tunesmith.storage.source import snapshot_source
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

BATCH = uuid.uuid4().hex  # what a trial leaves is ended by its id: no other process may share it


class Recorder:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        self.told.append(("started", planned.number))

    def scalar_reported(self, number: int, tag: str, step: int, value: float) -> None:
        self.told.append((tag, step, value))

    def trial_finished(self, record: TrialRecord) -> None:
        self.told.append(("finished", record.number))

    def note(self, text: str) -> None:
        self.told.append(("note", text))


@pytest.fixture
def observer() -> Recorder:
    return Recorder()


@pytest.fixture
def make_work(tmp_path: Path, observer: Recorder) -> Iterator[Any]:
    """Open a batch of one script's text; closed at the test's end."""
    project = tmp_path / "project"
    project.mkdir()
    opened = []

    def make(text: str, execution: Execution | None = None, **files: str) -> Workplace:
        (project / "train.py").write_text(text)
        for name, content in files.items():
            (project / name).write_text(content)
        store = Store.create(tmp_path / ".tunesmith")
        spec = BatchSpec(
            id=BATCH,
            home=str(store.home),
            project=str(project),
            script="train.py",
            operation="train.py",
            script_flags=read_script_flags(project / "train.py", python=sys.executable),
            settings={},
            execution=execution or Execution(),
        )
        digest = snapshot_source(store, project, project / "train.py")
        spec = replace(spec, source_digest=digest)
        store.put_batch(spec)
        session = Session(observer=observer, environment=dict(os.environ))
        context = open_workplace(spec, store, session)
        opened.append(context)
        return context.__enter__()

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def trial(**flags: Any) -> PlannedTrial:
    return PlannedTrial(number=1, flags=flags, origin="grid")


def test_a_trial_runs_with_its_flags_and_is_in_the_store(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work("x = 1\nfor step in range(2):\n    print('loss:', x + step)\n")
    record = publish_attempt(work, trial(x=5))
    assert record.status is TrialStatus.COMPLETED
    assert (record.objective, record.scalars["loss"].first) == (6.0, 5.0)
    assert work.store.records(BATCH).records == (record,)
    (series,) = work.store.series(BATCH, 1)
    assert list(series.values) == [5.0, 6.0]
    assert observer.told == [("started", 1), ("loss", 0, 5.0), ("loss", 1, 6.0)]


def test_a_trial_knows_where_and_what_it_is(make_work: Any) -> None:
    work = make_work(
        "import os\nx = 1\n"
        "print(os.getcwd() == os.environ['RUN_DIR'], os.environ['FLAG_X'],\n"
        "      os.environ['TUNESMITH_TRIAL'], len(os.environ['RUN_ID']), flush=True)\n"
    )
    record = publish_attempt(work, trial(x=5))
    assert work.store.layout.output(BATCH, record.id).read_text() == "True 5 1 32\n"


def test_another_attempt_has_the_next_number_and_keeps_the_earlier_output(make_work: Any) -> None:
    work = make_work("print('loss: 1')\nraise SystemExit(2)\n")
    first, second = (publish_attempt(work, trial()) for _ in range(2))
    assert (first.attempt, second.attempt) == (1, 2)
    assert work.store.records(BATCH).records == (second,)
    metadata = work.store.layout.output(BATCH, second.id).parent
    assert (metadata / "output.1").read_text() == "loss: 1\n"


def test_event_files_that_the_script_writes_are_scalars(make_work: Any) -> None:
    work = make_work(
        "from tensorboardX import SummaryWriter\n"
        "with SummaryWriter('logs') as w:\n    w.add_scalar('loss', 0.5, 7)\n"
    )
    record = publish_attempt(work, trial())
    assert record.scalars["logs#loss"].last_step == 7
    assert record.objective == 0.5  # the only tag that ends in #loss


def test_a_file_that_only_the_project_has_is_hinted_at(make_work: Any) -> None:
    work = make_work("open('data.bin').read()\n")
    (Path(work.spec.project) / "data.bin").write_bytes(b"\0" * 10)
    record = publish_attempt(work, trial())
    assert record.status is TrialStatus.ERROR
    assert "add --link data.bin" in record.reason


def test_a_link_stands_in_the_place_of_a_copy(make_work: Any) -> None:
    work = make_work(
        "import os\nprint(os.path.islink('notes.txt'))\n",
        Execution(links=("notes.txt",)),
        **{"notes.txt": "text"},
    )
    record = publish_attempt(work, trial())
    assert work.store.layout.output(BATCH, record.id).read_text() == "True\n"


def test_a_trial_in_place_sees_the_project(make_work: Any) -> None:
    work = make_work(
        "import os\nx = 1\nprint(sorted(os.listdir()), x)\n", Execution(is_in_place=True)
    )
    record = publish_attempt(work, trial(x=2))
    assert work.store.layout.output(BATCH, record.id).read_text() == "['train.py'] 2\n"


def test_a_timeout_is_the_reason_of_the_end(make_work: Any) -> None:
    work = make_work("import signal\nsignal.pause()\n", Execution(timeout_s=0.3))
    record = publish_attempt(work, trial())
    assert record.status is TrialStatus.TERMINATED
    assert record.reason == "timed out after 0.3 s"
