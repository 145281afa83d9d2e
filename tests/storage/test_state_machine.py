"""Any order of writing, compaction, purging and dying reads as a dictionary would."""

import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.batches import make_record
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.objects.publishing import BEST, PublishMethod
from tunesmith.storage.records.reading import read_segment, segment_names
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, trial_id

NUMBERS = st.integers(1, 5)


def new_record(batch: str, number: int, attempt: int) -> TrialRecord:
    flags = {"x": attempt if number % 2 else str(number)}
    return make_record(batch, number, attempt=attempt, stopped=float(attempt), flags=flags)


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.expected: dict[tuple[str, int], int] = {}
        self.attempts: dict[tuple[str, int], int] = {}

    @initialize(method=st.sampled_from([one for one in PublishMethod if one >= BEST]))
    def create(self, method: PublishMethod) -> None:
        self.method = method
        self.store = self.opened(Store.create(self.folder / ".tunesmith").home)
        self.batches = [uuid.UUID(int=n).hex for n in (1, 2)]

    def opened(self, home: Path) -> Store:
        return Store(home, LocalObjects(home, method=self.method))

    @rule(which=st.integers(0, 1), number=NUMBERS)
    def publish(self, which: int, number: int) -> None:
        key = (self.batches[which], number)
        self.attempts[key] = self.attempts.get(key, 0) + 1
        self.store.publish(new_record(*key, self.attempts[key]), ())
        self.expected[key] = self.attempts[key]

    @rule(which=st.integers(0, 1))
    def compact(self, which: int) -> None:
        assert self.store.compact(self.batches[which])

    @rule()
    def reopen(self) -> None:
        self.store = self.opened(self.store.home)
        self.store.compact_abandoned()

    @rule(which=st.integers(0, 1), number=NUMBERS)
    def purge_a_trial(self, which: int, number: int) -> None:
        key = (self.batches[which], number)
        self.store.purge([trial_id(*key)])
        self.expected.pop(key, None)

    @rule(which=st.integers(0, 1))
    def purge_a_batch(self, which: int) -> None:
        batch = self.batches[which]
        self.store.purge([batch])
        self.expected = {key: value for key, value in self.expected.items() if key[0] != batch}
        self.batches[which] = uuid.uuid4().hex  # an id is never used again

    @invariant()
    def reads_as_the_dictionary(self) -> None:
        if not hasattr(self, "store"):
            return
        reading = self.store.records()
        found: dict[Any, int] = {(one.batch, one.number): one.attempt for one in reading.records}
        assert found == self.expected
        assert reading.warnings == ()
        assert len(self.store.records(self.batches[0]).records) == sum(
            batch == self.batches[0] for batch, _ in self.expected
        )

    @invariant()
    def no_compacted_trial_has_two_rows(self) -> None:
        if not hasattr(self, "store"):
            return
        names = segment_names(self.store.objects)
        ids = [one.id for name in names for one in read_segment(self.store.objects, name)]
        assert len(ids) == len(set(ids))

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


StoreMachine.TestCase.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
TestStoreMachine = StoreMachine.TestCase
