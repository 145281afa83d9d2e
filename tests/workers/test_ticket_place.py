import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tunesmith.errors import WorkerError
from tunesmith.storage.files.layout import Layout
from tunesmith.trial import PlannedTrial
from tunesmith.workers.task_queue import open_queue
from tunesmith.workers.ticket_place import find_ticket

BATCH = "b" * 32
NOBODY = 65534


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "project" / ".tunesmith"
    home.mkdir(mode=0o700, parents=True)
    return home


@pytest.fixture
def ticket(home: Path) -> Iterator[Path]:
    with open_queue(Layout(home), BATCH) as queue:
        yield queue.put_ticket(PlannedTrial(number=1, flags={}, origin="manual")).path


def test_a_ticket_of_a_store_that_it_was_told_of_is_found(home: Path, ticket: Path) -> None:
    assert find_ticket(str(ticket), [home]).path == ticket
    assert find_ticket(str(ticket), None).path == ticket


def test_a_driver_under_any_umask_makes_folders_that_a_worker_believes(home: Path) -> None:
    before = os.umask(0)
    try:
        with open_queue(Layout(home), BATCH) as queue:
            path = queue.put_ticket(PlannedTrial(number=1, flags={}, origin="manual")).path
            assert find_ticket(str(path), [home]).path == path
    finally:
        os.umask(before)


def test_a_store_that_is_reached_through_a_link_is_the_same_store(
    tmp_path: Path, home: Path, ticket: Path
) -> None:
    (tmp_path / "link").symlink_to(home.parent)
    linked = tmp_path / "link" / ".tunesmith"
    assert find_ticket(str(ticket), [linked]).path == ticket
    through = linked / ticket.relative_to(home)
    assert find_ticket(str(through), [linked]).path == ticket


@pytest.mark.parametrize(
    "spell",
    [
        lambda path: str(path.relative_to("/")),
        lambda path: str(path.with_name("train.json")),
        lambda path: f"{path.parent}/../{path.parent.name}/{path.name}",
        lambda path: f"/etc/../{path}",
        lambda path: f"{path}\0",
        lambda path: str(path.parents[1]),
        lambda path: "",
        lambda path: "/",
        lambda path: str(path.parents[3] / "x" / path.relative_to(path.parents[3])),
    ],
    ids=["relative", "name", "up", "up at first", "nul", "folder", "empty", "root", "deeper"],
)
def test_no_other_path_is_a_tickets(
    home: Path, ticket: Path, spell: Callable[[Path], str]
) -> None:
    with pytest.raises(WorkerError, match=r"nothing of it was read"):
        find_ticket(spell(ticket), [home])


def test_a_store_that_it_was_not_told_of_is_refused_by_name(
    tmp_path: Path, home: Path, ticket: Path
) -> None:
    with pytest.raises(WorkerError, match=f"takes no trials of {home}.*--home"):
        find_ticket(str(ticket), [tmp_path / ".tunesmith"])


@pytest.mark.parametrize("depth", range(4), ids=["driver", "batch", "handover", "store"])
@pytest.mark.parametrize("is_told", [True, False], ids=["told", "any"])
def test_a_folder_that_others_can_write_is_not_believed(
    home: Path, ticket: Path, depth: int, is_told: bool
) -> None:
    ticket.parents[depth].chmod(0o777)
    with pytest.raises(WorkerError, match="can be written by other users"):
        find_ticket(str(ticket), [home] if is_told else None)


@pytest.mark.parametrize("depth", range(3), ids=["driver", "batch", "handover"])
def test_a_link_within_the_store_is_not_followed(
    tmp_path: Path, home: Path, ticket: Path, depth: int
) -> None:
    folder = ticket.parents[depth]
    elsewhere = folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(elsewhere)
    with pytest.raises(WorkerError, match="is a link"):
        find_ticket(str(ticket), [home])


def test_a_ticket_that_is_a_link_is_not_read(tmp_path: Path, home: Path, ticket: Path) -> None:
    ticket.rename(tmp_path / "ticket")
    ticket.symlink_to(tmp_path / "ticket")
    with pytest.raises(WorkerError, match="is a link"):
        find_ticket(str(ticket), [home])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
@pytest.mark.parametrize(
    "depth", [None, *range(4)], ids=["ticket", "driver", "batch", "handover", "store"]
)
def test_what_belongs_to_another_user_is_not_believed(
    home: Path, ticket: Path, depth: int | None
) -> None:
    os.chown(ticket if depth is None else ticket.parents[depth], NOBODY, NOBODY)
    with pytest.raises(WorkerError, match=r"belongs to (nobody|user)"):
        find_ticket(str(ticket), [home])
