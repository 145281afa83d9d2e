"""The runners that come with Tunesmith; what each needs is imported when a batch connects."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from tunesmith.workers.transport import Transport


class LocalRunner:
    """The command itself, on its own machine."""

    form: ClassVar[str] = "local"
    is_remote: ClassVar[bool] = False

    def __init__(self, address: str) -> None:
        if address:
            raise ValueError("this machine has no address")


class StoreRunner:
    """``tunesmith worker`` processes, which look into the store; Prefect shows the trials."""

    form: ClassVar[str] = "prefect://"
    is_remote: ClassVar[bool] = True

    def __init__(self, address: str) -> None:
        if address:
            raise ValueError("the workers of a store have no address")

    def connect(self, home: Path) -> AbstractContextManager[Transport]:
        """Leave tickets in the store, where workers look for them."""
        # not above: a command that only reads which runner a batch had needs no executor
        from tunesmith.workers.store_transport import StoreTransport

        return nullcontext(StoreTransport(home))


class DaskRunner:
    """The workers of a Dask cluster."""

    form: ClassVar[str] = "dask://HOST:PORT, dask://HOST:PORT?GPU=1 (resources of a trial)"
    is_remote: ClassVar[bool] = True

    def __init__(self, address: str) -> None:
        parts = urlsplit(f"dask://{address}")
        if not (parts.hostname and parts.port) or parts.path.strip("/") or parts.fragment:
            raise ValueError("it has no host, no port, or more than these")
        if parts.username is not None:
            raise ValueError("it names a user")
        self.address = parts.netloc
        """``HOST:PORT`` of the scheduler."""
        self.resources = _read_resources(parts.query)
        """What one trial takes of a worker's resources, as ``{"GPU": 1.0}``."""

    def connect(self, home: Path) -> AbstractContextManager[Transport]:
        """Connect to the scheduler; a ``WorkerError`` says why that cannot be."""
        # not above: a command that only reads which runner a batch had needs no executor
        from tunesmith.workers.dask_transport import connect

        return connect(self.address, self.resources)


def _read_resources(query: str) -> dict[str, float]:
    pairs = parse_qsl(query, strict_parsing=True) if query else []
    resources = {name: float(amount) for name, amount in pairs}
    if not all(0 < amount < float("inf") for amount in resources.values()):
        raise ValueError("an amount is not more than 0")
    return resources
