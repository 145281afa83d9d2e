import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

import tunesmith
from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_to_plain
from tunesmith.errors import (
    CorruptObjectError,
    LeaseHeldError,
    NotFoundError,
    StoreAccessError,
    StoreError,
    StoreFormatError,
)
from tunesmith.job_time import JobTime
from tunesmith.storage.records.batches import BatchEnd, read_ends, specification_names
from tunesmith.storage.records.edits import Edit, EditAction, edit_names
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, Prediction

NewSpec = Callable[..., BatchSpec]


def planned(*numbers: int) -> list[PlannedTrial]:
    prediction = Prediction(mean=float("inf"), sd=0.5, acquisition=-1.0)
    return [
        PlannedTrial(
            number=n, flags={"x": n / 3, "l": (1, None)}, origin="gp", prediction=prediction
        )
        for n in numbers
    ]


def test_opening_a_store_that_is_not_there_says_what_to_do_and_creates_nothing(
    tmp_path: Path,
) -> None:
    with pytest.raises(StoreAccessError, match=r"no store at .*: run something first"):
        Store.open(tmp_path / ".tunesmith")
    assert list(tmp_path.iterdir()) == []


def test_reading_an_empty_store_creates_nothing(store: Store, batch: str) -> None:
    before = sorted(store.home.rglob("*"))
    assert store.records().records == ()
    assert (store.batch_ids(), store.plan(batch), store.start(batch, 1)) == ([], [], None)
    assert (store.edits(), store.series(batch, 1), read_ends(store.objects, batch)) == ([], [], [])
    assert not store.is_alive(batch)
    assert sorted(store.home.rglob("*")) == before


def test_a_store_is_made_once(store: Store) -> None:
    before = store.layout.manifest.read_bytes()
    Store.create(store.home)
    assert store.layout.manifest.read_bytes() == before
    assert json.loads(before)["by"] == tunesmith.__version__
    assert (store.home / ".gitignore").read_text() == "*\n"


def test_a_store_for_later_readers_is_refused_with_the_version_to_install(store: Store) -> None:
    fields = {"format": 3, "min_reader": 2, "by": "4.5.6"}
    store.layout.manifest.write_text(json.dumps(fields))
    with pytest.raises(StoreFormatError, match=r"install tunesmith>=4\.5\.6"):
        Store.open(store.home)


def test_a_later_format_that_we_may_read_is_read(store: Store) -> None:
    store.layout.manifest.write_text(json.dumps({"format": 3, "min_reader": 1, "by": "4.5.6"}))
    assert Store.open(store.home).batch_ids() == []


def test_a_damaged_marker_is_named(store: Store) -> None:
    store.layout.manifest.write_bytes(b"")
    with pytest.raises(CorruptObjectError, match=r"STORE\.json is damaged"):
        Store.open(store.home)


def test_a_specification_comes_back_as_it_was_put(
    store: Store, new_spec: NewSpec, batch: str
) -> None:
    spec = new_spec(batch)
    store.put_batch(spec)
    assert store.batch(batch) == spec
    assert store.batch_ids() == [batch]


def test_the_latest_generation_counts_and_the_first_is_kept(
    store: Store, new_spec: NewSpec, batch: str
) -> None:
    for generation in range(11):
        store.put_batch(new_spec(batch, generation=generation, n_trials=generation + 1))
    assert store.batch(batch).generation == 10
    assert specification_names(store.objects, batch)[-1] == f"batches/{batch}.r10.json"
    assert store.batch_ids() == [batch]


def test_the_same_specification_may_be_put_again(
    store: Store, new_spec: NewSpec, batch: str
) -> None:
    store.put_batch(new_spec(batch))
    store.put_batch(new_spec(batch))


def test_a_specification_that_says_where_the_store_lay_may_be_put_again(
    store: Store, new_spec: NewSpec, batch: str
) -> None:
    spec = new_spec(batch)
    store.objects.put_new(
        f"batches/{batch}.json", json.dumps({**batch_to_plain(spec), "home": "/moved"}).encode()
    )
    store.put_batch(spec)
    assert store.batch(batch) == spec


def test_of_two_restarts_at_once_the_second_is_told(
    store: Store, new_spec: NewSpec, batch: str
) -> None:
    store.put_batch(new_spec(batch, generation=1, restarted=1.0))
    with pytest.raises(LeaseHeldError, match="was started by another process"):
        store.put_batch(new_spec(batch, generation=1, restarted=2.0))


def test_an_unknown_batch_is_not_found(store: Store, batch: str) -> None:
    with pytest.raises(NotFoundError, match=f"there is no batch {batch}"):
        store.batch(batch)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format": 1}', b'{"format": "x"}'])
def test_a_damaged_specification_is_named(store: Store, batch: str, data: bytes) -> None:
    store.objects.put_new(f"batches/{batch}.json", data)
    with pytest.raises(CorruptObjectError, match=f"batches/{batch}.json"):
        store.batch(batch)


