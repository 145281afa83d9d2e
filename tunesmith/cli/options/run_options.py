"""The options of ``tunesmith run``: what is asked for, and how the command talks of it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunesmith.wishes import Wishes

_WISHES = frozenset(field.name for field in dataclasses.fields(Wishes))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of one ``tunesmith run``, as click reads them."""

    wishes: Wishes
    restart: str | None = None
    failed: bool = False
    print_trials: bool = False
    save_trials: str | None = None
    help_flags: bool = False
    background: bool = False
    yes: bool = False
    quiet: bool = False
    json: bool = False

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> "RunOptions":
        """Sort what click read into wishes and the command's own options."""
        wishes = {name: value for name, value in options.items() if name in _WISHES}
        own = {name: value for name, value in options.items() if name not in _WISHES}
        return cls(wishes=Wishes(**wishes), **own)
