import json
from pathlib import Path

import pytest

from tests.storage.archives.conftest import BATCH, Pack
from tests.storage.conftest import NewSpec
from tunesmith.batch_json import batch_to_json
from tunesmith.errors import LeaseHeldError
from tunesmith.storage.archives.archive import read_archive
from tunesmith.storage.store import Store


def test_a_batch_of_one_s_own_is_marked_when_an_archive_tells_it_anew(
    mine: Store, target: Store, new_spec: NewSpec, pack: Pack, tmp_path: Path
) -> None:
    read_archive(pack(), target, now=5.0)
    assert mine.imported_from(BATCH) is None
    read_archive(tmp_path / "a.tar.gz", mine)
    assert mine.imported_from(BATCH) is None  # it told nothing new

    def forge(root: Path) -> None:
        spec = new_spec(BATCH, generation=1, label="forged")
        (root / "batches" / f"{BATCH}.r1.json").write_text(batch_to_json(spec))

    read_archive(pack(forge), mine, now=6.0)
    assert mine.batch(BATCH).label == "forged"
    found = mine.imported_from(BATCH)
    assert found is not None
    assert (found.archive, found.time) == (str(tmp_path / "a.tar.gz"), 6.0)


def test_an_archive_cannot_take_the_mark_away_or_bring_its_own(pack: Pack, target: Store) -> None:
    def forge(root: Path) -> None:
        (root / "imports").mkdir(exist_ok=True)
        fields = {"format": 1, "archive": "mine", "time": 9e9}
        (root / "imports" / f"{BATCH}.{'0' * 16}.json").write_text(json.dumps(fields))

    path = pack(forge)
    read_archive(path, target, now=7.0)
    found = target.imported_from(BATCH)
    assert found is not None
    assert (found.archive, found.time) == (str(path), 7.0)
    target.purge([BATCH])
    assert target.imported_from(BATCH) is None


def test_a_batch_that_runs_is_told_nothing(mine: Store, new_spec: NewSpec, pack: Pack) -> None:
    def forge(root: Path) -> None:
        spec = new_spec(BATCH, generation=1, label="forged")
        (root / "batches" / f"{BATCH}.r1.json").write_text(batch_to_json(spec))

    path = pack(forge)
    with mine.lease(BATCH), pytest.raises(LeaseHeldError, match="is running"):
        read_archive(path, mine)
    assert mine.batch(BATCH).generation == 0
    assert mine.imported_from(BATCH) is None
