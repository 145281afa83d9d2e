"""A new batch: the script, the batch files and the source are read here, for its specification."""

import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.executor.links import missing_links, place_links
from tunesmith.flags.batch_files import read_rows
from tunesmith.flags.values import FlagValue
from tunesmith.program import ProgramKind
from tunesmith.request.addressing import check_addresses, written_secrets
from tunesmith.request.config_values import without_replaced
from tunesmith.request.environment import environment_of
from tunesmith.request.found_data import keep_data, with_data
from tunesmith.request.specification import Origin, Script, specify
from tunesmith.request.subcommands import check_chosen, with_positionals
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.storage.store import Store

_SEED_BYTES = 4


def new(request: SweepRequest, script: Script, home: Path) -> BatchSpec:
    """Return what is to be run; nothing is written, and the source is not yet known.

    Args:
        request: What was asked for.
        script: As ``read_script`` returned it.
        home: The folder of the store, whose runs the batch may learn from.

    Raises:
        TunesmithError: An option, a flag or a file does not fit.
    """
    request = with_positionals(request, script)
    check_chosen(request, script)
    rows = _read_files(request, script)
    seed = int.from_bytes(os.urandom(_SEED_BYTES))
    origin = Origin(id=uuid.uuid4().hex, now=time.time(), seed=seed)
    spec = without_replaced(specify(request, script, rows, origin))
    check_addresses(spec)
    if request.learn_from:
        from tunesmith.request.learning import with_learnt  # reads the store

        spec = with_learnt(spec, request, home)
    _check_links(script, spec.execution.links)
    return spec


def with_source(spec: BatchSpec, store: Store, *, tell: Callable[[str], None]) -> BatchSpec:
    """Return the specification with the digest of the source, which the store has by then.

    What the result depends on beside it, the commit and the versions, is named too.

    Args:
        spec: What is about to run.
        store: Where it is kept.
        tell: Is told of a copy that takes a while, and what was left out of the source that the
            script may miss, a line each.
    """
    project = Path(spec.project)
    links = (*spec.execution.links, *written_secrets(spec))
    file = project / spec.script
    is_named = spec.program.kind is not ProgramKind.COMMAND or file.is_file()
    taken = store.source.take(project, file if is_named else None, links=links, tell=tell)
    for note in taken.notes:
        tell(note)
    spec = replace(spec, source_digest=taken.digest, environment=environment_of(spec))
    spec = with_data(spec, store.home, source=taken.files)
    keep_data(spec, store, source=taken.files)
    return spec


def _read_files(request: SweepRequest, script: Script) -> tuple[dict[str, FlagValue], ...]:
    files, folder = request.files or (), request.folder or Path()
    rows: list[dict[str, FlagValue]] = []
    for file in files:
        try:
            text = (folder / file).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SpecificationError(
                f"the batch file {file!r} cannot be read: {reason}"
            ) from error
        is_forced = bool(request.force_flags)
        rows += read_rows(text, name=file, script_flags=script.flags, is_forced=is_forced)
    if files and not rows:
        raise SpecificationError(
            f"no rows in {', '.join(files)}: a batch file has one for each trial"
        )
    return tuple(rows)


def _check_links(script: Script, links: Sequence[str]) -> None:
    """Check, before anything runs, that links lead somewhere and have a place in a run."""
    place_links(script.project, script.path, links)
    if missing := next(missing_links(script.project, links), None):
        raise SpecificationError(
            f"--link {missing}: there is nothing of that name; a relative path begins at "
            f"{script.project}"
        )
