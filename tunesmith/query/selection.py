"""Selection of runs by an index, a range, the start of an id or an operation."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tunesmith.errors import NotFoundError, QueryError
from tunesmith.near_names import near_names
from tunesmith.trial import Run, short_id

_RANGE = re.compile(r"(\d*):(\d*)", re.ASCII)
_INDEX = re.compile(r"\d+", re.ASCII)
_ID_PREFIX = re.compile(r"[0-9a-fA-F]{1,32}")
_SHORT_ID = 8
_MAX_DIGITS = 18
_MAX_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The selected runs, each once, and notes for the user."""

    runs: tuple[Run, ...]
    notes: tuple[str, ...] = ()


def select(runs: Sequence[Run], texts: Sequence[str]) -> Selection:
    """Return the runs that some texts name, in the order of the texts; all runs if there are none.

    Args:
        runs: The list that is shown, newest first; indexes count from 1 within it.
        texts: Each is an index, a range ``A:B``, ``A:`` or ``:B`` (both ends included), the start
            of an id, or an operation, which means all its runs.

    Raises:
        NotFoundError: A string names no run, or is the start of several ids.
        QueryError: A range is reversed.
    """
    if not texts:
        return Selection(runs=tuple(runs))
    chosen: dict[str, Run] = {}
    notes: list[str] = []
    for text in texts:
        found, note = _find(runs, text)
        chosen.update((run.id, run) for run in found if run.id not in chosen)
        notes += [note] if note else []
    return Selection(runs=tuple(chosen.values()), notes=tuple(notes))


def select_one(runs: Sequence[Run], text: str) -> Run:
    """Return the one run that a string names; for an operation, its latest run.

    Raises:
        NotFoundError: The text names no run, or is the start of several ids.
        QueryError: The text is a range of several runs.
    """
    found, _ = _find(runs, text)
    if len(found) > 1 and _RANGE.fullmatch(text.strip()):
        raise QueryError(f"{text!r} names {len(found)} runs where one is expected: give one index")
    return found[0]


def is_name(text: str) -> bool:
    """Return whether a text names a run by its id or operation: it is no index and no range."""
    text = text.strip()
    return not (_RANGE.fullmatch(text) or _INDEX.fullmatch(text))


def _find(runs: Sequence[Run], text: str) -> tuple[list[Run], str]:
    """Return the runs that one text names, at least one, and a note or an empty string."""
    text = text.strip()
    if _RANGE.fullmatch(text):
        return _find_range(runs, text)
    if _INDEX.fullmatch(text) and len(text) <= _MAX_DIGITS and 1 <= int(text) <= len(runs):
        return [runs[int(text) - 1]], ""
    if _ID_PREFIX.fullmatch(text):
        matches = [run for run in runs if run.id.startswith(text.lower())]
        if len(matches) > 1:
            raise NotFoundError(_describe_ambiguous(text, matches))
        if matches:
            return matches, ""
    found = [run for run in runs if run.operation == text]
    if not found:
        raise NotFoundError(_describe_missing(runs, text))
    return found, ""


def _find_range(runs: Sequence[Run], text: str) -> tuple[list[Run], str]:
    first_text, last_text = text.split(":")
    if max(len(first_text), len(last_text)) > _MAX_DIGITS:
        raise QueryError(f"{text!r} has an index with too many digits: {_count(runs)}")
    first = int(first_text) if first_text else 1
    last = int(last_text) if last_text else len(runs)
    if last_text and first > last:
        raise QueryError(
            f"{text!r} is reversed: write the lower index first, as in {last}:{first}"
        )
    if not 1 <= first <= len(runs):
        raise NotFoundError(f"{text!r} starts outside the list: {_count(runs)}")
    note = ""
    if last > len(runs):
        note = f"{text} ends beyond the list: the last run is {len(runs)}"
    return list(runs[first - 1 : last]), note


def _describe_ambiguous(text: str, matches: Sequence[Run]) -> str:
    length = _distinct_length([run.id for run in matches])
    shown = [f"{run.id[:length]} ({run.operation})" for run in matches[:_MAX_SHOWN]]
    more = len(matches) - len(shown)
    rest = f" and {more} more" if more else ""
    return (
        f"{text!r} is the start of {len(matches)} ids, {', '.join(shown)}{rest}: "
        "type more characters"
    )


def _distinct_length(ids: Iterable[str]) -> int:
    """Return how many characters distinguish the ids, at least 8."""
    known = list(ids)
    return next((n for n in range(8, 32) if len({one[:n] for one in known}) == len(known)), 32)


def _describe_missing(runs: Sequence[Run], text: str) -> str:
    if _INDEX.fullmatch(text):
        return f"there is no run {text}: {_count(runs)}"
    near = near_names(text, sorted({run.operation for run in runs}))
    if near:
        return f"there is no run {text!r}: did you mean {' or '.join(near)}?"
    if _ID_PREFIX.fullmatch(text) and len(text) == _SHORT_ID:  # as every view prints an id
        return (
            f"there is no run {text!r}: list all runs with tunesmith runs --all, or deleted ones "
            "with tunesmith runs --deleted"
        )
    newest = f" such as {short_id(runs[0].id)}" if runs else ""
    return (
        f"there is no run {text!r}: give an index, a range A:B, the start of an id{newest} "
        "or an operation"
    )


def _count(runs: Sequence[Run]) -> str:
    return f"the list has the indexes 1 to {len(runs)}" if runs else "the list is empty"
