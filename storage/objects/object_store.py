"""The contract of what keeps a store's objects: they are immutable, and there are four verbs."""

from typing import Protocol


class ObjectStore(Protocol):
    """Keeps objects by name, as a file system or an object store does.

    A name is a path with slashes, ``parts/<batch>/<file>``. Promises of every implementation:

    - An object never changes. It is there as a whole or not at all, for every reader, whatever
      is killed while it is written.
    - When ``put_new`` returns, the object survives the loss of power, also where another process
      had written it. When ``delete`` returns, no loss of power brings the objects back.
    - Of several writers of one name exactly one is told True.
    - A call that fails raises a ``StoreAccessError`` that says why, leaves nothing half done, and
      may be made again.
    """

    def put_new(self, name: str, data: bytes) -> bool:
        """Write an object unless there is one of that name; return whether it was written."""
        ...

    def get(self, name: str) -> bytes:
        """Return an object's bytes.

        Raises:
            KeyError: There is no such object, or it vanished meanwhile.
        """
        ...

    def list(self, prefix: str) -> list[str]:
        """Return the names that start with a prefix, at any depth, sorted."""
        ...

    def delete(self, *names: str) -> None:
        """Remove objects; those that are not there count as removed.

        Several objects are removed in no particular order: after a loss of power before the call
        has returned, any of them may be left.
        """
        ...
