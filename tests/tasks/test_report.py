from pathlib import Path

from tests.report.conftest import made_spec
from tunesmith.report.facts import gather
from tunesmith.report.writing import write_csv, write_report
from tunesmith.storage.store import Store


def test_a_batch_that_was_stopped_before_its_first_trial_has_its_table_and_its_report(
    tmp_path: Path,
) -> None:
    store, spec = Store.create(tmp_path / ".tunesmith"), made_spec()
    store.put_batch(spec)
    assert not store.layout.batch_directory(spec.id).exists()

    facts = gather(store, spec.id, [])
    page, table = write_report(store, facts), write_csv(store, facts)

    assert "No trial reported loss" in page.read_text()
    assert table.read_text().count("\n") == 1
