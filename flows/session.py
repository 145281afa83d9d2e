"""How a caller in the same process watches and stops the flow that it calls.

The flow's only parameter is the batch specification; what cannot be written as JSON (the progress
view, the stop token, the environment of the trials) is lent to it for the time of the call.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tunesmith.executor.workplace import Session
from tunesmith.flows.outcome import BatchOutcome
from tunesmith.workers.transport import Transport


@dataclass(slots=True)
class Loan:
    """What a caller lends to a flow, and what the flow leaves for it.

    The outcome is left before Prefect is told of the end, which fails where the server is gone.
    """

    session: Session
    transport: Transport | None = None
    """What brings trials to workers; None where this process runs them."""
    outcome: BatchOutcome | None = None


_loan: ContextVar[Loan | None] = ContextVar("loan", default=None)


@contextmanager
def lent(session: Session, transport: Transport | None) -> Iterator[Loan]:
    """Lend a session, and the way to workers, to the flows that are called inside."""
    loan = Loan(session, transport)
    token = _loan.set(loan)
    try:
        yield loan
    finally:
        _loan.reset(token)


def current_loan() -> Loan | None:
    """Return what the caller lent; None where the flow is called by others."""
    return _loan.get()
