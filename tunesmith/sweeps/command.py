"""The command of a sweep file: W&B's macros, as far as they mean running a program with flags."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunesmith.errors import SpecificationError

_MACRO = re.compile(r"\$\{([a-z_]+)(?::([^}]*))?\}")
_PYTHON = re.compile(r"(?:.*/)?python(?:3(?:\.\d+)?)?", re.ASCII)
_USUAL = ("python", "python3")
"""Names of the interpreter that runs Tunesmith, where nothing else is on the path."""
_FLAGS = ("args", "args_no_boolean_flags")
"""Macros that stand for the flags as the program takes them."""
_UNSUPPORTED = {
    "args_no_hyphens": "flags are passed as the program reads them; leave the command out",
    "args_json": "flags are not passed as one JSON text; use ${args}",
    "args_json_file": "flags are not passed in a file; use ${args}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a command says beside the flags."""

    program: str | None = None
    """The program, where it is not the one of the key ``program``."""
    python: str | None = None
    """The interpreter, where it is not the one that runs Tunesmith."""
    arguments: tuple[str, ...] = ()
    """What the program is given after its flags."""


def read_command(given: object, *, place: str, environ: Mapping[str, str]) -> Command:
    """Return what the command of a sweep file says.

    Args:
        given: The value of the key ``command``.
        place: The file's name, for messages.
        environ: The environment, for ``${envvar:NAME}``.

    Raises:
        SpecificationError: It is no list of words, or does more than run the program with flags.
    """
    if not isinstance(given, list) or not all(isinstance(w, str | int | float) for w in given):
        raise SpecificationError(
            f"{place}: command is {given!r}: expected a list of words, as "
            '["${env}", "python", "${program}", "${args}"]'
        )
    words = [_expanded(str(word), place=place, environ=environ) for word in given]
    python, words = _interpreter(words, place=place)
    program, words = _program(words, place=place)
    return Command(program=program, python=python, arguments=_arguments(words, place=place))


def _expanded(word: str, *, place: str, environ: Mapping[str, str]) -> str:
    """Return a word with the variables of the environment that it names."""

    def expand(found: re.Match[str]) -> str:
        macro, name = found[1], found[2]
        if macro in _UNSUPPORTED:
            raise SpecificationError(
                f"{place}: {found[0]} in command is not supported: {_UNSUPPORTED[macro]}"
            )
        if macro != "envvar":
            return found[0]
        if name not in environ:
            raise SpecificationError(
                f"{place}: command needs the environment variable {name}, which is not set"
            )
        return environ[name]

    return _MACRO.sub(expand, word)


def _interpreter(words: Sequence[str], *, place: str) -> tuple[str | None, list[str]]:
    """Return the interpreter that the first words name, if it is a special one, and the rest."""
    left = list(words)
    if left and left[0] in ("${env}", "/usr/bin/env", "env"):
        del left[0]
    if left and "=" in left[0] and not left[0].startswith("$"):
        raise SpecificationError(
            f"{place}: command sets {left[0].partition('=')[0]}, a variable of the environment, "
            "which is not supported: set it where tunesmith runs"
        )
    python = None
    if left and (left[0] == "${interpreter}" or _PYTHON.fullmatch(left[0])):
        python = None if left[0] in ("${interpreter}", *_USUAL) else left[0]
        del left[0]
        if left and left[0] == "-u":  # the output of trials is never held back
            del left[0]
    return python, left


def _program(words: Sequence[str], *, place: str) -> tuple[str | None, list[str]]:
    """Return the program that the first word names, if it is not the key's, and the rest."""
    if not words:
        raise SpecificationError(f"{place}: command names no program: write ${{program}}")
    first, rest = words[0], list(words[1:])
    if first == "-m" and rest:
        return rest[0], rest[1:]
    if first.startswith("-") or (_MACRO.search(first) and first != "${program}"):
        raise SpecificationError(
            f"{place}: command has {first!r} before the program, which is not supported: write "
            '["python", "${program}", "${args}"]'
        )
    if "${program}" in rest:
        raise SpecificationError(
            f"{place}: command runs {first!r} with the program, which is not supported: write "
            '["python", "${program}", "${args}"]'
        )
    return (None if first == "${program}" else first), rest


def _arguments(words: Sequence[str], *, place: str) -> tuple[str, ...]:
    """Return the words that are no macro, which the program is given after its flags."""
    flags = [f"${{{macro}}}" for macro in _FLAGS]
    places = [at for at, word in enumerate(words) if word in flags]
    if len(places) > 1:
        raise SpecificationError(f"{place}: command has ${{args}} twice: write it once")
    before = words[: places[0]] if places else ()
    if before and not before[0].startswith("-"):
        raise SpecificationError(
            f"{place}: command has {before[0]!r} before the flags, which is not supported: write "
            "it after ${args}"
        )
    fixed = [word for word in words if word not in flags]
    for word in fixed:
        if found := _MACRO.search(word):
            raise SpecificationError(
                f"{place}: {found[0]} in command is not supported there: the macros are ${{env}}, "
                "${interpreter}, ${program}, ${args}, ${args_no_boolean_flags} and "
                "${envvar:NAME}, each a word of its own"
            )
    return tuple(fixed)
