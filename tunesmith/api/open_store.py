"""A store that a program looks at."""

from typing import TYPE_CHECKING

from tunesmith.api.batches import Batch, to_frame
from tunesmith.storage.store import Store
from tunesmith.trial import Run

if TYPE_CHECKING:
    import pandas as pd


class OpenStore:
    """A store, to look at from a program."""

    def __init__(self, store: Store) -> None:
        """Take the store."""
        self._store = store

    def runs(self) -> "pd.DataFrame":
        """Return one row for each run, newest first, without batches and deleted runs."""
        return to_frame([run for run in self._kept() if not run.is_batch])

    def batches(self) -> list[Batch]:
        """Return the batches, newest first."""
        return [Batch(self._store, run.id) for run in self._kept() if run.is_batch]

    def batch(self, text: str | int) -> Batch:
        """Return the batch that is named: by the start of an id, an index, an operation.

        Raises:
            NotFoundError: It names none.
        """
        from tunesmith.query.selection import select_one

        run = select_one(self._kept(), str(text))
        return Batch(self._store, run.batch)

    def __repr__(self) -> str:
        """Return where the store is, and how many batches and runs it has."""
        from tunesmith.api.displays import describe_store

        return f"<{describe_store(self._store.home, self._kept())}>"

    def _repr_html_(self) -> str:
        from tunesmith.api.displays import store_to_html

        return store_to_html(self._store.home, self._kept())

    def _kept(self) -> list[Run]:
        return [run for run in self._store.list_runs().runs if not run.is_deleted]
