"""The options of ``tunesmith run``: what is asked for, and how the command talks of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.request.options import OPTIONS, read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest

_REQUESTED = frozenset(option.name for option in OPTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of one ``tunesmith run``, as click reads them."""

    request: SweepRequest
    restart: str | None = None
    print_trials: bool = False
    save_trials: str | None = None
    save_sweep: str | None = None
    help_flags: bool = False
    background: bool = False
    no_start: bool = False
    yes: bool = False
    quiet: bool = False
    json: bool = False

    @classmethod
    def from_options(
        cls, options: Mapping[str, Any], *, extra_arguments: tuple[str, ...]
    ) -> "RunOptions":
        """Sort what click read into the request and the command's own options.

        Args:
            options: The parameters of the command.
            extra_arguments: What stands behind ``--``.

        Raises:
            TunesmithError: An option or an argument cannot be read.
        """
        own = {name: value for name, value in options.items() if name not in _REQUESTED}
        script, arguments = own.pop("script"), own.pop("arguments")
        if own["restart"] is not None:  # a restart names no script
            script, arguments = None, (*([script] if script else []), *arguments)
        is_command = own["restart"] is None and extra_arguments and not _is_script(script)
        if is_command:
            script, arguments = None, (*([script] if script else []), *arguments)
        request = SweepRequest(
            script=script,
            command=extra_arguments if is_command else None,
            extra_arguments=None if is_command else extra_arguments or None,
            **read_arguments(arguments),
            **read_options(options),
        )
        return cls(request=request, **own)


def _is_script(word: str | None) -> bool:
    """Return whether the first word is a script, and not the first flag of a command."""
    if word is None or word.startswith("@"):
        return False
    return "=" not in word or Path(word).exists()
