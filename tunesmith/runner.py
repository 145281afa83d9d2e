"""Where trials run, this machine, a Dask cluster or Prefect's workers, and how they start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit

from tunesmith.errors import SpecificationError

_FORMS = "local, dask://HOST:PORT, dask://HOST:PORT?GPU=1 (resources of a trial) or prefect://"


class RunnerKind(StrEnum):
    """Who starts the trials."""

    LOCAL = "local"
    """The command itself, on its own machine."""
    DASK = "dask"
    """The workers of a Dask cluster."""
    PREFECT = "prefect"
    """``tunesmith worker`` processes, which look into the store; Prefect shows the trials."""


class WarmMode(StrEnum):
    """Whether trials on this machine are forked from a process that has done their imports."""

    AUTO = "auto"
    """Where it is safe and pays: Linux, three trials or more."""
    ON = "on"
    """From the first trial on, and the user is told where it cannot be."""
    OFF = "off"
    """Each trial is a fresh process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """What ``--runner`` names."""

    kind: RunnerKind
    address: str = ""
    """``HOST:PORT`` of a Dask scheduler; empty for the others."""
    resources: Mapping[str, float] = field(default_factory=dict)
    """What one trial takes of a Dask worker's resources, as ``{"GPU": 1.0}``."""

    @property
    def is_remote(self) -> bool:
        """Whether other processes than the command run the trials."""
        return self.kind is not RunnerKind.LOCAL

    def __str__(self) -> str:
        """Return the text that ``from_text`` reads."""
        if not self.is_remote:
            return str(self.kind)
        taken = urlencode({name: f"{amount:.15g}" for name, amount in self.resources.items()})
        return f"{self.kind}://{self.address}{'?' if taken else ''}{taken}"

    @classmethod
    def from_text(cls, text: str) -> "Runner":
        """Return the runner that a text names, as ``dask://127.0.0.1:8786?GPU=1``.

        Raises:
            SpecificationError: It names none.
        """
        if text == RunnerKind.LOCAL:
            return LOCAL
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise _unreadable(text) from error
        is_bare = not (parts.path.strip("/") or parts.fragment or parts.username)
        if parts.scheme == RunnerKind.PREFECT and is_bare and not (parts.netloc or parts.query):
            return cls(kind=RunnerKind.PREFECT)
        if parts.scheme == RunnerKind.DASK and is_bare and parts.hostname and port:
            resources = _read_resources(text, parts.query)
            return cls(kind=RunnerKind.DASK, address=parts.netloc, resources=resources)
        raise _unreadable(text)


LOCAL = Runner(kind=RunnerKind.LOCAL)
"""This machine, without workers."""


def _read_resources(text: str, query: str) -> dict[str, float]:
    try:
        pairs = parse_qsl(query, strict_parsing=True) if query else []
        resources = {name: float(amount) for name, amount in pairs}
    except ValueError as error:
        raise _unreadable(text) from error
    if not all(0 < amount < float("inf") for amount in resources.values()):
        raise _unreadable(text)
    return resources


def _unreadable(text: str) -> SpecificationError:
    return SpecificationError(f"--runner is {text!r}: expected {_FORMS}")
