"""The tokens of a condition, each with its position."""

import re
from dataclasses import dataclass
from enum import StrEnum

from tunesmith.errors import QueryError

MAX_CHARACTERS = 10_000

_PATTERN = re.compile(
    r"""(?P<space>\s+)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>`[^`]+`)
    | (?P<operator><=|>=|!=|<>|==|=|<|>)
    | (?P<mark>[()\[\],])
    | (?P<sign>\*|[-+/](?=[\s(`]|$)|(?<=[)`])[-+/])
    | (?P<word>(?:[^\s()\[\],=<>!"'`*+/-]|[-+/](?![(`]))+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class TokenKind(StrEnum):
    """What a token can be."""

    TEXT = "text"
    """A quoted string, without its quotes."""
    NAME = "name"
    """A name in backquotes, without them."""
    OPERATOR = "operator"
    MARK = "mark"
    """A bracket, a parenthesis or a comma."""
    SIGN = "sign"
    """``+``, ``-``, ``*`` or ``/``."""
    WORD = "word"
    """A name, a number, a keyword or an unquoted string."""
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token; its position counts characters from 1."""

    kind: TokenKind
    text: str
    position: int

    def is_word(self, *words: str) -> bool:
        """Return whether it is one of the keywords, in any case."""
        return self.kind is TokenKind.WORD and self.text.lower() in words

    def is_mark(self, mark: str) -> bool:
        """Return whether it is that bracket, parenthesis or comma."""
        return self.kind is TokenKind.MARK and self.text == mark

    def describe(self) -> str:
        """Return the token for an error message."""
        return "the end" if self.kind is TokenKind.END else repr(self.text)


def tokenize(text: str, *, kind: str) -> list[Token]:
    """Return the tokens of a condition; the last one is ``END``.

    Args:
        text: The condition.
        kind: What it is called in messages, as ``filter``.

    Raises:
        QueryError: A character starts no token, or a quote is not closed.
    """
    if len(text) > MAX_CHARACTERS:
        raise QueryError(
            f"the {kind} has {len(text)} characters: at most {MAX_CHARACTERS} are allowed"
        )
    tokens = []
    position = 0
    while position < len(text):
        match = _PATTERN.match(text, position)
        if match is None:
            raise QueryError(_describe_stray(text, position, kind))
        if match.lastgroup != "space":
            tokens.append(_to_token(match))
        position = match.end()
    tokens.append(Token(kind=TokenKind.END, text="", position=len(text) + 1))
    return tokens


def _to_token(match: re.Match[str]) -> Token:
    kind = TokenKind(str(match.lastgroup))
    text = match.group()
    if kind is TokenKind.TEXT:
        text = _ESCAPE.sub(r"\1", text[1:-1])
    if kind is TokenKind.NAME:
        text = text[1:-1]
    return Token(kind=kind, text=text, position=match.start() + 1)


def _describe_stray(text: str, position: int, kind: str) -> str:
    place = f"at position {position + 1} of the {kind}"
    if text[position] in "\"'`":
        return f"the quote {place} is not closed: add {text[position]} at the end of the string"
    return f"unexpected {text[position]!r} {place}: quote the string that contains it"
