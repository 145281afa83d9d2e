"""What has to be true of a store after any attack: one function for each promise.

Each yields what breaks it, one line each. They read the store as its users do; ``raw`` reads it as
programs do that know nothing but Parquet.
"""

import dataclasses
import glob
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.torture.ledger import Ledger, make_flags, make_record
from tunesmith.storage.index.batch_status import INTERRUPTED
from tunesmith.storage.index.run_list import RunList
from tunesmith.storage.objects.object_names import PartName, SegmentName
from tunesmith.storage.records.batches import read_ends, specification_names
from tunesmith.storage.records.edits import EditAction, read_edits
from tunesmith.storage.records.parquet import arrow
from tunesmith.storage.records.reading import Reading
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialRecord, TrialStatus, trial_id

TRUTH = ("batches", "plan", "parts", "runs", "series", "edits")
"""The folders of what nothing can rebuild."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A store after an attack, and what is known of it."""

    store: Store
    ledger: Ledger
    reading: Reading
    run_list: RunList
    has_lost_power: bool = False
    """Then notes of starts may be gone, which are not promised."""
    has_drafts: bool = False
    """Whether the file system has no unnamed files, so that a kill leaves hidden ones."""


Invariant = Callable[[Scene], Iterator[str]]


def check(
    store: Store, ledger: Ledger, *, has_lost_power: bool = False, has_drafts: bool = False
) -> list[str]:
    """Return every broken promise, each with its name, before and after a recovery."""
    broken: list[str] = []
    for moment in ("found", "recovered"):
        if moment == "recovered":
            broken += _lines("idempotent", moment, partial(_recover, store))
        try:
            reading, run_list = store.records(), store.list_runs()
        except Exception as error:  # noqa: BLE001 -- whatever it is, a reader must not see it
            broken.append(f"{moment}: readable: {type(error).__name__}: {error}")
            continue
        scene = Scene(
            store=store,
            ledger=ledger,
            reading=reading,
            run_list=run_list,
            has_lost_power=has_lost_power,
            has_drafts=has_drafts,
        )
        invariants = ALWAYS if moment == "found" else (*ALWAYS, *RECOVERED)
        for invariant in invariants:
            broken += _lines(invariant.__name__, moment, partial(invariant, scene))
    return broken


def _lines(name: str, moment: str, find: Callable[[], Iterator[str]]) -> list[str]:
    """Return what breaks one promise; where that cannot be found out, it is broken too."""
    try:
        return [f"{moment}: {name}: {line}" for line in find()]
    except Exception as error:  # noqa: BLE001 -- whatever it is, a reader must not see it
        return [f"{moment}: {name}: {type(error).__name__}: {error}"]


def _recover(store: Store) -> Iterator[str]:
    """Do what every later batch does at its end, twice: the second time changes nothing."""
    store.compact_abandoned()
    before = _tree(store)
    for batch in store.batch_ids():
        store.compact(batch)
    store.compact_abandoned()
    after = _tree(store)
    if before != after:
        yield f"a second recovery changes {sorted(before ^ after)[:4]}"


def readable(scene: Scene) -> Iterator[str]:
    """Nothing is damaged, and nothing is reported as such."""
    yield from scene.reading.warnings
    yield from scene.run_list.warnings


def kept(scene: Scene) -> Iterator[str]:
    """Every acknowledged attempt is there, or a later one of its trial."""
    found = {(one.batch, one.number): one for one in scene.reading.records}
    for (batch, number), attempts in scene.ledger.finished.items():
        record = found.get((batch, number))
        if scene.ledger.is_doomed(batch, number):
            continue
        if record is None:
            yield f"trial {number} of {batch[:8]} is lost: attempt {max(attempts)}"
        elif record.attempt < max(attempts):
            yield f"trial {number} of {batch[:8]}: attempt {max(attempts)} gave way to an earlier"


def known(scene: Scene) -> Iterator[str]:
    """Nothing is there that nobody wrote, and nothing that was purged."""
    ledger = scene.ledger
    for record in scene.reading.records:
        if record.attempt not in ledger.begun.get((record.batch, record.number), ()):
            yield f"trial {record.number} of {record.batch[:8]} was never written"
        if {record.id, record.batch} & ledger.purged:
            yield f"trial {record.number} of {record.batch[:8]} is back after its purge"


def once(scene: Scene) -> Iterator[str]:
    """A trial has one row, whichever way the store is read."""
    for words, ids in (
        ("records", [one.id for one in scene.reading.records]),
        ("runs", [run.id for run in scene.run_list.runs]),
    ):
        yield from (f"{one} is {n} times among {words}" for one, n in _repeated(ids))


def exact(scene: Scene) -> Iterator[str]:
    """Every value is the one that was written, to the bit, series and flags too."""
    ledger = scene.ledger
    for batch in {one.batch for one in scene.reading.records}:
        records = [one for one in scene.reading.records if one.batch == batch]
        series = scene.store.series_of(batch, [one.id for one in records])
        for record in records:
            times = ledger.begun[batch, record.number].get(record.attempt)
            if times is None:
                continue
            expected, its_series = make_record(batch, record.number, record.attempt, times)
            if not _is_same(record, expected) or repr(series[record.id]) != repr(its_series):
                yield f"trial {record.number} of {batch[:8]} has other values"


