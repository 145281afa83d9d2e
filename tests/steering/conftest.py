"""A search without a script, in a store of its own."""

from pathlib import Path

import pytest

from tunesmith.request.options import read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.steering.unscripted import new_search
from tunesmith.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / ".tunesmith")


def made(store: Store, *words: str, optimizer: str = "random", **options: object) -> str:
    """Write a search, and return its id."""
    given = read_options({"optimizer": optimizer, "seed": 1, **options})
    spec = new_search(SweepRequest(**read_arguments(words), **given), store.home.parent)
    store.put_batch(spec)
    return spec.id
