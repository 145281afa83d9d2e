"""Workers run what the executor's tests run."""

from tests.executor.conftest import is_gone, make_work, observer

__all__ = ["is_gone", "make_work", "observer"]