def planned(scene: Scene) -> Iterator[str]:
    """Every acknowledged proposal is there with its flags, once."""
    ledger = scene.ledger
    for batch, numbers in ledger.planned.items():
        plan = {one.number: one for one in scene.store.plan(batch)}
        wanted = {one for one in numbers if not ledger.is_doomed(batch, one)}
        if wanted - plan.keys():
            yield f"the plan of {batch[:8]} lacks {sorted(wanted - plan.keys())[:4]}"
        if plan.keys() - numbers - ledger.proposed[batch]:
            yield f"the plan of {batch[:8]} has trials that nobody proposed"
        if any(one.flags != make_flags(number) for number, one in plan.items()):
            yield f"the plan of {batch[:8]} has other flags"


def specified(scene: Scene) -> Iterator[str]:
    """Every acknowledged specification and end of a generation is there."""
    store, ledger = scene.store, scene.ledger
    for batch, generation in ledger.specs:
        names = specification_names(store.objects, batch)
        if batch not in ledger.doomed and len(names) <= generation:
            yield f"{batch[:8]} has lost the specification of generation {generation}"
    for batch, generation in ledger.ends:
        is_latest = batch in ledger.batches and store.batch(batch).generation == generation
        if is_latest and read_ends(store.objects, batch)[-1] is None:
            yield f"{batch[:8]} has lost the end of generation {generation}"


def edited(scene: Scene) -> Iterator[str]:
    """Every acknowledged edit is there, and the list shows what they say."""
    ledger = scene.ledger
    found = Counter((one.action, one.value, one.time) for one in scene.store.edits())
    for key in ledger.edited:
        edit = ledger.edits[key]
        is_there = found[edit.action, edit.value, edit.time] > 0
        if not is_there and not set(edit.runs) <= ledger.doomed:
            yield f"the edit {edit.action} {edit.value!r} is lost"
    wanted = {(one.action, one.value, one.time) for one in ledger.edits.values()}
    yield from (f"the edit {one} was never made" for one in found.keys() - wanted)
    yield from _shown(scene)


def _shown(scene: Scene) -> Iterator[str]:
    says: dict[str, dict[str, str | set[str] | bool]] = {}
    for _, edit in read_edits(scene.store.objects):
        for run in edit.runs:
            state = says.setdefault(run, {"label": "", "tags": set(), "is_deleted": False})
            tags = state["tags"]
            assert isinstance(tags, set)
            if edit.action is EditAction.LABEL:
                state["label"] = edit.value
            elif edit.action is EditAction.TAG:
                tags.add(edit.value)
            elif edit.action is EditAction.UNTAG:
                tags.discard(edit.value)
            else:
                state["is_deleted"] = edit.action is EditAction.DELETE
    for one in scene.run_list.runs:
        shown = {"label": one.label, "tags": set(one.tags), "is_deleted": one.is_deleted}
        if one.id in says and shown != says[one.id]:
            yield f"{one.id[:8]} is shown as {shown}, its edits say {says[one.id]}"


def raw(scene: Scene) -> Iterator[str]:
    """Programs that read Parquet see the same trials: ``runs/``, and parts no segment covers."""
    pa, home = arrow(), scene.store.home
    covered: set[str] = set()
    rows: dict[str, int] = {}
    names = [SegmentName.from_text(f"runs/{Path(path).name}") for path in _parquet(home, "runs")]
    latest = {
        (one.batch_id, one.generation): one
        for one in sorted(filter(None, names), key=lambda one: one.revision)
    }
    paths = [str(home / str(one)) for one in latest.values()]
    for path in paths:
        file = pa.parquet.ParquetFile(path)
        covered |= set(json.loads(file.schema_arrow.metadata[b"tunesmith.parts"]))
        _add(rows, file)
    for path in _parquet(home, "parts/*"):
        if str(Path(path).relative_to(home)) not in covered:
            _add(rows, pa.parquet.ParquetFile(path))
    expected = {one.id: one.attempt for one in scene.reading.records}
    if rows != expected:
        odd = {key for key in rows.keys() | expected if rows.get(key) != expected.get(key)}
        yield f"{len(odd)} trials are others for raw readers: {sorted(odd)[:3]}"


def listed(scene: Scene) -> Iterator[str]:
    """The list shows every record as it is, and the index adds nothing to it or keeps it back."""
    shown = {run.id: run for run in scene.run_list.runs if not run.is_batch}
    for record in scene.reading.records:
        run = shown.get(record.id)
        if run is None or (run.attempt, run.status) != (record.attempt, record.status):
            yield f"trial {record.number} of {record.batch[:8]} is shown as {run}"
    index = scene.store.layout.index
    index.unlink(missing_ok=True)
    index.with_name(f"{index.name}-journal").unlink(missing_ok=True)
    anew = scene.store.list_runs()
    if repr(_plain(anew.runs)) != repr(_plain(scene.run_list.runs)):
        yield f"a new index shows {len(anew.runs)} runs, or others than the old one"


