import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from tunesmith.errors import LeaseHeldError, StoreAccessError
from tunesmith.storage.files.leases import read_holder, try_lock
from tunesmith.storage.store import Store

HOLD = """
import sys
from pathlib import Path
from tunesmith.storage.store import Store
with Store.open(Path(sys.argv[1])).lease(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold_elsewhere(store: Store, batch: str) -> "subprocess.Popen[bytes]":
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.home), batch],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    return holder


def test_a_batch_is_alive_while_its_lease_is_held(store: Store, batch: str) -> None:
    assert not store.is_alive(batch)
    with store.lease(batch):
        assert store.is_alive(batch)
    assert not store.is_alive(batch)
    assert list(store.layout.leases.iterdir()) == []


def test_a_second_process_is_told_who_holds_the_lease(store: Store, batch: str) -> None:
    with hold_elsewhere(store, batch) as holder:
        assert store.is_alive(batch)
        with (
            pytest.raises(
                LeaseHeldError, match=f"{batch[:8]} is being run by process {holder.pid}"
            ),
            store.lease(batch),
        ):
            pytest.fail("the lease was given twice")
        holder.kill()


def test_the_lease_of_a_killed_process_is_free_at_once(store: Store, batch: str) -> None:
    with hold_elsewhere(store, batch) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert store.layout.lease(batch).exists()
    assert not store.is_alive(batch)
    with store.lease(batch):
        assert store.is_alive(batch)


def test_two_batches_have_nothing_to_do_with_each_other(store: Store) -> None:
    with ExitStack() as held:
        for batch in ("a" * 32, "b" * 32):
            held.enter_context(store.lease(batch))
        assert store.is_alive("a" * 32)
        assert not store.is_alive("c" * 32)


def test_looking_does_not_take_the_lease_away(store: Store, batch: str) -> None:
    store.layout.lease(batch).touch()
    for _ in range(3):
        assert not store.is_alive(batch)
    with store.lease(batch):
        pass


def test_a_lock_on_a_file_that_was_removed_meanwhile_is_not_a_lock(
    store: Store, batch: str
) -> None:
    path = store.layout.lease(batch)
    with store.lease(batch):
        path.unlink()
        with try_lock(path) as is_ours:
            assert is_ours


def test_the_holder_of_an_unreadable_lease_is_another_process(store: Store, batch: str) -> None:
    store.layout.lease(batch).write_text("[")
    assert read_holder(store.layout.lease(batch)) == "another process"


def test_a_lease_in_a_deleted_store_is_refused(store: Store, batch: str) -> None:
    store.home.rename(store.home.with_name("moved"))
    with pytest.raises(StoreAccessError, match="cannot lock"), store.lease(batch):
        pytest.fail("there is nothing to lock")
