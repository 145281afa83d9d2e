"""Values of files with one setting a line: INI files, and ``.env`` files."""

import re
from collections.abc import Iterator

from tunesmith.addresses.address import Address, is_typable
from tunesmith.addresses.spans import Placed
from tunesmith.errors import FlagError
from tunesmith.flags.number import read_word
from tunesmith.flags.values import FlagValue

_SECTION = re.compile(r"\[(?P<name>[^\]\r\n]+)\]")
_SETTING = re.compile(r"(?P<key>[^=:\s\[#;][^=:\r\n]*?)(?P<gap>[ \t]*[=:][ \t]*)(?P<value>.*)")
_VARIABLE = re.compile(
    r"[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_]\w*)[ \t]*=[ \t]*"
    r"(?P<quote>['\"]?)(?P<value>.*?)(?P=quote)[ \t]*(?P<comment>#.*)?",
    re.ASCII,
)
_COMMENT = re.compile(r"\s+[#;].*")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")
_BOOLS = {
    "true": ("true", "false"), "false": ("true", "false"), "yes": ("yes", "no"),
    "no": ("yes", "no"), "on": ("on", "off"), "off": ("on", "off"),
}  # fmt: skip
"""How true and false are written in a file that has one of these words."""
_TRUE = frozenset({"true", "yes", "on"})


def read_ini(text: str) -> tuple[Placed, ...]:
    """Return the values of an INI file, each in its section."""
    return tuple(_ini(text))


def read_env(text: str) -> tuple[Placed, ...]:
    """Return the values of a file of environment variables."""
    return tuple(_env(text))


def line_literal(placed: Placed, value: FlagValue) -> str:
    """Return what is written for a value.

    Raises:
        FlagError: No such value fits into a line.
    """
    if value is None or isinstance(value, tuple):
        raise FlagError("a line of it takes a number, a text, yes or no")
    if isinstance(value, bool):
        true, false = _BOOLS.get(placed.style.strip("'\"").lower(), ("true", "false"))
        word = true if value else false
        return word.capitalize() if placed.style.strip("'\"")[:1].isupper() else word
    text = repr(value) if isinstance(value, float) else str(value)
    if isinstance(value, str):
        _check_text(value, placed)
    return text


def _check_text(value: str, placed: Placed) -> None:
    is_env = placed.style[:1] in ("'", '"', "$")
    quote = placed.style[:1]
    odd = {"'": "'\\", '"': '"\\$`', "$": "#'\"\\$` \t"}[quote] if is_env else "%#;"
    if not value.isprintable() or set(value) & set(odd) or value != value.strip():
        raise FlagError(f"{value!r} has characters that mean something else in it")


def _ini(text: str) -> Iterator[Placed]:
    section: tuple[str, ...] = ()
    places: list[Placed] = []
    at = 0
    for number, line in enumerate(_LINE.findall(text), start=1):
        body = line.rstrip("\r\n").removeprefix("\ufeff")
        start, at = at + len(line.rstrip("\r\n")) - len(body), at + len(line)
        is_indented = body[:1] in (" ", "\t") and body.strip() != ""
        if is_indented and places and body.strip()[0] not in "#;":
            places[-1] = _continued(places[-1])
        elif found := _SECTION.match(body):
            section = (found["name"].strip(),)
        elif found := _SETTING.fullmatch(body):
            key = found["key"].strip()
            if is_typable(key) and all(map(is_typable, section)):
                places.append(_setting(found, (*section, key), start, number))
    yield from places


def _setting(found: re.Match[str], parts: tuple[str, ...], start: int, line: int) -> Placed:
    raw = found["value"].rstrip()
    comment = _COMMENT.search(raw)
    bare = raw[: comment.start()] if comment else raw
    value = _read(bare)
    reason = ""
    if comment and isinstance(value, str):  # only some readers take it for a comment
        value, reason = raw, "is followed by what may be a comment or a part of it"
    begin = start + found.start("value")
    return Placed(
        address=Address(parts=parts, value=value, line=line, reason=reason),
        start=begin,
        end=begin + len(bare),
        style=bare if isinstance(value, bool) else "",
    )


def _continued(placed: Placed) -> Placed:
    address = placed.address
    return Placed(
        address=Address(
            parts=address.parts, line=address.line, reason="is written over several lines"
        )
    )


def _env(text: str) -> Iterator[Placed]:
    at = 0
    for number, line in enumerate(_LINE.findall(text), start=1):
        body = line.rstrip("\r\n").removeprefix("\ufeff")
        start, at = at + len(line.rstrip("\r\n")) - len(body), at + len(line)
        found = _VARIABLE.fullmatch(body)
        if found is None:
            continue
        begin = start + found.start("value")
        value = _read(found["value"])
        yield Placed(
            address=Address(parts=(found["key"],), value=value, line=number),
            start=begin,
            end=begin + len(found["value"]),
            style=(found["quote"] or "$") if not isinstance(value, bool) else found["value"],
        )


def _read(text: str) -> FlagValue:
    """Return the value that a program is likely to read: a number, true or false, or the text."""
    if text.lower() in _BOOLS:
        return text.lower() in _TRUE
    number = read_word(text)
    return text if number is None else number
