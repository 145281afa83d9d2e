"""A store with runs whose ids and times are known, and Python on it."""

import pytest

import tunesmith
from tests.cli.conftest import Library, _utc, library

__all__ = ["Library", "_utc", "library"]


@pytest.fixture
def store(library: Library) -> tunesmith.OpenStore:
    """The store of the library."""
    return tunesmith.open(library.project)
