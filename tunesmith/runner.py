"""Where trials run, this machine or the workers of some runner, and how they start."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from tunesmith.errors import SpecificationError
from tunesmith.plugins import registered

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "tunesmith.runners"
"""The entry point group. Each entry is a class that keeps the promises of ``RunnerClass``."""


class RunnerClass(Protocol):
    """One way to run trials, made from what ``--runner`` says behind ``NAME://``.

    One that is remote also has ``connect(home)``, a context manager that connects to its workers
    for a batch in the store of that folder, and gives a ``tunesmith.workers.transport.Transport``.
    """

    form: ClassVar[str]
    """How it is typed, as ``dask://HOST:PORT``."""
    is_remote: ClassVar[bool]
    """Whether other processes than the command run the trials."""

    def __init__(self, address: str) -> None:
        """Read an address; connect to nothing.

        Raises:
            ValueError: It is not one.
        """
        ...


class WarmMode(StrEnum):
    """Whether trials on this machine are forked from a process that has done their imports."""

    AUTO = "auto"
    """Where it is safe and pays: Linux, three trials or more."""
    ON = "on"
    """From the first trial on, and the user is told where it cannot be."""
    OFF = "off"
    """Each trial is a fresh process."""


@dataclass(frozen=True, slots=True)
class Runner:
    """What ``--runner`` names, as ``NAME://ADDRESS``."""

    name: str
    """The name by which it is registered."""
    address: str = ""
    """What its class reads."""
    is_remote: bool = field(default=True, compare=False)
    """Whether other processes than the command run the trials."""

    def __str__(self) -> str:
        """Return the text that ``from_text`` reads."""
        return self.name if self.name == LOCAL.name else f"{self.name}://{self.address}"

    @classmethod
    def from_text(cls, text: str) -> "Runner":
        """Return the runner that a string names, as ``dask://127.0.0.1:8786?GPU=1``.

        Raises:
            SpecificationError: It names none, or has no address that fits.
        """
        if text == LOCAL.name:
            return LOCAL
        name, _, address = text.partition("://")
        runner = cls(name, address)
        if str(runner) != text:
            raise _unreadable(text)
        try:
            return replace(runner, is_remote=runner.load().is_remote)
        except ValueError as error:
            raise _unreadable(text) from error

    @classmethod
    def from_record(cls, text: str) -> "Runner":
        """Return the runner of a batch that was recorded; it need not be installed any more."""
        try:
            return cls.from_text(text)
        except SpecificationError:
            name, _, address = text.partition("://")
            return cls(name, address)

    def load(self) -> Any:
        """Return an instance of its class, which has read the address.

        Raises:
            SpecificationError: It is not installed, or cannot be loaded.
            ValueError: The address does not fit.
        """
        entry = registered(GROUP).get(self.name)
        if entry is None:
            raise _unreadable(str(self))
        return _load(entry)(self.address)


LOCAL = Runner("local", is_remote=False)
"""This machine, without workers."""


def _load(entry: "EntryPoint") -> type[RunnerClass]:
    try:
        loaded: type[RunnerClass] = entry.load()
    except (ImportError, AttributeError) as error:
        raise SpecificationError(
            f"runner {entry.name} cannot be loaded from {entry.value}: {error}; install its "
            "package again, or choose another runner"
        ) from error
    return loaded


def _unreadable(text: str) -> SpecificationError:
    """Return an error that says how the installed runners are typed, this machine first."""
    entries = registered(GROUP)
    others = [_load(entries[name]).form for name in sorted(entries.keys() - {LOCAL.name})]
    return SpecificationError(f"--runner is {text!r}: expected {', '.join([LOCAL.name, *others])}")
