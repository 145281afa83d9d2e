"""Copying runs from one store to another.

Ids are random and records never change, so what the target already has is the same and stays.
Records are copied last: a transfer that was cut off can be repeated and copies what is missing.
"""

import dataclasses
import os
import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tunesmith.atomic_file import new_folder
from tunesmith.errors import CorruptObjectError, LeaseHeldError
from tunesmith.storage.files.layout import is_in_place
from tunesmith.storage.files.run_directories import make_batch_directory
from tunesmith.storage.objects.object_names import end_name, parse_specification_name
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.records.batches import read_specification, specification_names
from tunesmith.storage.records.imported_batches import Import, put_import
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, short_id, trial_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """What a transfer has copied."""

    n_batches: int = 0
    """Batches of which something was copied; single runs are not counted here."""
    n_runs: int = 0
    """Trials and single runs that were copied."""
    n_known: int = 0
    """Trials and single runs that the target already had."""
    n_unfinished: int = 0
    """Trials that have not finished and were left out."""
    warnings: tuple[str, ...] = ()
    """Damaged objects that were left out, one line each."""

    def __add__(self, other: "Transferred") -> "Transferred":
        """Return the sums."""
        names = [field.name for field in dataclasses.fields(self)]
        return Transferred(**{name: getattr(self, name) + getattr(other, name) for name in names})


def copy_runs(
    source: Store,
    target: Store,
    run_ids: Collection[str] | None = None,
    *,
    with_files: bool = True,
    origin: Import | None = None,
) -> Transferred:
    """Copy runs with everything that belongs to them.

    Args:
        source: The store to copy from.
        target: The store to copy to.
        run_ids: Ids of batches, which stand for all their trials, of trials, and of single runs;
            by default all.
        with_files: Whether the runs' folders are copied too; by default they are.
        origin: The archive that they come from, with which the target marks their batches; by
            default they are the user's own.

    Raises:
        CorruptObjectError: An object of the source that is needed is damaged.
        LeaseHeldError: A batch of the target is running, and the copy would add to its plan.
        StoreAccessError: The target cannot be written.
    """
    total = Transferred()
    for batch_id in source.batch_ids():
        reading = source.recorded(batch_id)
        wanted = _wanted(source, batch_id, reading.records, run_ids)
        if wanted is not None:
            if origin is not None and _adds_plans(source, target, batch_id, wanted):
                _mark(target, batch_id, origin)
            total += _copy_batch(source, target, batch_id, wanted, with_files=with_files)
            total += Transferred(warnings=(*reading.warnings, *_damages(source, batch_id)))
    return total


def _mark(target: Store, batch_id: str, origin: Import) -> None:
    """Mark a batch as imported.

    Raises:
        LeaseHeldError: It is running, and would run what the archive says.
    """
    if target.is_alive(batch_id):
        raise LeaseHeldError(
            f"batch {short_id(batch_id)} is running, and {origin.archive} would add trials to it: "
            "import it when the batch has ended"
        )
    put_import(target.objects, batch_id, origin)


def _adds_plans(source: Store, target: Store, batch_id: str, wanted: "_Wanted") -> bool:
    """Return whether a copy would add to a batch's specifications or its plan."""
    specifications = specification_names(source.objects, batch_id)
    planned = {one.number for one in target.plan(batch_id)}
    known = specification_names(target.objects, batch_id)
    return not set(specifications) <= set(known) or not wanted.numbers <= planned


