import json
from pathlib import Path
from typing import Any

import pytest

from tunesmith.output.metric_files import read_metric_files


def points(directory: Path, **options: Any) -> dict[str, list[tuple[int, float]]]:
    found = read_metric_files(directory, since=0.0, **options)
    return {one.tag: list(zip(one.steps, one.values, strict=True)) for one in found}


def test_the_unit_of_steps_is_kept(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("epoch,loss\n1,0.5\n2,0.4\n")
    (tmp_path / "metrics.json").write_text('{"acc": 0.5}')
    found = read_metric_files(tmp_path, since=0.0)
    assert {one.tag: one.unit for one in found} == {"loss": "epoch", "acc": ""}


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        pytest.param(
            "metrics.json",
            '{"loss": 0.5, "val": {"acc": 0.9}, "seed": 3, "name": "x"}',
            {"loss": [(0, 0.5)], "val/acc": [(0, 0.9)]},
            id="nested",
        ),
        pytest.param(
            "history.json",
            '{"loss": [0.5, 0.4], "val_loss": [0.6, 0.5]}',
            {"loss": [(0, 0.5), (1, 0.4)], "val_loss": [(0, 0.6), (1, 0.5)]},
            id="lists, as of a Keras history",
        ),
        pytest.param(
            "out/trainer_state.json",
            '{"epoch": 2.0, "log_history": [{"step": 10, "loss": 0.5}, {"step": 20, "loss": 1}]}',
            {"loss": [(10, 0.5), (20, 1.0)]},
            id="the state of a transformers trainer",
        ),
        pytest.param(
            "log.jsonl",
            '{"epoch": 1, "loss": 0.5}\n{"epoch": 2, "loss": 0.4}\n{"epoch": 3, "lo',
            {"loss": [(1, 0.5), (2, 0.4)]},
            id="JSON lines whose last one is torn",
        ),
        pytest.param(
            "lightning_logs/version_0/metrics.csv",
            "epoch,step,train_loss,val_loss\n0,9,0.5,\n0,9,,0.6\n1,19,0.4,\n",
            {"train_loss": [(9, 0.5), (19, 0.4)], "val_loss": [(9, 0.6)]},
            id="Lightning's CSV, with steps and blanks",
        ),
        pytest.param(
            "runs/exp/results.csv",
            "                  epoch,         train/box_loss,   metrics/mAP50(B)\n1, 1.5, 0.3\n",
            {"train/box_loss": [(1, 1.5)], "metrics/mAP50(B)": [(1, 0.3)]},
            id="padded names",
        ),
        pytest.param("out/train_logs.csv", "epoch,val_loss\n1,0.5\n", {"val_loss": [(1, 0.5)]}),
        pytest.param("best_metrics.json", '{"val_loss": 0.5}', {"val_loss": [(0, 0.5)]}),
        pytest.param(
            "mlruns/0/abc/metrics/rmse",
            "1700000000000 0.5 0\n1700000000001 0.4 1\n",
            {"rmse": [(0, 0.5), (1, 0.4)]},
            id="MLflow's files",
        ),
        pytest.param(
            "mlruns/0/abc/metrics/eval/f1",
            "1700000000000 0.5 3 0 0 m-1\n",
            {"eval/f1": [(3, 0.5)]},
            id="MLflow's file in a folder",
        ),
        pytest.param(
            "wandb/offline-run-1/files/wandb-summary.json",
            '{"_step": 4, "_runtime": 2, "val_loss": 0.2}',
            {"val_loss": [(4, 0.2)]},
            id="the summary of W&B",
        ),
        pytest.param("data.jsonl", '{"id": 1, "text": "a"}\n', {}, id="data, not metrics"),
        pytest.param("metrics.json", '{"loss": ', {}, id="torn"),
        pytest.param("settings.json", '{"loss": 0.5}', {}, id="another name"),
    ],
)
def test_a_file_reports_its_numbers(
    tmp_path: Path, name: str, text: str, found: dict[str, list[tuple[int, float]]]
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert points(tmp_path) == found


def test_a_file_that_was_there_before_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text('{"loss": 0.5}')
    changed = (tmp_path / "metrics.json").stat().st_mtime
    assert read_metric_files(tmp_path, since=changed + 1) == []


def test_the_named_file_alone_counts(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text('{"loss": 0.5}')
    (tmp_path / "mine.json").write_text(json.dumps({"speed": 3}))
    assert points(tmp_path, named=("mine.json",)) == {"speed": [(0, 3.0)]}
    assert points(tmp_path, named=("m*.json",))["loss"] == [(0, 0.5)]


def test_a_tag_that_two_files_have_names_the_folder_of_the_second(tmp_path: Path) -> None:
    for split in ("train", "val"):
        (tmp_path / split).mkdir()
        (tmp_path / split / "metrics.json").write_text('{"loss": 0.5}')
    assert points(tmp_path) == {"loss": [(0, 0.5)], "val#loss": [(0, 0.5)]}


def test_flags_are_no_scalars(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text('{"loss": 0.5, "lr": 0.1}')
    assert points(tmp_path, is_flag={"lr"}.__contains__) == {"loss": [(0, 0.5)]}
