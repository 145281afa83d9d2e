"""The names of objects: only this module builds and parses them.

An id is checked before it becomes part of a name, so that no string from outside becomes a path.
"""

import re
from dataclasses import dataclass

from tunesmith.errors import NotFoundError
from tunesmith.identity import is_id

_PART = re.compile(r"parts/([0-9a-f]{32})/([0-9a-f]{32})\.(\d{4,9})\.([0-9a-f]{16})\.parquet")
_SEGMENT = re.compile(r"(?:runs|series)/([0-9a-f]{32})\.(\d{6,9})(?:\.(\d{1,9}))?\.parquet")
_SPECIFICATION = re.compile(r"batches/([0-9a-f]{32})(?:\.r(\d{1,9}))?\.json")


def checked_id(text: str) -> str:
    """Return an id that may become part of a path.

    Raises:
        NotFoundError: It is not 32 hexadecimal digits.
    """
    if not is_id(text):
        raise NotFoundError(f"{text!r} is not an id: expected 32 hexadecimal digits")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class PartName:
    """The name of a part: of which trial's attempt it is, and the hash of its bytes."""

    batch_id: str
    trial: str
    attempt: int
    digest: str

    def __str__(self) -> str:
        """Return the name of the object."""
        batch_id, trial = checked_id(self.batch_id), checked_id(self.trial)
        return f"parts/{batch_id}/{trial}.{self.attempt:04d}.{self.digest}.parquet"

    @classmethod
    def from_text(cls, text: str) -> "PartName | None":
        """Return what a name says, or None where it is not the name of a part."""
        if (match := _PART.fullmatch(text)) is None:
            return None
        return cls(batch_id=match[1], trial=match[2], attempt=int(match[3]), digest=match[4])


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentName:
    """The name of a segment.

    The highest revision of a generation counts; a lower one was left by a rewrite that was cut
    off. Numbers are never used twice, so a name means the same bytes for ever.
    """

    batch_id: str
    generation: int
    revision: int = 0

    def __str__(self) -> str:
        """Return the name of the object that holds the rows."""
        return f"runs/{self._stem}"

    @property
    def series(self) -> str:
        """The name of the object that holds the series of the same rows."""
        return f"series/{self._stem}"

    @property
    def _stem(self) -> str:
        revision = f".{self.revision}" if self.revision else ""
        return f"{checked_id(self.batch_id)}.{self.generation:06d}{revision}.parquet"

    @classmethod
    def from_text(cls, text: str) -> "SegmentName | None":
        """Return what a name says, or None where it is not the name of a segment or its series."""
        if (match := _SEGMENT.fullmatch(text)) is None:
            return None
        return cls(batch_id=match[1], generation=int(match[2]), revision=int(match[3] or 0))


def specification_name(batch_id: str, generation: int) -> str:
    """Return the name of one generation's specification."""
    suffix = f".r{generation}" if generation else ""
    return f"batches/{checked_id(batch_id)}{suffix}.json"


def end_name(batch_id: str, generation: int) -> str:
    """Return the name of the note that says how a generation ended."""
    return f"batches/{checked_id(batch_id)}.r{generation}.end.json"


def parse_specification_name(text: str) -> tuple[str, int] | None:
    """Return the batch and the generation, or None where it is no specification's name."""
    match = _SPECIFICATION.fullmatch(text)
    return None if match is None else (match[1], int(match[2] or 0))
