"""How much of what programs print is read: recall and false scalars over ``lines.txt``.

``lines.txt`` has lines of output in the formats of the libraries that its titles name. After each
line (``>``) come the scalars that a person would note: tag, step, value (``=``). ``!flags`` are
the flags that the program has.

    python benchmarks/reach/lines.py
"""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.output.scalars import OutputScalars
from tunesmith.scalar_names import folded

CORPUS = Path(__file__).with_name("lines.txt")
_ESCAPES = {r"\t": "\t", r"\r": "\r", r"\x1b": "\x1b"}

Scalar = tuple[str, int, float]
"""A folded tag, a step, a value."""


@dataclass
class Block:
    """What one program prints."""

    title: str
    flags: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)
    expected: list[list[Scalar]] = field(default_factory=list)


@dataclass
class Score:
    """What was read, counted."""

    n_lines: int = 0
    n_expected: int = 0
    n_reported: int = 0
    missing: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The part of the expected scalars that was read with its tag, step and value."""
        return 1 - len(self.missing) / self.n_expected

    @property
    def false_part(self) -> float:
        """The part of what was read that is no scalar of the line."""
        return len(self.false) / self.n_reported


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
    elif mark == "=":
        tag, step, value = rest.rsplit(" ", 2)
        block.expected[-1].append((folded(tag), int(step), float(value)))


def score(blocks: Iterator[Block]) -> Score:
    """Return how well the lines of the blocks are read."""
    found = Score()
    for block in blocks:
        scalars = OutputScalars(flag_names=block.flags)
        for line, expected in zip(block.lines, block.expected, strict=True):
            points = scalars.feed(line, 0.0)
            reported = [(folded(one.tag), one.step, one.value) for one in points]
            shown = f"{block.title}: {line[:70]!r}"
            found.n_lines += 1
            found.n_expected += len(expected)
            found.n_reported += len(reported)
            found.missing += [f"{one} {shown}" for one in expected if not _has(reported, one)]
            found.false += [f"{one} {shown}" for one in reported if not _has(expected, one)]
    return found


def _has(scalars: list[Scalar], wanted: Scalar) -> bool:
    tag, step, value = wanted
    return any(
        tag == other and step == at and (math.isclose(value, number) or str(value) == str(number))
        for other, at, number in scalars
    )


def main() -> int:
    """Print the figures and what was missed."""
    found = score(read_corpus())
    print(f"{found.n_lines} lines, {found.n_expected} scalars")
    print(f"recall {found.recall:.1%}, false {found.false_part:.1%} of {found.n_reported}")
    for kind, texts in (("missing", found.missing), ("false", found.false)):
        for text in texts:
            print(f"{kind}: {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
