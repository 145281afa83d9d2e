"""Why a program does not answer, or may have more flags than it says."""

from collections.abc import Sequence
from pathlib import Path

from tunesmith.script.asking.child import MISSING

MAX_READ_BYTES = 64 * 1024
"""Bytes at the end of the script's output in which the reason of a failure is looked for."""
N_NAMED = 3
"""Modules that a message names."""


def modules_lacking(reply: Path) -> list[str]:
    """Return the modules that a program needed and that are not installed.

    Args:
        reply: The file that it would have written.
    """
    file = reply.with_name(reply.name + MISSING)
    return file.read_text().splitlines() if file.is_file() else []


def lacking_doubt(names: Sequence[str], python: str) -> str:
    """Return why a program may have more flags than were found, in words that follow ``since``.

    Args:
        names: The modules that others stood in for.
        python: The interpreter that lacks them.
    """
    shown = [*names[:N_NAMED]]
    if more := len(names) - len(shown):
        shown.append(f"{more} more")
    subject = f"{shown[0]} is"
    if len(shown) > 1:
        subject = f"{', '.join(shown[:-1])} and {shown[-1]} are"
    return f"{subject} not installed for {python}, see --python"


def failure_reason(script: str, python: str, code: int, output: bytes) -> str:
    """Return why no flags were captured; the script ran in a copy, without the data files."""
    if code == 0:
        return (
            f"{script} ended without reading its command line by a library that is known, so "
            "its flags are unknown. It ran in a copy of its folder, so your files are unchanged. "
            "--force-flags passes unknown flags"
        )
    lines = output[-MAX_READ_BYTES:].decode(errors="replace").strip().splitlines()
    last = lines[-1] if lines else f"exit {code}"
    mend = "It ran in a copy of its folder, which has no data: build the parser before the work"
    if "ModuleNotFoundError" in last:
        mend = f"It ran with {python}: --python names another one"
    return (
        f"{script} failed before it read its command line: {last}. {mend}, or pass flags with "
        "--force-flags"
    )
