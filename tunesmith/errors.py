"""The error tree. Every error that a user can cause or fix is one of these.

::

    TunesmithError
    ├── UsageError                 the command line is invalid               exit 2
    │   ├── FlagError              a flag's name or value does not fit
    │   ├── ScriptError            the script is missing or cannot be read
    │   │   └── HiddenFlagsError   its flags cannot be found
    │   ├── SpecificationError     a batch specification contradicts itself
    │   └── QueryError             a filter, a column or a selection cannot be read
    ├── NotFoundError              no such run, batch or column              exit 3
    ├── DeclinedError              the user answered a question with no      exit 4
    ├── ObjectiveError             no trial reported the objective           exit 1
    ├── ServerError                the Prefect server is unavailable         exit 1
    ├── WorkerError                workers cannot run a trial                exit 1
    └── StoreError                 an operation on the store failed          exit 1
        ├── StoreFormatError       written by a newer Tunesmith
        ├── StoreAccessError       read-only, full
        │   └── NoStoreError       there is none                         exit 3
        ├── UntrustedStoreError    found, not named, and another user can write it
        ├── CorruptObjectError     its bytes differ from what was written
        ├── LeaseHeldError         another process runs this batch
        └── ArchiveError           not an archive of runs, or damaged

A message says what was read, what is allowed, and what to do.
"""

from typing import ClassVar


class TunesmithError(Exception):
    """An error with one line for the user and an exit code."""

    exit_code: ClassVar[int] = 1


class UsageError(TunesmithError):
    """The command line is invalid."""

    exit_code: ClassVar[int] = 2


class FlagError(UsageError):
    """A flag's name or value does not fit."""


class ScriptError(UsageError):
    """The script is missing or cannot be read."""


class HiddenFlagsError(ScriptError):
    """The flags of the script cannot be found."""


class SpecificationError(UsageError):
    """A batch specification contradicts itself."""


class QueryError(UsageError):
    """A filter, a column or a selection cannot be read."""


class NotFoundError(TunesmithError):
    """No such run, batch or column."""

    exit_code: ClassVar[int] = 3


class DeclinedError(TunesmithError):
    """The user answered a question with no."""

    exit_code: ClassVar[int] = 4


class ObjectiveError(TunesmithError):
    """No trial of a search reported the objective; those that ran are kept."""


class ServerError(TunesmithError):
    """The Prefect server cannot be started or reached."""


class WorkerError(TunesmithError):
    """The workers of other machines cannot be reached, or cannot run a trial."""


class StoreError(TunesmithError):
    """An operation on the store failed."""


class StoreFormatError(StoreError):
    """The store was written by a newer Tunesmith."""


class StoreAccessError(StoreError):
    """The store is missing, read-only or full."""


class NoStoreError(StoreAccessError):
    """There is no store."""

    exit_code: ClassVar[int] = 3


class UntrustedStoreError(StoreError):
    """A store that was found, not named, belongs to another user, or others can write to it."""


class CorruptObjectError(StoreError):
    """An object's bytes differ from what was written."""


class LeaseHeldError(StoreError):
    """Another process runs this batch."""


class ArchiveError(StoreError):
    """A file is not an archive of runs, or is damaged."""