def _damages(source: Store, batch_id: str) -> list[str]:
    """Return warnings of a batch's specification and plan that cannot be read."""
    found: list[str] = []
    source.plan(batch_id, found.append)
    try:
        source.batch(batch_id)
    except CorruptObjectError as error:
        found.append(str(error))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What to copy of one batch."""

    records: Sequence[TrialRecord]
    numbers: frozenset[int]
    """The planned trials, by their numbers."""
    n_unfinished: int
    is_whole: bool


def _wanted(
    source: Store,
    batch_id: str,
    records: Sequence[TrialRecord],
    run_ids: Collection[str] | None,
) -> _Wanted | None:
    """Return what to copy of a batch; None for nothing."""
    planned = {trial_id(batch_id, one.number): one.number for one in source.plan(batch_id)}
    is_whole = run_ids is None or batch_id in run_ids
    named = [one for one in records if is_whole or one.id in (run_ids or ())]
    unfinished = planned.keys() - {one.id for one in records}
    if not is_whole:
        unfinished &= set(run_ids or ())
    if not is_whole and not named and not unfinished:
        return None
    ids = {one.id for one in named} | (unfinished if is_whole else set())
    numbers = frozenset(number for run, number in planned.items() if run in ids)
    return _Wanted(records=named, numbers=numbers, n_unfinished=len(unfinished), is_whole=is_whole)


def _copy_batch(
    source: Store, target: Store, batch_id: str, wanted: _Wanted, *, with_files: bool
) -> Transferred:
    known = {one.id: one.attempt for one in target.records(batch_id).records}
    fresh = [one for one in wanted.records if known.get(one.id, 0) < one.attempt]
    is_new = batch_id not in target.batch_ids()
    for digest in {one.source_digest for one in wanted.records} | _digests(source, batch_id):
        _copy_source(source, target, digest)
    if with_files:
        for one in fresh:
            _copy_folder(source, target, one)
    _copy_plan(source, target, batch_id, wanted.numbers)
    _copy_specifications(source, target, batch_id, is_new=is_new)
    ids = {one.id for one in fresh} | ({batch_id} if is_new and wanted.is_whole else set())
    _copy_edits(source, target, ids)
    series = source.series_of(batch_id, [one.id for one in fresh])
    for one in fresh:
        target.publish(one, series[one.id])
    if not target.is_alive(batch_id):
        target.compact(batch_id)
    is_single = any(one.id == batch_id for one in wanted.records)
    return Transferred(
        n_batches=0 if is_single else int(is_new or bool(fresh)),
        n_runs=len(fresh),
        n_known=len(wanted.records) - len(fresh),
        n_unfinished=wanted.n_unfinished,
    )


def _digests(source: Store, batch_id: str) -> set[str]:
    try:
        return {source.batch(batch_id).source_digest}
    except CorruptObjectError:  # its runs are worth copying all the same
        return set()


def _copy_specifications(source: Store, target: Store, batch_id: str, *, is_new: bool) -> None:
    """Copy a batch's specifications and ends; to a known batch only what is intact."""
    for position, name in enumerate(specification_names(source.objects, batch_id)):
        try:
            read_specification(source.objects, batch_id, position=position)
        except CorruptObjectError:
            if not is_new:
                continue
        target.objects.put_new(name, source.objects.get(name))
        found = parse_specification_name(name)
        ends = source.objects.list(end_name(batch_id, found[1])) if found else []
        for end in ends:
            target.objects.put_new(end, source.objects.get(end))


def _copy_plan(source: Store, target: Store, batch_id: str, numbers: Collection[int]) -> None:
    known = {one.number for one in target.plan(batch_id)}
    missing = [
        one for one in source.plan(batch_id) if one.number in numbers and one.number not in known
    ]
    target.put_plan(batch_id, missing)


def _copy_edits(source: Store, target: Store, ids: Collection[str]) -> None:
    """Copy the edits of runs that are new to the target."""
    for edit in source.edits():
        runs = tuple(run for run in edit.runs if run in ids)
        if runs:
            target.add_edit(dataclasses.replace(edit, runs=runs))


def _copy_source(source: Store, target: Store, digest: str) -> None:
    folder, final = source.layout.source / digest, target.layout.source / digest
    if digest and _is_folder(folder, source.layout.source) and not final.exists():
        _copy_tree(folder, final)


def _copy_folder(source: Store, target: Store, record: TrialRecord) -> None:
    folder = source.layout.trial_directory(record.batch, record.id)
    final = target.layout.trial_directory(record.batch, record.id)
    if _is_folder(folder, source.layout.trials) and not final.exists():
        with explained("write to", final):
            make_batch_directory(target.layout, record.batch)
        _copy_tree(folder, final)


def _is_folder(path: Path, root: Path) -> bool:
    return path.is_dir() and is_in_place(path, root)


def _copy_tree(folder: Path, final: Path) -> None:
    """Copy a folder, completely or not at all; links that lead out of it are left out."""
    ignore = _Ignore(folder.resolve())
    with explained("write to", final):
        final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with new_folder(final) as draft:
                shutil.copytree(
                    folder,
                    draft,
                    symlinks=True,
                    ignore=ignore,
                    dirs_exist_ok=True,
                    copy_function=partial(_copy_file, final),
                )
        except shutil.Error as error:  # a socket, or a file that was written to meanwhile
            raise OSError(f"cannot copy {folder}: {error}") from error


def _copy_file(final: Path, source: str, copy: str) -> None:
    """Copy a file; the first one that cannot be copied ends the copying with its reason."""
    with explained("write to", final):
        shutil.copy2(source, copy)


@dataclass(frozen=True, slots=True)
class _Ignore:
    """Tells ``copytree`` what to leave out: links out of a folder, and what is no file."""

    root: Path

    def __call__(self, folder: str, names: list[str]) -> Iterable[str]:
        return [name for name in names if not self._is_kept(Path(folder) / name)]

    def _is_kept(self, path: Path) -> bool:
        if path.is_symlink():
            target = Path(os.path.realpath(path))
            is_absolute = path.readlink().is_absolute()
            return not is_absolute and target.is_relative_to(self.root)
        return path.is_dir() or path.is_file()
