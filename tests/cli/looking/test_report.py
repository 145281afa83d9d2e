import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.batches import make_spec
from tests.cli.conftest import MORNING, Library, Outcome

Call = Callable[..., Outcome]

DERIVING = """
import sys
from pathlib import Path
from tunesmith.report.facts import gather
from tunesmith.report.writing import write_report
from tunesmith.storage.index.run_list import list_runs
from tunesmith.storage.store import Store
from tunesmith.tensorboard.log_directory import write_batch_summaries

store, batch = Store.open(Path(sys.argv[1])), sys.argv[2]
facts = gather(store, batch, store.list_runs().runs)
for _ in range(8):
    write_report(store, facts)
    write_batch_summaries(store, batch, [run for run in facts.trials if run.is_trial])
"""


def test_the_latest_batch_is_reported_beside_its_trials(library: Library, call: Call) -> None:
    library.grid()
    library.search()

    done = call("report")

    page = library.store.layout.report("0b5e55ed" * 4)
    assert done.code == 0
    assert done.out == f"{page}\n"
    assert done.err.startswith("Wrote report.html (")
    assert "train.py+gp" in page.read_text()
    assert "ValueError: too hot" in page.with_suffix(".md").read_text()


def test_a_trial_stands_for_its_batch(library: Library, call: Call) -> None:
    ids = library.grid()
    library.search()

    assert call("report", ids[0][:8], "-o", "grid.html").code == 0

    assert "<h1>train.py+ " in Path("grid.html").read_text()


def test_the_commit_and_the_versions_are_named_as_they_were_recorded(
    library: Library, call: Call
) -> None:
    library.search()
    unknown = call("report", "-o", "-").out
    recorded = {"commit": "abc123", "packages": "numpy 2.1.0"}
    library.store.put_batch(make_spec("e" * 32, environment=recorded, created=MORNING + 99))

    known = call("report", "eeee", "-o", "-").out

    assert "| git commit | abc123 |\n" in known
    assert "| packages | numpy 2.1.0 |\n| Tunesmith | not recorded |" in known
    assert "| git commit | not recorded |" in unknown


def test_markdown_goes_to_stdout(library: Library, call: Call) -> None:
    library.search()

    done = call("report", "-o", "-")

    assert done.out.startswith("# train.py\\+gp 0b5e55ed\n")
    assert done.err == ""


def test_a_gp_batch_shows_what_its_model_expects(library: Library, call: Call) -> None:
    library.search()

    call("report", "-o", "r.html")

    assert 'class="band"' in Path("r.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-o", "r.txt"], 2, "r.txt is not a report: name a file that ends in .html or .md"),
        (["-o", "no/such/r.html"], 2, "there is no folder no/such"),
        (["-o", "r.md", "--open"], 2, "name a file that ends in .html"),
        (["1", "2"], 2, "expected one batch, and 2 runs are named: name one"),
        (["a1a1"], 3, "a1a1a1a1 is a single run: name a batch, such as bfcff413"),
        (["--label", "none"], 3, "no batch matches the filters"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_line(
    library: Library, call: Call, arguments: list[str], code: int, message: str
) -> None:
    library.grid()
    library.single("a1" * 16, {"x": 1.0}, started=0.0)

    done = call("report", *arguments)

    assert done.code == code
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_without_a_batch_it_says_how_to_start_one(library: Library, call: Call) -> None:
    library.single("a1" * 16, {"x": 1.0}, started=0.0)

    done = call("report")

    assert done.code == 3
    assert "there is no batch yet" in done.err


@pytest.mark.parametrize(
    "command", [["report"], ["compare", "--table"], ["run", "-y", "--restart"], ["runs", "info"]]
)
def test_a_batch_that_was_deleted_is_told_where_it_is(
    library: Library, call: Call, command: list[str]
) -> None:
    library.grid()
    call("runs", "delete", "train.py+", "-y")

    done = call(*command, "bfcff413")

    assert done.code == 3
    assert "or deleted ones with tunesmith runs --deleted" in done.err


@pytest.mark.parametrize("ending", ["html", "md"])
def test_the_command_of_a_batch_that_went_on_is_not_said_to_repeat_it(
    library: Library, call: Call, ending: str
) -> None:
    library.search()
    earlier = library.store.batch("0b5e55ed" * 4)
    library.store.put_batch(replace(earlier, generation=1, n_trials=5))

    call("report", "-o", f"r.{ending}")

    text = Path(f"r.{ending}").read_text()
    assert (
        "The batch was restarted once; this command starts a new batch with its last settings"
        in text
    )


def test_two_processes_write_what_is_derived_of_one_batch_at_once(library: Library) -> None:
    ids = library.grid()
    batch = "bfcff413" * 4
    folder = library.store.layout.batch_directory(batch)
    command = [sys.executable, "-c", DERIVING, str(library.store.home), batch]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]

    endings = set()
    while any(writer.poll() is None for writer in writers):
        if (folder / "report.html").exists():
            endings.add((folder / "report.html").read_text().rstrip()[-7:])
    errors = [writer.communicate()[1] for writer in writers]

    assert errors == ["", ""]
    assert endings == {"</html>"}
    assert {path.name for path in folder.iterdir()} == {
        *ids,
        "report.html",
        "report.md",
        "tensorboard",
    }
    assert len(list((folder / "tensorboard").iterdir())) == 4
