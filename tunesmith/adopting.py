"""Restarts of imported batches, whose code and specification come from somebody else.

The user sees what will run, and confirms it. Nothing that refers to the other machine is taken
over: no interpreter, no workers, no paths outside of the project.
"""

import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.execution import Execution
from tunesmith.executor.links import is_within, place_links
from tunesmith.program import ProgramKind
from tunesmith.query.cells import format_started, one_line
from tunesmith.runner import LOCAL
from tunesmith.storage.records.imported_batches import Import
from tunesmith.storage.store import Store
from tunesmith.trial import short_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A batch to restart, adapted to this machine."""

    spec: BatchSpec
    """Its latest specification."""
    found: Import | None
    """The archive that it came from; None for a batch of this store."""
    left_out: tuple[str, ...] = ()
    """Settings of the imported batch that were dropped, as options of ``run``."""

    def warnings(self, python: str) -> list[str]:
        """Return the warnings to show before it runs, one line each.

        Args:
            python: The interpreter that runs it; empty for the one that runs Tunesmith.
        """
        if self.found is None:
            return []
        lines = [f"runs imported code ({self._source()}) with {python or sys.executable}"]
        if self.left_out:
            lines.append(f"asked for there, and left out: {' '.join(self.left_out)}")
        return [one_line(line) for line in lines]

    def _source(self) -> str:
        if self.found is None or not self.found.archive:
            return "from an archive"
        return f"from {self.found.archive}, imported {format_started(self.found.time)}"


def adopt(store: Store, batch: str) -> Adopted:
    """Return a batch's latest specification; of an imported batch, only what may be taken over.

    Raises:
        NotFoundError: There is no such batch.
        CorruptObjectError: It cannot be read.
        SpecificationError: One of its links, perhaps of an earlier version, cannot be placed.
    """
    adopted = _adopted(store, store.batch(batch))
    spec = adopted.spec
    if spec.program.kind is ProgramKind.NONE:
        name = short_id(batch)
        raise SpecificationError(
            f"batch {name} has no script to run: ask for its trials with tunesmith suggest {name}"
        )
    place_links(Path(spec.project), spec.script, spec.execution.links)
    return adopted


def _adopted(store: Store, spec: BatchSpec) -> Adopted:
    found = store.imported_from(spec.id)
    if found is None:
        return Adopted(spec=spec, found=None)
    execution = spec.execution
    links = tuple(link for link in execution.links if is_within(link))
    own = replace(
        execution,
        python="",
        runner=LOCAL,
        jobs=1 if execution.runner.is_remote else execution.jobs,
        is_in_place=False,
        links=links,
        has_prefect_logs=False,
    )
    return Adopted(
        spec=replace(spec, project=str(store.home.parent), data={}, execution=own),
        found=found,
        left_out=tuple(_left_out(execution, links)),
    )


def _left_out(execution: Execution, links: tuple[str, ...]) -> list[str]:
    pairs = [
        ("--python", execution.python),
        ("--runner", "" if execution.runner == LOCAL else str(execution.runner)),
        ("--cwd", "project" if execution.is_in_place else ""),
        *(("--link", link) for link in execution.links if link not in links),
    ]
    words = [f"{option} {shlex.quote(value)}" for option, value in pairs if value]
    return [*words, *(["--prefect-logs"] if execution.has_prefect_logs else [])]
