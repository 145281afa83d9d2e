"""Cancelling, pausing and resuming a running batch from Prefect's pages.

Nothing notifies a flow run that a program or a command started, so a thread polls its state. What
a state means:

- Cancelling, Cancelled: end the running trials.
- Paused: start no trial; the running ones finish. The process waits for Running and continues.
- Suspended, for a deployment's run: the same, and then the process ends. When it is resumed, a
  worker runs the flow again, which continues the batch. Prefect cannot resume such a run without a
  deployment, so its state is set to Paused.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.runtime import flow_run
from prefect.states import Paused

from tunesmith.executor.batch_context import BatchContext
from tunesmith.flows.prefect_api import UNREACHABLE, in_background
from tunesmith.tasks.retrying_client import retrying_client

POLL_S = 1.0
"""Seconds between two reads of the flow run's state, and so the longest delay of an action."""
CANCELLED = "cancelled in Prefect"
SUSPENDED = "suspended in Prefect"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _RunMonitor:
    """Applies a flow run's state to the batch's stop token and pause switch."""

    run_id: UUID
    context: BatchContext

    def apply(self, client: SyncPrefectClient, run: FlowRun) -> None:
        """Apply the state of a flow run."""
        state = run.state
        if state is None:
            return
        if state.is_cancelling() or state.is_cancelled():
            self.context.stop.kill(CANCELLED)
            self.context.pause.notify()
        elif state.is_paused() and state.state_details.pause_reschedule and run.deployment_id:
            suspend(self.context)
            self.context.pause.notify()
        elif state.is_paused():
            self._pause(client, state)
        elif self.context.pause.is_paused:
            self._end_pause(state)

    def _pause(self, client: SyncPrefectClient, state: State[Any]) -> None:
        if state.state_details.pause_reschedule:
            until = state.state_details.pause_timeout
            paused: State[Any] = Paused(pause_expiration_time=until, message=state.message)
            client.set_flow_run_state(self.run_id, paused, force=True)
        if not self.context.pause.is_paused:
            self.context.pause.pause()
            self.context.observer.note(
                "paused in Prefect: no new trials, and those that run go on; resume it there"
            )

    def _end_pause(self, state: State[Any]) -> None:
        if state.is_running():
            self.context.observer.note("resumed in Prefect: the batch goes on")
            self.context.pause.resume()
        else:  # the pause timed out, or somebody set a state by hand
            self.context.stop.drain(f"paused in Prefect, then {str(state.name).lower()}")
            self.context.pause.notify()


def suspend(context: BatchContext) -> None:
    """Let no new trial start: this process is to end, and another one will continue."""
    if not context.stop.is_draining:
        context.stop.drain(SUSPENDED)
        context.observer.note(
            "suspended in Prefect: no new trials, and this process ends with those that run; "
            "resumed there, the batch goes on"
        )


@contextmanager
def monitored(context: BatchContext) -> Iterator[None]:
    """Cancel, pause and resume the batch as its flow run is in Prefect, while the body runs."""
    run_id = flow_run.id
    if run_id is None:
        yield
        return
    monitor = _RunMonitor(run_id=UUID(run_id), context=context)
    with in_background(partial(_poll, monitor), name="run-monitor"):
        yield


def _poll(monitor: _RunMonitor, done: threading.Event) -> None:
    with retrying_client() as client:
        while not done.wait(POLL_S):
            try:
                monitor.apply(client, client.read_flow_run(monitor.run_id))
            except UNREACHABLE as error:
                _log.debug("the flow run's state could not be read: %s", error)
            if monitor.context.stop.is_killing:
                return
