"""Recall and false flags over a corpus of programs: python benchmarks/reach/parsers.py.

Each folder of ``parsers/`` is a project with a ``train.py`` in the shape of programs that people
have, and ``expected.json``: its flags with their defaults, those of its subcommands, and where
they matter their types and choices. A program that comes further than its parser ends with an
error, so that nothing is found.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.capturing import read_script_flags
from tunesmith.errors import TunesmithError
from tunesmith.flags.definition import FlagDefinition, ScriptFlags

CORPUS = Path(__file__).with_name("parsers")
N_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was found in one program."""

    name: str
    expected: frozenset[str]
    """Its flags, with the words of their subcommand."""
    right: frozenset[str]
    """Those that were found with all that is expected of them."""
    false: frozenset[str]
    """Flags that were found and that it does not have."""
    why: str = ""
    """The error, if nothing was found."""


def measure(folders: Sequence[Path]) -> list[Outcome]:
    """Return what is found in each of some programs."""
    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        return list(pool.map(look_at, folders))


def look_at(folder: Path) -> Outcome:
    """Return what is found in one program."""
    plain = json.loads((folder / "expected.json").read_text())
    expected = dict(_expected(plain))
    try:
        flags = _read(folder)
    except TunesmithError as error:
        return _outcome(folder, expected, {}, why=str(error))
    if str(flags.source) != plain["source"] or str(flags.style) != plain["style"]:
        return _outcome(folder, expected, {}, why=f"{flags.source}, {flags.style}")
    return _outcome(folder, expected, dict(_found(flags)))


def recall(outcomes: Sequence[Outcome]) -> float:
    """Return the share of the expected flags that were found as they are."""
    n_right = sum(len(one.right) for one in outcomes)
    return n_right / sum(len(one.expected) for one in outcomes)


def false_share(outcomes: Sequence[Outcome]) -> float:
    """Return the share of false flags among those that were found."""
    n_false = sum(len(one.false) for one in outcomes)
    return n_false / max(sum(len(one.right) for one in outcomes) + n_false, 1)


def _read(folder: Path) -> ScriptFlags:
    with tempfile.TemporaryDirectory() as home:
        return read_script_flags(
            folder / "train.py", project=folder, python=sys.executable, home=Path(home) / "store"
        )


def _expected(plain: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for words, flags in {"": plain["flags"], **plain.get("subcommands", {})}.items():
        for name, default in flags.items():
            more = {
                key: plain[many][name]
                for key, many in (("type", "types"), ("choices", "choices"))
                if name in plain.get(many, {})
            }
            yield f"{words} {name}".strip(), {"default": default, **more}


def _found(flags: ScriptFlags, words: str = "") -> Iterator[tuple[str, FlagDefinition]]:
    for flag in flags.definitions:
        yield f"{words} {flag.name}".strip(), flag
    for name, inner in flags.subcommands.items():
        yield from _found(inner, f"{words} {name}".strip())


def _outcome(
    folder: Path,
    expected: Mapping[str, Mapping[str, Any]],
    found: Mapping[str, FlagDefinition],
    why: str = "",
) -> Outcome:
    right = {name for name in expected if name in found and _fits(found[name], expected[name])}
    return Outcome(
        name=folder.name,
        expected=frozenset(expected),
        right=frozenset(right),
        false=frozenset(found) - frozenset(expected),
        why=why,
    )


def _fits(flag: FlagDefinition, expected: Mapping[str, Any]) -> bool:
    plain = {
        "default": _listed(flag.default),
        "type": str(flag.type),
        "choices": list(flag.choices),
    }
    return all(plain[key] == value for key, value in expected.items())


def _listed(value: Any) -> Any:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def main() -> None:
    """Print what is missed, and the figures of the whole corpus."""
    outcomes = measure(sorted(path for path in CORPUS.iterdir() if path.is_dir()))
    for one in outcomes:
        missed = sorted(one.expected - one.right)
        if missed or one.false or one.why:
            print(f"{one.name}: missed {missed}, false {sorted(one.false)} {one.why}")
    n_flags = sum(len(one.expected) for one in outcomes)
    print(f"{len(outcomes)} programs with {n_flags} flags")
    print(f"recall {recall(outcomes):.1%}, false flags {false_share(outcomes):.1%}")


if __name__ == "__main__":
    main()
