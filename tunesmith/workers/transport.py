"""What a transport promises: it has some worker run a trial, and says when that has ended."""

from typing import Protocol

from tunesmith.workers.tickets import Ticket


class Submission(Protocol):
    """A trial on its way to a worker, or with one."""

    def wait(self, timeout_s: float) -> bool:
        """Wait at most so long, and return whether the submission has ended, however it did.

        Raises:
            WorkerError: The worker could not run the trial at all.
        """
        ...

    def cancel(self) -> None:
        """Let no worker take it any more. May be called for one that has ended."""
        ...


class Transport(Protocol):
    """Brings tickets to workers. Called from several threads."""

    @property
    def is_polled(self) -> bool:
        """Whether workers find tickets in the store; otherwise ``submit`` tells them of each."""
        ...

    @property
    def hint(self) -> str:
        """How workers are started, for whoever waits for them."""
        ...

    def capacity(self) -> int:
        """Return how many trials the workers that are there take at once; 0 without one."""
        ...

    def submit(self, ticket: Ticket) -> Submission:
        """Have some worker call ``run_ticket`` with a ticket.

        Raises:
            WorkerError: Nobody can be reached.
        """
        ...
