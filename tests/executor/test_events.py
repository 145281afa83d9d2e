from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboardX import SummaryWriter

from tunesmith.executor.events import (
    find_event_tags,
    read_event_series,
    read_events_until,
)


def write(directory: Path, tag: str, *values: float) -> Path:
    with SummaryWriter(str(directory)) as writer:
        for step, value in enumerate(values, start=1):
            writer.add_scalar(tag, value, step)
    (path,) = directory.glob("events.out.tfevents.*")
    return path


def points(directory: Path) -> dict[str, list[tuple[int, float]]]:
    return {
        one.tag: list(zip(one.steps, one.values, strict=True))
        for one in read_event_series(directory)
    }


def test_scalars_are_read_with_their_steps(tmp_path: Path) -> None:
    write(tmp_path, "loss", 0.5, 0.25)
    assert points(tmp_path) == {"loss": [(1, 0.5), (2, 0.25)]}
    (series,) = read_event_series(tmp_path)
    assert all(time > 1_600_000_000 for time in series.times)


def test_a_subdirectory_is_a_prefix(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "val", "acc", 1.0)
    write(tmp_path / ".run", "hidden", 1.0)
    assert points(tmp_path) == {"logs/val#acc": [(1, 1.0)]}


@pytest.mark.parametrize(
    ("place", "tag"),
    [
        ("runs/Nov30_13-41-48_host", "loss"),
        ("runs/Nov30_13-41-48_host/val", "val#loss"),
        ("lightning_logs/version_0", "loss"),
        ("logs/fit/20240501-120000/train", "train#loss"),
        ("runs/CartPole-v1__ppo__1__1714560000", "loss"),
        ("runs/exp", "runs/exp#loss"),
    ],
)
def test_a_folder_named_after_a_time_is_no_part_of_a_tag(
    tmp_path: Path, place: str, tag: str
) -> None:
    write(tmp_path / place, "loss", 1.0)
    assert points(tmp_path) == {tag: [(1, 1.0)]}
    assert find_event_tags(tmp_path, ()) <= {f"{place}#loss"}


def test_no_event_files_give_nothing(tmp_path: Path) -> None:
    assert read_event_series(tmp_path) == []


def test_other_summaries_are_left_out(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_text("note", "hello")
        writer.add_histogram("weights", [1.0, 2.0])
        writer.add_scalar("loss", 1.0, 0)
    assert points(tmp_path) == {"loss": [(0, 1.0)]}


@pytest.fixture(scope="module")
def event_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("events"), "loss", *range(5)).read_bytes()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_torn_or_damaged_file_gives_what_came_before(
    tmp_path_factory: pytest.TempPathFactory, event_bytes: bytes, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(event_bytes)))
    rest = data.draw(st.binary(max_size=40))
    directory = tmp_path_factory.mktemp("torn")
    (directory / "events.out.tfevents.1.host").write_bytes(event_bytes[:cut] + rest)
    found = points(directory).get("loss", [])
    whole = [(step, float(step - 1)) for step in range(1, 6)]
    n_same = min(len(found), len(whole))
    assert found[: max(0, n_same - 1)] == whole[: max(0, n_same - 1)]


def test_what_there_is_no_time_for_is_left_out_and_told(tmp_path: Path) -> None:
    write(tmp_path, "loss", *range(2_500))
    looks = iter([False, False, True])

    (series,), is_whole = read_events_until(tmp_path, lambda: next(looks))

    assert not is_whole
    assert 1_000 <= len(series.values) < 2_500


def test_tags_are_found_without_reading_more_than_is_needed_to_know_them(tmp_path: Path) -> None:
    write(tmp_path, "loss", *range(1_500))
    write(tmp_path / "val", "acc", 1.0)
    assert find_event_tags(tmp_path, {"loss"}) == {"loss"}
    assert find_event_tags(tmp_path, {"loss", "printed"}) == {"loss", "val#acc"}
