"""``early_terminate`` of a sweep file, in W&B's words, as a rule of pruning."""

from collections.abc import Mapping
from typing import Any

from tunesmith.errors import SpecificationError
from tunesmith.sweeps.keys import unknown_key

KEY = "early_terminate"
_KEYS = ("type", "min_iter", "max_iter", "s", "eta", "strict")
DEFAULT_ETA = 3


def read_early_terminate(given: object, *, place: str) -> str:
    """Return the pruner that W&B's hyperband means: ``halving`` from its first bracket on.

    A trial goes on at a bracket if it is among the best one in ``eta`` that came as far. With
    ``min_iter`` brackets are at ``min_iter * eta**k``, with ``max_iter`` and ``s`` they begin at
    ``max_iter / eta**s``. An iteration is a printed point of the objective, as it is a logged
    one for W&B. ``strict`` is what it is here: whoever is not among the best is stopped.

    Args:
        given: The key's value.
        place: The file, for messages.

    Raises:
        SpecificationError: A key is unknown or wrong, or there is no bracket to begin with.
    """
    if not isinstance(given, Mapping) or given.get("type") != "hyperband":
        raise SpecificationError(
            f"{place}: {KEY} is {given!r}: expected {{type: hyperband, min_iter: 3}}, or "
            "prune: careful for a rule of Tunesmith"
        )
    for key in given:
        if key not in _KEYS:
            raise unknown_key(str(key), _KEYS, place=f"{place}: {KEY}")
    eta = _whole(given, "eta", place, least=2) or DEFAULT_ETA
    first, last = (_whole(given, key, place, least=1) for key in ("min_iter", "max_iter"))
    if first is None and last is not None:
        n_brackets = _whole(given, "s", place, least=1)
        first = last if n_brackets is None else max(1, round(last / eta**n_brackets))
    if first is None:
        raise SpecificationError(
            f"{place}: {KEY} has neither min_iter nor max_iter: name the iteration of the first "
            "bracket, as min_iter: 3"
        )
    return f"halving:{first}:{eta}"


def _whole(given: Mapping[str, Any], key: str, place: str, *, least: int) -> int | None:
    number = given.get(key)
    if number is None:
        return None
    if isinstance(number, int) and not isinstance(number, bool) and number >= least:
        return number
    raise SpecificationError(
        f"{place}: {KEY}.{key} is {number!r}: expected a whole number, {least} or more"
    )
