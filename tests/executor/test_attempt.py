import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.executor.conftest import Recorder
from tunesmith.execution import Execution
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.reported import READ_S
from tunesmith.storage.records.reading import read_segment, segment_names
from tunesmith.trial import PlannedTrial, TrialStatus


def trial(**flags: Any) -> PlannedTrial:
    return PlannedTrial(number=1, flags=flags, origin="grid")


def test_a_trial_runs_with_its_flags_and_is_in_the_store(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work("x = 1\nfor step in range(2):\n    print('loss:', x + step)\n")
    record = publish_attempt(work, trial(x=5))
    assert record.status is TrialStatus.COMPLETED
    assert (record.objective, record.scalars["loss"].first) == (6.0, 5.0)
    assert work.store.records(work.spec.id).records == (record,)
    (series,) = work.store.series(work.spec.id, 1)
    assert list(series.values) == [5.0, 6.0]
    assert observer.told == [("started", 1), ("loss", 0, 5.0), ("loss", 1, 6.0)]


def test_a_trial_knows_where_and_what_it_is(make_work: Any) -> None:
    work = make_work(
        "import os\nx = 1\n"
        "print(os.getcwd() == os.environ['RUN_DIR'], os.environ['FLAG_X'],\n"
        "      os.environ['TUNESMITH_TRIAL'], len(os.environ['RUN_ID']), flush=True)\n"
    )
    record = publish_attempt(work, trial(x=5))
    assert work.store.layout.output(work.spec.id, record.id).read_text() == "True 5 1 32\n"


def test_another_attempt_has_the_next_number_and_keeps_the_earlier_output(make_work: Any) -> None:
    work = make_work("print('loss: 1')\nraise SystemExit(2)\n")
    first, second = (publish_attempt(work, trial()) for _ in range(2))
    assert (first.attempt, second.attempt) == (1, 2)
    assert work.store.records(work.spec.id).records == (second,)
    metadata = work.store.layout.output(work.spec.id, second.id).parent
    assert (metadata / "output.1").read_text() == "loss: 1\n"


def test_a_trial_whose_folder_is_gone_does_not_repeat_the_number_of_a_recorded_attempt(
    make_work: Any,
) -> None:
    work = make_work("print('loss: 1')\nraise SystemExit(2)\n")
    first = publish_attempt(work, trial())
    work.store.compact(work.spec.id)
    shutil.rmtree(work.store.layout.trials)  # as an import without files leaves it
    again = replace(work, spec=replace(work.spec, rerun=(1,)))
    second = publish_attempt(again, trial())
    work.store.compact(work.spec.id)
    assert (first.attempt, second.attempt) == (1, 2)
    objects = work.store.objects
    names = segment_names(objects, work.spec.id)
    rows = [record for name in names for record in read_segment(objects, name)]
    assert rows == [second]


def test_a_trial_that_removes_its_folder_does_not_repeat_the_number_of_its_attempt(
    make_work: Any,
) -> None:
    work = make_work(
        "import os, shutil\nos.chdir('/')\nshutil.rmtree(os.environ['RUN_DIR'])\n"
        "raise SystemExit(1)\n"
    )
    assert [publish_attempt(work, trial()).attempt for _ in range(3)] == [1, 2, 3]


def test_event_files_that_the_script_writes_are_scalars(make_work: Any) -> None:
    work = make_work(
        "from tensorboardX import SummaryWriter\n"
        "with SummaryWriter('logs') as w:\n    w.add_scalar('loss', 0.5, 7)\n"
    )
    record = publish_attempt(work, trial())
    assert record.scalars["logs#loss"].last_step == 7
    assert record.objective == 0.5  # the only tag that ends in #loss


def test_an_event_file_that_cannot_be_read_is_told(make_work: Any, observer: Recorder) -> None:
    work = make_work("import os\nos.mkfifo('events.out.tfevents.1')\nprint('loss: 1')\n")
    assert publish_attempt(work, trial()).objective == 1.0
    text = "trial 1: its scalars in events.out.tfevents.1 are left out: it cannot be read"
    assert ("note", text) in observer.told


def test_a_record_says_so_where_there_was_no_time_for_all_of_its_events(make_work: Any) -> None:
    work = make_work(
        "from tensorboardX import SummaryWriter\n"
        "with SummaryWriter('logs') as w:\n    w.add_scalar('loss', 0.5, 7)\n"
        "print('acc: 1')\n",
        Execution(grace_s=-READ_S),
    )
    work.stop.killed_at = 0.0  # as if a signal came while they were read
    work.stop.drain("stopped by SIGTERM")
    record = publish_attempt(work, trial())
    assert (record.status, record.exit_code) == (TrialStatus.TERMINATED, 0)
    assert record.reason == "stopped by SIGTERM; the rest of its event files was not read"
    assert sorted(record.scalars) == ["acc"]


def test_a_secret_that_only_the_project_has_is_hinted_at(make_work: Any) -> None:
    work = make_work("open('hf_token').read()\n")
    (Path(work.spec.project) / "hf_token").write_bytes(b"\0" * 10)
    record = publish_attempt(work, trial())
    assert record.status is TrialStatus.ERROR
    assert "add --link hf_token" in record.reason


def test_a_link_stands_in_the_place_of_a_copy(make_work: Any) -> None:
    work = make_work(
        "import os\nprint(os.path.islink('notes.txt'))\n",
        Execution(links=("notes.txt",)),
        **{"notes.txt": "text"},
    )
    record = publish_attempt(work, trial())
    assert work.store.layout.output(work.spec.id, record.id).read_text() == "True\n"


def test_a_trial_in_place_sees_the_project(make_work: Any) -> None:
    work = make_work(
        "import os\nx = 1\nprint(sorted(os.listdir()), x)\n", Execution(is_in_place=True)
    )
    record = publish_attempt(work, trial(x=2))
    assert work.store.layout.output(work.spec.id, record.id).read_text() == "['train.py'] 2\n"


def test_a_timeout_is_the_reason_of_the_end(make_work: Any) -> None:
    work = make_work("import signal\nsignal.pause()\n", Execution(timeout_s=0.3))
    record = publish_attempt(work, trial())
    assert record.status is TrialStatus.TERMINATED
    assert record.reason == "timed out after 0.3 s"


def test_a_link_above_the_project_is_where_the_script_finds_it(
    make_work: Any, tmp_path: Path
) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "x.csv").write_text("1\n2\n")
    work = make_work(
        "import os\nx = 1\n"
        "print('loss:', len(open('../input/x.csv').readlines()) + x)\n"
        "print(os.getcwd() == os.environ['RUN_DIR'], os.path.basename(os.getcwd()))\n",
        Execution(links=("../input",)),
    )
    for _ in range(2):
        record = publish_attempt(work, trial(x=5))
        assert (record.status, record.objective) == (TrialStatus.COMPLETED, 7.0)
    output = work.store.layout.output(work.spec.id, record.id)
    assert output.read_text().splitlines()[1] == "True project"
    assert (output.parent.parent / "project" / "train.py").is_file()
    assert [path.name for path in (tmp_path / "input").iterdir()] == ["x.csv"]


def test_event_files_of_a_script_that_works_deeper_keep_their_tags(
    make_work: Any, tmp_path: Path
) -> None:
    (tmp_path / "input").mkdir()
    work = make_work(
        "from tensorboardX import SummaryWriter\n"
        "with SummaryWriter('logs') as writer:\n"
        "    writer.add_scalar('acc', 0.5, 3)\n",
        Execution(links=("../input",)),
    )
    record = publish_attempt(work, trial())
    assert record.scalars["logs#acc"].last == 0.5


def test_folders_of_the_user_that_were_linked_are_whole_after_several_attempts(
    make_work: Any, tmp_path: Path
) -> None:
    for name in ("project/data/train", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.csv").write_text("1\n")
    links = ("data", "data/train", str(tmp_path / "elsewhere"), f"{tmp_path}/elsewhere/")
    work = make_work(
        "print('loss:', len(open('data/train/x.csv').read() + open('elsewhere/x.csv').read()))\n",
        Execution(links=links),
    )
    for _ in range(3):
        assert publish_attempt(work, trial()).objective == 4.0
    assert (tmp_path / "project" / "data" / "train" / "x.csv").is_file()
    assert (tmp_path / "elsewhere" / "x.csv").is_file()
