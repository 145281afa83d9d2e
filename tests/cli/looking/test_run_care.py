"""``cat``, ``open``, ``watch`` and ``diff``: looking after single runs."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import MORNING, Library, Outcome
from tunesmith.cli.looking.watch import Watcher
from tunesmith.trial import PlannedTrial, Run

Call = Callable[..., Outcome]


@pytest.fixture
def run(library: Library) -> str:
    """A single run with some output and a file."""
    run = library.single("a1" * 16, {"x": 1.0}, started=MORNING, loss=0.25)
    library.store.layout.output(run, run).write_text("one\ntwo\nloss: 0.25\n")
    directory = library.store.layout.trial_directory(run, run)
    (directory / "models").mkdir()
    (directory / "models" / "best.txt").write_text("weights\n")
    return run


def test_cat_prints_the_output(run: str, call: Call) -> None:
    done = call("cat")

    assert (done.code, done.out, done.err) == (0, "one\ntwo\nloss: 0.25\n", "")


def test_cat_prints_bytes_as_they_are_where_stdout_is_no_terminal(
    library: Library, run: str
) -> None:
    data = b"\x1b[2J\xff\x00\r\n"
    library.store.layout.output(run, run).write_bytes(data)

    command = [sys.executable, "-m", "tunesmith", "cat"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == data


def test_cat_prints_and_lists_files(run: str, call: Call) -> None:
    assert call("cat", run[:8], "--list").out == "models/best.txt\n"
    assert call("cat", run[:8], "--path", "models/best.txt").out == "weights\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--path", "../../../STORE.json"], 2, "leads out of the run's folder"),
        (["--path", "link"], 2, "leads out of the run's folder"),
        (["--path", "nothing"], 3, "nothing is not in the run's folder"),
        (["--path", "models"], 2, "models is a folder"),
        (["--attempt", "7"], 3, "has no output of attempt 7"),
        (["--list", "--path", "models"], 2, "choose one"),
        (["1", "2"], 2, "expected one run, and 2 are named: name one"),
        (["bfcf"], 2, "is a batch and has no output of its own"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_of_cat_is_one_line(
    library: Library, run: str, call: Call, arguments: list[str], code: int, message: str
) -> None:
    library.grid()
    (library.store.layout.trial_directory(run, run) / "link").symlink_to("/etc/passwd")
    named = [] if arguments[0] in ("1", "bfcf") else [run[:8]]

    done = call("cat", *named, *arguments)

    assert done.code == code
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_open_prints_the_folder_or_calls_a_command(library: Library, run: str, call: Call) -> None:
    folder = library.store.layout.trial_directory(run, run)
    command = [sys.executable, "-m", "tunesmith", "open", "--path", "models", "--with", "ls"]

    assert call("open", "--print").out == f"{folder}\n"
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"best.txt\n"


def test_open_of_a_batch_is_the_folder_of_its_trials(library: Library, call: Call) -> None:
    library.grid()

    out = call("open", "--print", "bfcf").out

    assert out == f"{library.store.layout.batch_directory('bfcff413' * 4)}\n"


def test_open_without_such_a_command_says_so(run: str, call: Call) -> None:
    done = call("open", "--with", "no-such-program")

    assert done.code == 3
    assert "no-such-program cannot be run" in done.err


def test_watch_prints_the_end_of_a_run_that_has_ended(run: str, call: Call) -> None:
    done = call("watch")

    assert done.out == "one\ntwo\nloss: 0.25\n"
    assert done.err == "a1a1a1a1 completed after 0:00:01\n"


def test_watch_shows_the_last_lines_unless_all_are_wanted(
    library: Library, run: str, call: Call
) -> None:
    lines = [f"line {number}" for number in range(100)]
    library.store.layout.output(run, run).write_text("\n".join(lines) + "\n")

    assert call("watch").out.splitlines() == lines[-20:]
    assert call("watch", "--all").out.splitlines() == lines


def test_watch_follows_a_running_run_to_its_end(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = "c3" * 16
    library.spec(batch, optimizer=None, settings={"x": 1.0})
    planned = PlannedTrial(number=0, flags={"x": 1.0}, origin="")
    library.store.put_plan(batch, [planned])
    library.store.start_trial(batch, 0, attempt=1, started=MORNING)
    output = library.store.layout.output(batch, batch)
    output.write_text("first\n")
    steps = iter(["second\n", "third\n"])

    def wait(_: float) -> None:
        """What happens between two looks: another line, and the end after the last."""
        line = next(steps, None)
        if line is not None:
            with output.open("a") as file:
                file.write(line)
        elif not library.store.part_names(batch):
            library.publish(batch, planned, started=MORNING, loss=0.5)

    with library.store.lease(batch):
        Watcher(library.store, wait=wait).follow(_find(library, batch))

    out, err = capsys.readouterr()
    assert out == "first\nsecond\nthird\n"
    assert err == "c3c3c3c3 completed after 0:00:01\n"


def _find(library: Library, run_id: str) -> Run:
    return next(run for run in library.store.list_runs().runs if run.id == run_id)


def test_diff_shows_flags_and_results_that_differ(library: Library, call: Call) -> None:
    first, second, _ = library.grid()

    done = call("diff", first[:8], second[:8])

    rows = [line.split() for line in done.out.splitlines()]
    assert rows[0] == [first[:8], second[:8]]
    assert [row[0] for row in rows[1:]] == ["x", "loss"]
    assert rows[2] == ["loss", "0.25", "0.5"]


def test_diff_takes_the_two_latest_the_older_one_first(library: Library, call: Call) -> None:
    _, second, third = library.grid()

    assert call("diff").out.splitlines()[0].split() == [second[:8], third[:8]]


def test_diff_compares_output_and_files(library: Library, run: str, call: Call) -> None:
    other = library.single("b2" * 16, {"x": 2.0}, started=MORNING + 1)
    library.store.layout.output(other, other).write_text("one\nTWO\nloss: 0.25\n")

    lines = call("diff", "--output").out.splitlines()
    missing = call("diff", "--path", "models/best.txt")

    assert lines[:2] == ["--- a1a1a1a1/output", "+++ b2b2b2b2/output"]
    assert lines[3:] == [" one", "-two", "+TWO", " loss: 0.25"]
    assert missing.code == 3
    assert "models/best.txt is not in the run's folder" in missing.err


def test_diff_of_what_is_the_same_says_so(library: Library, run: str, call: Call) -> None:
    library.single("b2" * 16, {"x": 1.0}, started=MORNING + 1)
    library.store.layout.output("b2" * 16, "b2" * 16).write_text("one\ntwo\nloss: 0.25\n")

    done = call("diff", "--output")

    assert (done.code, done.out) == (0, "")
    assert done.err == "a1a1a1a1 and b2b2b2b2 do not differ in this\n"


def test_diff_of_one_run_is_an_error(run: str, call: Call) -> None:
    done = call("diff", "1")

    assert done.code == 2
    assert "expected two runs, and got 1" in done.err


def test_diff_compares_sources(library: Library, call: Call, tmp_path: Path) -> None:
    Path("train.py").write_text("x = 1\nprint('loss:', x)\n")
    command = [sys.executable, "-m", "tunesmith", "run", "train.py", "--yes"]
    subprocess.run(command, check=True, capture_output=True)
    Path("train.py").write_text("x = 1\nprint('loss:', x * x)\n")
    subprocess.run(command, check=True, capture_output=True)

    lines = call("diff", "--source").out.splitlines()

    assert "-print('loss:', x)" in lines
    assert "+print('loss:', x * x)" in lines


def test_an_attempt_that_was_put_aside_is_not_the_latest(
    library: Library, run: str, call: Call
) -> None:
    output = library.store.layout.output(run, run)
    output.rename(output.with_name("output.1"))
    output.write_text("of an attempt without a record\n")

    assert call("cat", "--attempt", "1").out == "one\ntwo\nloss: 0.25\n"


def test_a_circle_of_links_is_one_line(library: Library, run: str, call: Call) -> None:
    folder = library.store.layout.trial_directory(run, run)
    (folder / "circle").symlink_to("circle")

    done = call("cat", "--path", "circle")

    assert done.code in (2, 3)
    assert "internal error" not in done.err


@pytest.mark.parametrize("is_batch", [False, True], ids=["run", "batch"])
@pytest.mark.parametrize(
    "words",
    [("open", "--print"), ("cat", "--list"), ("cat", "--path", "private"), ("cat",)],
    ids=" ".join,
)
def test_no_link_in_the_place_of_a_folder_is_followed(
    library: Library, run: str, call: Call, words: tuple[str, ...], is_batch: bool
) -> None:
    folder = library.store.layout.trial_directory(run, run)
    place = folder.parent if is_batch else folder
    moved = place.rename(library.store.home.parent / "theirs")
    for root in (moved, moved / run):
        if root.is_dir():
            (root / "private").write_text("private")
    place.symlink_to(moved)

    done = call(*words)

    assert (done.code, done.out) == (3, "")
    assert "is behind a link, which is not followed" in done.err


def test_output_that_a_link_has_replaced_is_not_printed(
    library: Library, run: str, call: Call
) -> None:
    output = library.store.layout.output(run, run)
    output.unlink(missing_ok=True)
    output.symlink_to("/etc/passwd")

    done = call("cat")

    assert (done.code, done.out) == (3, "")


def test_the_files_of_a_batch_are_those_of_its_trials(library: Library, call: Call) -> None:
    first, *_ = library.grid()
    folder = library.store.layout.trial_directory("bfcff413" * 4, first)
    (folder / "a.txt").touch()

    assert call("cat", "bfcff413", "--list").out == f"{first}/a.txt\n"
