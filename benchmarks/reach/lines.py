"""How much of what programs print is read: recall and false scalars over a corpus of lines.

``lines.txt`` has lines of output in the formats of the libraries that its titles name, and was
written beside the reader. ``independent_lines.txt`` and, afterwards, ``later_lines.txt`` and
``unseen_lines.txt`` were written from public programs, without a look at it. After each line
(``>``) come the scalars that a person would note: tag, step, value (``=``), and tags that may be
read and need not (``?``). ``!flags`` are the flags that the program has, ``!objective`` is the
name that a person would type and the value that the program ends with.

    python benchmarks/reach/lines.py [independent_lines.txt]
"""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.output.scalars import OutputScalars
from tunesmith.scalar_names import folded, meant_tag

CORPUS = Path(__file__).with_name("lines.txt")
_ESCAPES = {r"\t": "\t", r"\r": "\r", r"\x1b": "\x1b"}

Scalar = tuple[str, int, float]
"""A plain tag, a step, a value."""


@dataclass
class Block:
    """What one program prints."""

    title: str
    flags: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)
    expected: list[list[Scalar]] = field(default_factory=list)
    allowed: list[set[str]] = field(default_factory=list)
    """Plain tags of each line that are neither missed nor false."""
    objective: tuple[str, float] | None = None


@dataclass
class Score:
    """What was read, counted."""

    n_lines: int = 0
    n_expected: int = 0
    n_reported: int = 0
    missing: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    n_objectives: int = 0
    unread_objectives: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The part of the expected scalars that was read with its tag, step and value."""
        return 1 - len(self.missing) / self.n_expected

    @property
    def false_part(self) -> float:
        """The part of what was read that is no scalar of the line."""
        return len(self.false) / self.n_reported


def plain(tag: str) -> str:
    """Return what tags that a person would type alike have in common."""
    return folded(tag).replace("/", "_")


def read_corpus(path: Path = CORPUS) -> Iterator[Block]:
    """Yield the blocks of the corpus."""
    _, *texts = ("\n" + path.read_text(encoding="utf-8")).split("\n# ")
    for text in texts:
        title, *rows = text.splitlines()
        block = Block(title)
        for row in rows:
            _read_row(block, *row.partition(" ")[::2])
        yield block


def _read_row(block: Block, mark: str, rest: str) -> None:
    if mark == "!flags":
        block.flags = tuple(rest.split())
    elif mark == ">":
        for written, meant in _ESCAPES.items():
            rest = rest.replace(written, meant)
        block.lines.append(rest)
        block.expected.append([])
        block.allowed.append(set())
    elif mark == "?":
        block.allowed[-1].add(plain(rest))
    elif mark == "!objective":
        name, value = rest.rsplit(" ", 1)
        block.objective = (name, float(value))
    elif mark == "=":
        tag, step, value = rest.rsplit(" ", 2)
        block.expected[-1].append((plain(tag), int(step), float(value)))


def score(blocks: Iterator[Block]) -> Score:
    """Return how well the lines of the blocks are read."""
    found = Score()
    for block in blocks:
        name = "loss" if block.objective is None else block.objective[0]
        scalars = OutputScalars(flag_names=block.flags, wanted=(name,))
        for line, expected, allowed in zip(
            block.lines, block.expected, block.allowed, strict=True
        ):
            points = scalars.feed(line, 0.0)
            reported = [(plain(one.tag), one.step, one.value) for one in points]
            reported = [one for one in reported if _has(expected, one) or one[0] not in allowed]
            shown = f"{block.title}: {line[:70]!r}"
            found.n_lines += 1
            found.n_expected += len(expected)
            found.n_reported += len(reported)
            found.missing += [f"{one} {shown}" for one in expected if not _has(reported, one)]
            found.false += [f"{one} {shown}" for one in reported if not _has(expected, one)]
        if block.objective is not None:
            found.n_objectives += 1
            ends = {one.tag: one.values[-1] for one in scalars.series()}
            tag = meant_tag(name, ends)
            if tag is None or not math.isclose(ends[tag], block.objective[1]):
                found.unread_objectives.append(f"{block.title}: {name}, read as {tag}")
    return found


def _has(scalars: list[Scalar], wanted: Scalar) -> bool:
    tag, step, value = wanted
    return any(
        tag == other and step == at and (math.isclose(value, number) or str(value) == str(number))
        for other, at, number in scalars
    )


def main() -> int:
    """Print the figures and what was missed."""
    path = CORPUS.with_name(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    found = score(read_corpus(path))
    print(f"{found.n_lines} lines, {found.n_expected} scalars")
    print(f"recall {found.recall:.1%}, false {found.false_part:.1%} of {found.n_reported}")
    if found.n_objectives:
        n_read = found.n_objectives - len(found.unread_objectives)
        print(f"objective read in {n_read} of {found.n_objectives}")
    for kind, texts in (
        ("objective", found.unread_objectives),
        ("missing", found.missing),
        ("false", found.false),
    ):
        for text in texts:
            print(f"{kind}: {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
