from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.looking.conftest import Library, Outcome

Call = Callable[..., Outcome]


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
        (["-o", "r.txt"], 2, "r.txt ends in neither .html nor .md"),
        (["-o", "no/such/r.html"], 2, "there is no folder no/such"),
        (["-o", "r.md", "--open"], 2, "name a file that ends in .html"),
        (["1", "2"], 2, "2 runs are named: name one batch"),
        (["a1a1"], 3, "a1a1a1a1 is a single run: name a batch, as bfcff413"),
        (["--label", "none"], 3, "no batch passes the filters"),
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
