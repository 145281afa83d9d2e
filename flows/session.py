"""How a caller in the same process watches and stops the flow that it calls.

The flow's only parameter is the batch specification; what cannot be written as JSON (the progress
view, the stop token, the environment of the trials) is lent to it for the time of the call.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tunesmith.executor.workplace import Session

_session: ContextVar[Session | None] = ContextVar("session", default=None)


@contextmanager
def lent(session: Session) -> Iterator[None]:
    """Lend a session to the flows that are called inside."""
    token = _session.set(session)
    try:
        yield
    finally:
        _session.reset(token)


def current_session() -> Session | None:
    """Return the caller's session; None where the flow is called by others."""
    return _session.get()
