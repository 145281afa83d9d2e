"""The contract of what keeps the store's truth: immutable objects and four verbs."""

from typing import Protocol


class ObjectStore(Protocol):
    """Keeps objects by name, as a file system or an object store does.

    A name is a path with slashes, ``parts/<batch>/<file>``. Promises of every implementation:

    - An object never changes. It is there as a whole or not at all, for every reader, whatever
      is killed while it is written.
    - When ``put_new`` returns, the object survives the loss of power, also where another process
      had written it. When ``delete`` returns, no loss of power brings the objects back.
    - Of several writers of one name exactly one is told True.
    - What cannot be done is a ``StoreAccessError`` that says why; nothing is left half done, and
      the same call may be made again.
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

        Several at once are removed in no order that a loss of power would respect.
        """
        ...
