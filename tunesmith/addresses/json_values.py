"""Values of JSON files."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace

from tunesmith.addresses.address import Address, Part, is_typable
from tunesmith.addresses.spans import Placed
from tunesmith.addresses.yaml_values import number_text
from tunesmith.errors import FlagError
from tunesmith.flags.grammar import to_flag_value
from tunesmith.flags.values import FlagValue, to_plain

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[-+.0-9A-Za-z]+")


def read_json(text: str) -> tuple[Placed, ...]:
    """Return the values of a JSON file.

    Raises:
        FlagError: It is not JSON, as where it has comments.
    """
    body = text.removeprefix("\ufeff")
    try:
        json.loads(body)
        return tuple(_Reader(text).top(len(text) - len(body)))
    except json.JSONDecodeError as error:
        is_more = body[error.pos : error.pos + 1] in ("/", "#", "}", "]")
        hint = ": comments and commas at the end of a list are no JSON" if is_more else ""
        raise FlagError(f"it is not JSON: {error}{hint}") from error
    except RecursionError as error:
        raise FlagError("it cannot be read: it is nested too deep") from error


def json_literal(_: Placed, value: FlagValue) -> str:
    """Return what is written for a value.

    Raises:
        FlagError: JSON has no such number.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FlagError(f"JSON has no number {value!r}")
        return number_text(value)
    if isinstance(value, tuple):
        return f"[{', '.join(json_literal(_, item) for item in value)}]"
    return json.dumps(to_plain(value), ensure_ascii=False)


class _Reader:
    """Finds the places of the values in a text that is known to be JSON."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def top(self, start: int) -> Iterator[Placed]:
        """Yield all values from a place on."""
        self._at = start
        yield from self._value(())

    def _value(self, parts: tuple[Part, ...]) -> Iterator[Placed]:
        opening = self._peek()
        start = self._at
        if opening == "{":
            yield from self._object(parts)
        elif opening == "[":
            yield from self._array(parts, start)
        else:
            value = self._string() if opening == '"' else self._word()
            yield self._placed(parts, value, start)

    def _placed(self, parts: tuple[Part, ...], value: FlagValue, start: int) -> Placed:
        line = self._text.count("\n", 0, start) + 1
        address = Address(parts=parts, value=value, line=line)
        return Placed(address=address, start=start, end=self._at)

    def _object(self, parts: tuple[Part, ...]) -> Iterator[Placed]:
        self._at += 1
        while self._peek() != "}":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            key = self._string()
            self._peek()
            self._at += 1  # the colon
            inner = list(self._value((*parts, key)))
            if is_typable(key):
                yield from inner
        self._at += 1

    def _array(self, parts: tuple[Part, ...], start: int) -> Iterator[Placed]:
        self._at += 1
        inner: list[Placed] = []
        index = 0
        while self._peek() != "]":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            inner += self._value((*parts, index))
            index += 1
        self._at += 1
        own = [one.address for one in inner if len(one.address.parts) == len(parts) + 1]
        is_value = len(own) == index
        if is_value and parts:
            yield self._placed(parts, tuple(one.value for one in own), start)
        for one in inner:
            is_item = is_value or one.address.is_item
            yield replace(one, address=replace(one.address, is_item=is_item))

    def _peek(self) -> str:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._text[self._at]

    def _string(self) -> str:
        value, self._at = _DECODER.raw_decode(self._text, self._at)
        return str(value)

    def _word(self) -> FlagValue:
        word = _WORD.match(self._text, self._at)
        self._at = word.end() if word else self._at
        return to_flag_value(json.loads(word[0] if word else "null"), shown="it")
