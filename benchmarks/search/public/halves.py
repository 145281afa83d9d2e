"""Which public tasks are looked at while an optimizer is built, and which confirm it."""

from zlib import crc32


def is_for_design(name: str) -> bool:
    """Return whether a task may be looked at; the other half only confirms what was chosen.

    The halves are fixed by the names, so that nobody chooses them by their results.
    """
    return crc32(name.encode()) % 2 == 0
