"""The words of a command, in which flags are named in braces.

``{lr}`` is one value, ``{flags}`` stands for all that are not named by themselves, ``{config}``
for a file with them, and ``{json}`` for its text. Other braces stay, and ``{{`` is one.
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

FLAGS = "flags"
CONFIG = "config"
JSON = "json"
PLACES = frozenset({FLAGS, CONFIG, JSON})
"""What stands for all flags that a command does not name."""
_BRACES = re.compile(r"\{\{(?P<kept>[\w./-]+)\}\}|(?P<brace>\{\{)|\{(?P<name>[\w./-]+)\}")


def names_in(words: Iterable[str]) -> frozenset[str]:
    """Return the names that stand in braces, known or not."""
    return frozenset(
        found["name"] for word in words for found in _BRACES.finditer(word) if found["name"]
    )


def fill(
    words: Sequence[str],
    texts: Mapping[str, str],
    *,
    flags: Sequence[str],
    config: str,
    document: str = "{}",
) -> list[str]:
    """Return the words of a command with the values of flags in them.

    Args:
        words: The words as they were typed.
        texts: What stands for each name in braces; unknown ones stay.
        flags: The words for ``{flags}``. They are appended where nothing that stands for them is
            there; within a longer word they are quoted for a shell.
        config: The path for ``{config}``.
        document: The text for ``{json}``, by default that of no flags.
    """
    known = {JSON: document, **texts, FLAGS: shlex.join(flags), CONFIG: config}
    filled: list[str] = []
    for word in words:
        if word == f"{{{FLAGS}}}" and FLAGS not in texts:
            filled += flags
        else:
            filled.append(_BRACES.sub(lambda found: _text(found, known), word))
    if names_in(words).isdisjoint(PLACES - ({JSON} & texts.keys())):
        filled += flags
    return filled


def _text(found: re.Match[str], known: Mapping[str, str]) -> str:
    if found["kept"]:
        return f"{{{found['kept']}}}"
    if found["brace"]:
        return "{"
    return known.get(found["name"], found[0])
