"""Tickets: a file for each trial that waits, and the claim of the worker that runs it."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tunesmith.processes import this_machine
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.records.plans import decode_plan
from tunesmith.trial import PlannedTrial
from tunesmith.workers.heartbeat import Heartbeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Heartbeat):
    """What the taker of a ticket says of itself and of the trial."""

    host: str
    part: str = ""
    """The name of the finished attempt's part; empty while it runs."""
    error: str = ""
    """Why the trial could not be run; empty for no such reason."""

    @property
    def is_finished(self) -> bool:
        """Whether the taker has nothing more to do."""
        return bool(self.part or self.error)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One sending of one trial: whoever claims it first runs it."""

    path: Path

    @property
    def batch(self) -> str:
        """The id of the trial's batch."""
        return self.path.parent.parent.name

    @property
    def _claim(self) -> Path:
        return self.path.with_suffix(".claim")

    @property
    def points(self) -> Path:
        """The file to which the taker appends what the trial reports, where it may be pruned."""
        return self.path.with_suffix(".points")

    @property
    def decision(self) -> Path:
        """The file in which the driver says that the trial is pruned."""
        return self.path.with_suffix(".decision")

    def read(self) -> PlannedTrial:
        """Return the trial.

        Raises:
            StoreAccessError: The ticket is gone, or cannot be read.
            CorruptObjectError: It is damaged.
        """
        with explained("read", self.path):
            data = self.path.read_bytes()
        return decode_plan(self.path.name, data)[0]

    @contextmanager
    def take(self) -> Iterator["ClaimedTicket | None"]:
        """Claim the ticket; None where another process has, or where it was withdrawn.

        Raises:
            StoreAccessError: The folder cannot be written.
        """
        with explained("write to", self._claim):
            try:
                file = os.open(self._claim, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            except (FileExistsError, FileNotFoundError):  # taken, or the driver has gone
                file = None
        if file is None:
            yield None
            return
        try:
            taken = ClaimedTicket(self._claim, file)
            if self.path.exists():
                taken.beat()
                yield taken
            else:  # withdrawn in the moment before
                self._claim.unlink(missing_ok=True)
                yield None
        finally:
            os.close(file)

    def read_claim(self) -> Claim | None:
        """Return what the taker says; None where nobody has taken it, or it was given back."""
        try:
            return Claim(**json.loads(self._claim.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):  # it is being written, or unreadable just now
            return Claim(machine="", host="", pid=0)

    def withdraw(self) -> bool:
        """Let nobody take the ticket any more; return whether nobody had."""
        self.path.unlink(missing_ok=True)
        return not self._claim.exists()

    def discard(self) -> None:
        """Remove the ticket and its claim: a taker that lives finds that it has lost it."""
        self.path.unlink(missing_ok=True)
        for file in (self._claim, self.points, self.decision):
            file.unlink(missing_ok=True)


@dataclass(slots=True)
class ClaimedTicket:
    """A ticket that this process has claimed."""

    path: Path
    _file: int
    _claim: Claim = field(init=False)

    def __post_init__(self) -> None:
        self._claim = Claim(machine=this_machine(), host=socket.gethostname(), pid=os.getpid())

    @property
    def is_ours(self) -> bool:
        """Whether the trial is still this process's to run."""
        try:
            return os.path.samestat(os.fstat(self._file), self.path.stat())
        except OSError:
            return False

    def beat(self) -> None:
        """Show that this process lives."""
        self._write(beat=self._claim.beat + 1)

    def finish(self, *, part: str = "", error: str = "") -> None:
        """Tell how it ended: by the part that was published, or by what was in the way."""
        self._write(part=part, error=error)

    def give_back(self) -> None:
        """Let another process run the trial."""
        if self.is_ours:
            self.path.unlink(missing_ok=True)

    def _write(self, **changes: object) -> None:
        fields = {**asdict(self._claim), **changes}
        self._claim = Claim(**fields)
        data = json.dumps(fields).encode()
        with suppress(OSError):  # the next one may succeed, and staleness has its own remedy
            os.pwrite(self._file, data, 0)
            os.truncate(self._file, len(data))
