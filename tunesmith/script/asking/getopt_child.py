"""Has getopt answer with the options that it is asked for, instead of reading the command line."""

from __future__ import annotations

import re
import sys
from typing import Any

FOUND_BY = "by asking a copy of the program for the options that it gives to getopt"


def install(watch: Any, reply: Any) -> None:
    """Change getopt, once it is imported."""

    def change(module: Any) -> None:
        for name in ("getopt", "gnu_getopt"):
            setattr(module, name, answering(getattr(module, name), reply))

    watch("getopt", change)


def answering(original: Any, reply: Any) -> Any:
    """Return a function of getopt that answers where it would read the command line."""

    def answer(args: Any, shortopts: str, longopts: Any = ()) -> Any:
        if list(args) != sys.argv[1:]:
            return original(args, shortopts, longopts)
        long = [longopts] if isinstance(longopts, str) else list(longopts)
        return reply("getopt", described(shortopts, long), found_by=FOUND_BY)

    return answer


def described(shortopts: str, longopts: list[str]) -> list[dict[str, Any] | None]:
    """Return the flags of short options, as ``hb:``, and of long ones, as ``lr=``.

    What an option means, its type and its default are known to the program alone.
    """
    found = [
        definition(f"--{text.rstrip('=?')}", has_value=text[-1:] in "=?") for text in longopts
    ]
    short = re.findall(r"([^:+-])(:*)", shortopts)
    return found + [definition(f"-{letter}", has_value=bool(colons)) for letter, colons in short]


def definition(option: str, *, has_value: bool) -> dict[str, Any] | None:
    """Return the flag of an option; None for that which shows the help."""
    name = option.lstrip("-")
    if name in ("h", "help", "version"):
        return None
    if has_value:
        return {"name": name, "option": option, "type": "any", "default": ""}
    return {"name": name, "option": option, "type": "bool", "default": False, "switch_on": option}
