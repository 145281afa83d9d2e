import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Library, Outcome
from tunesmith.trial import trial_id


def test_an_export_can_be_moved_and_never_overwrites(
    library: Library, call: Callable[..., Outcome], tmp_path: Path
) -> None:
    library.search()

    assert call("tensorboard", "--export", "logs").err == (
        "Wrote 3 runs (flags: noise, sourcecode, x; metrics: loss, time) to logs\n"
    )
    again = call("tensorboard", "--export", "logs")

    assert not any(path.is_symlink() for path in Path("logs").rglob("*"))
    assert again.code == 2
    assert again.err == "error: logs already exists: name a new or an empty folder\n"


def test_scalars_are_written_as_csv(library: Library, call: Callable[..., Outcome]) -> None:
    library.grid()

    done = call("tensorboard", "--export-scalars", "s.csv", "--operation", "train.py")

    rows = list(csv.DictReader(io.StringIO(Path("s.csv").read_text())))
    first = trial_id("bfcff413" * 4, 1)[:8]
    assert done.err == "Wrote 6 row(s) to s.csv\n"
    assert rows[:2] == [
        {"run": first, "path": "", "tag": "loss", "step": "0", "value": "1.25"},
        {"run": first, "path": "", "tag": "loss", "step": "9", "value": "0.25"},
    ]


def test_scalars_are_written_as_parquet(library: Library, call: Callable[..., Outcome]) -> None:
    import pandas as pd

    library.grid()

    call("tensorboard", "--export-scalars", "s.parquet", "--operation", "train.py")

    table = pd.read_parquet("s.parquet")
    assert table["value"].tolist() == [1.25, 0.25, 1.5, 0.5, 0.25, -0.75]
    assert table["step"].tolist() == [0, 9] * 3


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--export-scalars", "s.txt"], 2, "s.txt has an unknown format"),
        (["nothing"], 3, "there is no run 'nothing'"),
        (["--completed", "--operation", "other.py"], 3, "no run to show"),
        (["--port", "70000"], 2, "--port"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_a_mistake_is_one_line(
    library: Library,
    call: Callable[..., Outcome],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    library.grid()

    done = call("tensorboard", *arguments)

    assert done.code == code
    assert message in done.err


def test_without_runs_nothing_is_started(call: Callable[..., Outcome]) -> None:
    done = call("tensorboard", "--no-open")

    assert done.code == 3
    assert "No runs yet" in done.err