def derived(scene: Scene) -> Iterator[str]:
    """Statuses of what is not recorded: interrupted if it was started, else pending."""
    ledger = scene.ledger
    recorded = {one.id for one in scene.reading.records}
    shown = {run.id: run for run in scene.run_list.runs}
    for batch in ledger.batches:
        for one in scene.store.plan(batch):
            trial = trial_id(batch, one.number)
            run = shown.get(trial)
            if trial in recorded or ledger.is_doomed(batch, one.number):
                continue
            was_started = (batch, one.number) in ledger.started
            allowed = {(TrialStatus.TERMINATED, INTERRUPTED)}
            if not was_started or scene.has_lost_power:
                allowed.add((TrialStatus.PENDING, ""))
            if run is None or (run.status, run.reason) not in allowed:
                yield f"trial {one.number} of {batch[:8]} is shown as {run and run.status}"
        yield from _batch_status(scene, batch, shown.get(batch))


def _batch_status(scene: Scene, batch: str, run: Run | None) -> Iterator[str]:
    spec = scene.store.batch(batch)
    end = read_ends(scene.store.objects, batch)[-1]
    trials = [one.status for one in scene.run_list.runs if one.batch == batch and one.number]
    n_ended = sum(status.is_finished for status in trials)
    failures = (TrialStatus.ERROR, TrialStatus.TERMINATED)
    has_failed = any(status in failures for status in trials)
    if end is not None or n_ended >= (spec.n_trials or 0) > 0:
        expected = TrialStatus.ERROR if has_failed else TrialStatus.COMPLETED
    else:
        expected = TrialStatus.TERMINATED if trials else TrialStatus.PENDING
    if run is None or run.status is not expected:
        yield f"batch {batch[:8]} is shown as {run and run.status}, not as {expected}"


def compacted(scene: Scene) -> Iterator[str]:
    """After a recovery ``runs/`` alone has every trial once, and the parts are gone."""
    pa, home = arrow(), scene.store.home
    ids: list[str] = []
    for path in _parquet(home, "runs"):
        ids += pa.parquet.ParquetFile(path).read(["id"], use_threads=False).column(0).to_pylist()
    yield from (f"{one} is {n} times in runs/" for one, n in _repeated(ids))
    expected = {one.id for one in scene.reading.records}
    if set(ids) != expected:
        yield f"runs/ has {len(set(ids))} trials of {len(expected)}"
    yield from (f"{path} is left" for path in _parquet(home, "parts/*"))


def clean(scene: Scene) -> Iterator[str]:
    """No litter among the truth, and each series belongs to a segment."""
    home = scene.store.home
    for folder in TRUTH:
        for path in (home / folder).rglob("*"):
            is_draft = path.name.startswith(".") and scene.has_drafts
            if path.is_file() and not is_draft and not _is_known(folder, path):
                yield f"{path.relative_to(home)} is litter"
    runs = {path.name for path in (home / "runs").glob("*.parquet")}
    series = {path.name for path in (home / "series").glob("*.parquet")}
    if runs != series:
        yield f"segments and series differ: {sorted(runs ^ series)}"
    if any((home / "quarantine").iterdir()):
        yield "something was moved to quarantine"


ALWAYS: tuple[Invariant, ...] = (
    readable,
    kept,
    known,
    once,
    exact,
    planned,
    specified,
    edited,
    raw,
    listed,
    derived,
)
RECOVERED: tuple[Invariant, ...] = (compacted, clean)


def _is_known(folder: str, path: Path) -> bool:
    name = f"{folder}/{path.name}"
    if folder == "parts":
        return PartName.from_text(f"parts/{path.parent.name}/{path.name}") is not None
    if folder in ("runs", "series"):
        return SegmentName.from_text(name) is not None
    return not path.name.startswith(".") and path.suffix == ".json"


def _is_same(record: TrialRecord, expected: TrialRecord) -> bool:
    """Return whether two records are equal where NaN equals NaN and 1 does not equal True."""
    return repr(dataclasses.astuple(record)) == repr(dataclasses.astuple(expected))


def _plain(runs: list[Run]) -> list[Run]:
    """Return runs whose lazily decoded fields are decoded."""
    return [
        dataclasses.replace(run, flags=dict(run.flags), scalars=dict(run.scalars)) for run in runs
    ]


def _repeated(ids: list[str]) -> list[tuple[str, int]]:
    return [(one, n) for one, n in Counter(ids).items() if n > 1]


def _parquet(home: Path, folder: str) -> list[str]:
    return glob.glob(f"{home}/{folder}/*.parquet")


def _add(rows: dict[str, int], file: Any) -> None:
    table = file.read(["id", "attempt"], use_threads=False)
    for one, attempt in zip(*(column.to_pylist() for column in table.columns), strict=True):
        rows[one] = max(attempt, rows.get(one, 0))


def _tree(store: Store) -> set[str]:
    """Return what lies in the truth, with sizes; the index and working directories are derived."""
    return {
        f"{path.relative_to(store.home)} {path.stat().st_size}"
        for folder in TRUTH
        for path in (store.home / folder).rglob("*")
    }
