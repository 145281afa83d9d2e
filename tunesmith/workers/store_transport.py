"""``--runner prefect://``: the workers of the store find its tickets by themselves."""

import shlex
import time
from dataclasses import dataclass
from pathlib import Path

from tunesmith.workers.announcement import count_slots
from tunesmith.workers.tickets import Ticket


@dataclass(frozen=True, slots=True)
class StoreTransport:
    """Leaves tickets to the ``tunesmith worker`` processes that look into the store."""

    home: Path
    """The store's folder."""
    is_polled: bool = True

    @property
    def hint(self) -> str:
        """How workers are started."""
        return f"start some with tunesmith worker --home {shlex.quote(str(self.home))}"

    def capacity(self) -> int:
        """Return how many trials the workers of the store run at once."""
        return count_slots(self.home)

    def submit(self, ticket: Ticket) -> "QueuedTrial":
        """Leave a ticket where it lies."""
        return QueuedTrial()


@dataclass(frozen=True, slots=True)
class QueuedTrial:
    """A trial whose claim tells all that there is to know."""

    def wait(self, timeout_s: float) -> bool:
        """Wait so long; nothing but the claim tells of its end."""
        time.sleep(timeout_s)
        return False

    def cancel(self) -> None:
        """Do nothing: without its ticket no worker takes it."""
