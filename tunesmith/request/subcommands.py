"""Which subcommand of a program is meant, and which of its positional arguments are given."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tunesmith.errors import FlagError
from tunesmith.flags.assignments import Assignment, find_flag, split_argument
from tunesmith.flags.definition import FlagSource, ScriptFlags
from tunesmith.near_names import near_names
from tunesmith.request.specification import Script
from tunesmith.request.sweep_request import SweepRequest


def entered(request: SweepRequest, script: Script) -> Script:
    """Return a script with the subcommand that is meant, as far as that is clear.

    It is typed before the flags or after ``--``, or the only one that has all flags. Words beyond
    it are left for positional arguments. A program of which no flags are known takes all of them.

    Raises:
        FlagError: What was typed is no subcommand.
    """
    flags = script.flags
    behind = () if request.subcommand else _behind(request, flags)
    words = request.subcommand or behind
    inner, left = _entered(flags, words)
    if left and inner.subcommands:
        others = [word for one in inner.subcommands.values() for word in one.other_words]
        near = near_names(left[0], [*inner.subcommands, *others], n=1)
        raise FlagError(
            f"{script.name} has no subcommand {left[0]!r}: its subcommands are "
            f"{', '.join(inner.subcommands)}" + (f". Did you mean {near[0]!r}?" if near else "")
        )
    script = replace(script, flags=inner, words=left, n_behind=len(behind))
    if _is_alone(request, inner):
        return script
    fitting = _fitting(request, inner)
    return replace(script, flags=fitting[0][1]) if len(fitting) == 1 else script


def with_positionals(request: SweepRequest, script: Script) -> SweepRequest:
    """Return a request in which words before the flags are the script's positional arguments.

    Raises:
        FlagError: There are more words than positional arguments.
    """
    placed = sorted(
        (flag for flag in script.flags.definitions if flag.position),
        key=lambda one: (one.level, one.position or 0),
    )
    for word in script.words[len(placed) :]:
        split_argument(word)  # says what is expected
    given = tuple(
        Assignment(name=flag.name, text=word)
        for flag, word in zip(placed, script.words, strict=False)
    )
    return replace(
        request,
        flags=(*given, *(request.flags or ())) or None,
        extra_arguments=(request.extra_arguments or ())[script.n_behind :] or None,
        subcommand=None,
    )


def check_chosen(request: SweepRequest, script: Script) -> None:
    """Check that one of a script's subcommands is meant, if it has any.

    Raises:
        FlagError: None or several fit; the message lists them.
    """
    if not script.flags.subcommands or request.force_flags or _is_alone(request, script.flags):
        return
    names = ", ".join(_names(request))
    fitting = [words for words, _ in _fitting(request, script.flags)]
    listed = fitting or [words for words, _ in _leaves(script.flags)]
    shown = ", ".join(" ".join(words) for words in listed)
    which = f"none has {names}" if not fitting else f"several have {names}"
    raise FlagError(
        f"{script.name} has subcommands, and {which if names else 'none was named'}: name one "
        f"before the flags, as in tunesmith run {script.path} {' '.join(listed[0])} "
        f"{names.partition(',')[0] or 'x'}=… (there are {shown})"
    )


def _names(request: SweepRequest) -> list[str]:
    """Return the names of the flags that were typed, without those that name a file."""
    return [one.name for one in request.flags or () if ":" not in one.name]


def _is_alone(request: SweepRequest, flags: ScriptFlags) -> bool:
    """Return whether a program is meant to run without one of its subcommands."""
    return flags.runs_alone and all(find_flag(flags, name) for name in _names(request))


def _fitting(
    request: SweepRequest, flags: ScriptFlags
) -> list[tuple[tuple[str, ...], ScriptFlags]]:
    """Return the subcommands that have all flags that were typed."""
    names = _names(request)
    return [
        (words, inner)
        for words, inner in _leaves(flags)
        if all(find_flag(inner, name) is not None for name in names)
    ]


def _behind(request: SweepRequest, flags: ScriptFlags) -> tuple[str, ...]:
    """Return the words of a subcommand that was typed after ``--``."""
    words: list[str] = []
    for word in request.extra_arguments or ():
        named = flags.subcommand_of(word)
        if named is None:
            break
        words.append(word)
        flags = flags.subcommands[named]
    return tuple(words)


def _entered(flags: ScriptFlags, words: Sequence[str]) -> tuple[ScriptFlags, tuple[str, ...]]:
    """Return the flags of the subcommand that words begin with, and the words behind it."""
    has_places = flags.source is not FlagSource.COMMAND and any(
        flag.position for flag in flags.definitions
    )
    if flags.takes_any and not has_places:
        return replace(flags, subcommand=tuple(words)), ()
    n, inner = 0, flags
    while n < len(words) and (named := inner.subcommand_of(words[n])) is not None:
        inner = inner.subcommands[named]
        n += 1
    return flags.of_subcommand(words[:n]), tuple(words[n:])


def _leaves(
    flags: ScriptFlags, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], ScriptFlags]]:
    """Yield the subcommands without others in them, each with the flags that are around it."""
    for word, inner in flags.subcommands.items():
        if inner.subcommands:
            for deeper, _ in _leaves(inner):
                yield (*words, word, *deeper), flags.of_subcommand((word, *deeper))
        else:
            yield (*words, word), flags.of_subcommand((word,))
