"""The command of a sweep file: W&B's macros, as a program with flags or as any command."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunesmith.errors import SpecificationError
from tunesmith.flags.definition import FlagStyle

_MACRO = re.compile(r"\$\{([a-z_]+)(?::([^}]*))?\}")
_PYTHON = re.compile(r"(?:.*/)?python(?:3(?:\.\d+)?)?", re.ASCII)
_ENV = ("${env}", "/usr/bin/env", "env")
_USUAL = ("${interpreter}", "python", "python3")
"""Names of the interpreter that runs Tunesmith, where nothing else is on the path."""
_FLAGS: Mapping[str, str] = {
    "${args}": "{flags}",
    "${args_no_boolean_flags}": "{flags}",
    "${args_no_hyphens}": "{flags}",
    "${args_json_file}": "{config}",
    "${args_json}": "{json}",
}
"""Macros that stand for the flags, as a command here names them."""
_AS_JSON = frozenset({"${args_json_file}", "${args_json}"})
_MACROS = ("${env}", "${interpreter}", "${program}", "${envvar:NAME}", *_FLAGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a command says beside the flags."""

    program: str | None = None
    """The program, where it is not the one of the key ``program``."""
    python: str | None = None
    """The interpreter, where it is not the one that runs Tunesmith."""
    subcommand: tuple[str, ...] = ()
    """Words between the program and its flags."""
    arguments: tuple[str, ...] = ()
    """What the program is given after its flags."""
    words: tuple[str, ...] = ()
    """The whole command, where it does more than run the program with its flags."""
    style: FlagStyle | None = None
    """How flags are passed, where a macro says so."""


def read_command(
    given: object, *, program: str | None, place: str, environ: Mapping[str, str]
) -> Command:
    """Return what the command of a sweep file says.

    Args:
        given: The value of the key ``command``.
        program: The value of the key ``program``.
        place: The file's name, for messages.
        environ: The environment, for ``${envvar:NAME}``.

    Raises:
        SpecificationError: It is no list of words, or has a macro that cannot be followed.
    """
    if not isinstance(given, list) or not all(isinstance(w, str | int | float) for w in given):
        raise SpecificationError(
            f"{place}: command is {given!r}: expected a list of words, as "
            '["${env}", "python", "${program}", "${args}"]'
        )
    words = [_expanded(str(word), place=place, environ=environ) for word in given]
    if not words:
        raise SpecificationError(f"{place}: command is empty: leave it out")
    style = FlagStyle.BARE if "${args_no_hyphens}" in words else None
    simple = _simple(words, style)
    if simple is not None:
        return simple
    return Command(words=tuple(_as_typed(words, program, place=place)), style=style)


def _expanded(word: str, *, place: str, environ: Mapping[str, str]) -> str:
    """Return a word with the variables of the environment that it names; check its macros.

    Raises:
        SpecificationError: There is no such variable or macro, or it cannot be followed.
    """

    def expand(found: re.Match[str]) -> str:
        whole, macro, name = found[0], found[1], found[2]
        if macro != "envvar" and whole not in _MACROS:
            raise SpecificationError(
                f"{place}: {whole} in command is no macro: choose one of {', '.join(_MACROS)}"
            )
        if macro != "envvar":
            return whole
        if name not in environ:
            raise SpecificationError(
                f"{place}: command needs the environment variable {name}, which is not set"
            )
        return environ[name]

    return _MACRO.sub(expand, word)


def _simple(words: Sequence[str], style: FlagStyle | None) -> Command | None:
    """Return a command that runs a program with its flags; None for one that does more."""
    left = list(words[1:] if words[0] in _ENV else words)
    python = None
    if left and (left[0] in _USUAL or _PYTHON.fullmatch(left[0])):
        python = None if left[0] in _USUAL else left[0]
        left = left[2:] if left[1:2] == ["-u"] else left[1:]  # trials' output is not held back
        if left[:1] == ["-m"]:
            del left[0]
    if not left or left[0].startswith("-") or "=" in left[0] or "${program}" in left[1:]:
        return None
    first, rest = left[0], left[1:]
    has_python = len(left) < len(words) - (words[0] in _ENV)
    if first != "${program}" and not has_python:
        return None
    flags = [at for at, word in enumerate(rest) if word in _FLAGS]
    if len(flags) > 1 or not _AS_JSON.isdisjoint(rest):
        return None
    before = rest[: flags[0]] if flags else []
    others = [word for word in rest if word not in _FLAGS]
    is_plain = not any(_MACRO.search(word) or "{" in word for word in others)
    is_program = first == "${program}" or not (_MACRO.search(first) or "{" in first)
    has_options = any(word.startswith("-") for word in before)
    if not is_plain or not is_program or (has_options and not before[0].startswith("-")):
        return None
    n_words = 0 if has_options else len(before)
    return Command(
        program=None if first == "${program}" else first,
        python=python,
        subcommand=tuple(others[:n_words]),
        arguments=tuple(others[n_words:]),
        style=style,
    )


def _as_typed(words: Sequence[str], program: str | None, *, place: str) -> list[str]:
    """Return the words of a command as they are typed after ``--``.

    Raises:
        SpecificationError: They name the program, and the file does not.
    """
    if program is None and any("${program}" in word for word in words):
        raise SpecificationError(f"{place} names no program: add program: train.py")
    meant = {"${interpreter}": "python", "${program}": program or "", **_FLAGS}
    typed = [_MACRO.sub(lambda found: meant.get(found[0], found[0]), word) for word in words]
    if typed[0] in _ENV:
        sets_variables = len(typed) > 1 and "=" in typed[1]
        typed[:1] = ["env"] if sets_variables else []
    return typed