def test_a_specification_of_a_later_format_is_refused(store: Store, batch: str) -> None:
    store.objects.put_new(f"batches/{batch}.json", b'{"format": 2}')
    with pytest.raises(StoreFormatError, match="has format 2"):
        store.batch(batch)


def test_each_generation_has_an_end_of_its_own(
    store: Store, new_spec: NewSpec, batch: str
) -> None:
    store.put_batch(new_spec(batch))
    assert read_ends(store.objects, batch) == [None]
    store.put_end(batch, generation=0, reason="stopped", stopped=5.0)
    end = BatchEnd(generation=0, reason="stopped", stopped=5.0)
    assert read_ends(store.objects, batch) == [end]
    store.put_batch(new_spec(batch, generation=1))
    assert read_ends(store.objects, batch) == [end, None]


def test_an_end_notes_what_its_jobs_did(store: Store, new_spec: NewSpec, batch: str) -> None:
    noted = JobTime(available=8.0, proposing=0.5, waiting=0.25)
    store.put_batch(new_spec(batch))
    store.put_end(batch, generation=0, reason="", stopped=5.0, seconds=4.0, job_time=noted)
    store.put_batch(new_spec(batch, generation=1))
    assert store.job_times(batch) == [noted, None]


@pytest.mark.parametrize("plain", ['{"available": 1}', "[]", '{"available": -1}', '"x"'])
def test_where_an_end_is_damaged_nothing_is_known_of_its_jobs(
    store: Store, new_spec: NewSpec, batch: str, plain: str
) -> None:
    store.put_batch(new_spec(batch))
    text = f'{{"format": 1, "reason": "", "stopped": 5, "job_time": {plain}}}'
    store.objects.put_new(f"batches/{batch}.r0.end.json", text.encode())
    assert store.job_times(batch) == [None]
    with pytest.raises(CorruptObjectError, match=r"end\.json is damaged"):
        read_ends(store.objects, batch)


def test_a_damaged_end_is_named(store: Store, new_spec: NewSpec, batch: str) -> None:
    store.put_batch(new_spec(batch))
    store.objects.put_new(f"batches/{batch}.r0.end.json", b'{"format": 1, "reason": ""}')
    with pytest.raises(CorruptObjectError, match=r"end\.json is damaged: 'stopped' is missing"):
        read_ends(store.objects, batch)


def test_a_plan_comes_back_in_the_order_of_its_numbers(store: Store, batch: str) -> None:
    store.put_plan(batch, planned(3, 4))
    store.put_plan(batch, planned(1, 2))
    assert store.plan(batch) == planned(1, 2, 3, 4)


def test_an_empty_proposal_writes_nothing(store: Store, batch: str) -> None:
    store.put_plan(batch, [])
    assert store.objects.list("plan/") == []


@pytest.mark.parametrize("numbers", [(1, 2), (1,), (2, 3)], ids=["same", "first", "overlapping"])
def test_a_number_is_planned_once(store: Store, batch: str, numbers: tuple[int, ...]) -> None:
    store.put_plan(batch, planned(1, 2))
    with pytest.raises(StoreError, match="is planned already"):
        store.put_plan(batch, planned(*numbers))
    assert store.plan(batch) == planned(1, 2)


def test_a_damaged_proposal_is_named_and_the_others_are_read(store: Store, batch: str) -> None:
    store.put_plan(batch, planned(2))
    store.objects.put_new(f"plan/{batch}.000001.json", b'{"format": 1, "trials": [7]}')
    warnings: list[str] = []
    assert store.plan(batch, warnings.append) == planned(2)
    assert warnings == [f"plan/{batch}.000001.json is damaged: it is not a plan"]


def test_edits_come_back_in_the_order_of_their_times(store: Store) -> None:
    runs = (uuid.uuid4().hex,)
    edits = [
        Edit(action=EditAction.LABEL, runs=runs, value="b", time=2_000_000_000.0),
        Edit(action=EditAction.DELETE, runs=runs, time=1_000_000_000.5),
        Edit(action=EditAction.TAG, runs=runs, value="\udcff", time=999_999_999.0),
    ]
    for edit in edits:
        store.add_edit(edit)
    assert store.edits() == edits[::-1]
    assert len(edit_names(store.objects)) == 3


@pytest.mark.parametrize("data", [b"{", b'{"format": 1}', b'{"format": 1, "action": "burn"}'])
def test_a_damaged_edit_is_named_and_the_others_apply(store: Store, data: bytes) -> None:
    store.objects.put_new("edits/bad.json", data)
    store.add_edit(Edit(action=EditAction.RESTORE, runs=(), time=1.0))
    warnings: list[str] = []
    assert len(store.edits(warnings.append)) == 1
    assert warnings[0].startswith("edits/bad.json is damaged")
