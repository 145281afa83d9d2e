"""What a batch has learnt from other runs, in words."""

from collections.abc import Iterator, Sequence

from tunesmith.batch import BatchSpec
from tunesmith.earlier_results import EarlierResults
from tunesmith.query.cells import count


def learning_lines(spec: BatchSpec) -> Iterator[str]:
    """Yield what a batch learns from, a line for each source."""
    for source in dict.fromkeys(one.source for one in spec.earlier):
        of_source = [one for one in spec.earlier if one.source == source]
        n, n_out = (
            sum(len(one.values) for one in of_source),
            sum(one.n_left_out for one in of_source),
        )
        of = f" of {count(len(of_source), 'batch', 'batches')}" if len(of_source) > 1 else ""
        out = f"; {n_out} left out, which lie outside of what is searched" if n_out else ""
        unknown = ", ".join(_untold(of_source))
        but = f"; it does not tell {unknown}" if unknown else ""
        yield f"learns from {count(n, 'result')}{of}: {source}{out}{but}"


def _untold(of_source: Sequence[EarlierResults]) -> Iterator[str]:
    """Yield the scalars that a batch looks at and a source does not tell."""
    for name in dict.fromkeys(name for one in of_source for name in one.others):
        if all(value is None for one in of_source for value in one.others.get(name, ())):
            yield name
