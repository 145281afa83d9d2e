"""What the view does to runs in the store: label, tag, delete and stop them."""

from collections.abc import Sequence
from enum import StrEnum

from tunesmith.cli.looking.comparing import LiveChoice
from tunesmith.cli.options.chosen_runs import trials_of
from tunesmith.cli.options.edits import check_tags, refuse_running, write_edit, write_tags
from tunesmith.errors import NotFoundError, TunesmithError
from tunesmith.flags.display import shortened
from tunesmith.query.cells import count
from tunesmith.storage.records.edits import EditAction
from tunesmith.trial import Run


class Change(StrEnum):
    """What is done to runs."""

    LABEL = "label"
    TAG = "tag"
    DELETE = "delete"
    STOP = "stop"


def change_runs(live: LiveChoice, change: Change, runs: Sequence[Run], text: str = "") -> str:
    """Change runs, and return what was done.

    Args:
        live: The runs of the view.
        change: What to do.
        runs: The runs, at least one.
        text: The label, empty for none; or tags, those to be removed with a minus in front.

    Raises:
        TunesmithError: It cannot be done, and nothing was.
    """
    n = count(len(runs), "run")
    if change is Change.LABEL:
        write_edit(live.store, EditAction.LABEL, runs, text)
        return f"Labelled {n} {shortened(text)!r}" if text else f"Removed the label of {n}"
    if change is Change.TAG:
        words = text.replace(",", " ").split()
        remove = [word[1:] for word in words if word.startswith("-")]
        add = [word for word in words if not word.startswith("-")]
        check_tags(add, remove)
        write_tags(live.store, runs, add=add, remove=remove)
        return f"Changed the tags of {n}"
    return _delete(live, runs) if change is Change.DELETE else _stop(live, runs)


def _delete(live: LiveChoice, runs: Sequence[Run]) -> str:
    trials = trials_of(live.read_every(), [run for run in runs if run.is_batch])
    whole = {one.id: one for run in runs for one in (run, *trials.get(run.id, ()))}
    refuse_running([*whole.values()], "delete")
    write_edit(live.store, EditAction.DELETE, [*whole.values()])
    return f"Deleted {count(len(whole), 'run')}: undo it with tunesmith runs restore"


def _stop(live: LiveChoice, runs: Sequence[Run]) -> str:
    # signals need modules that the view would otherwise load at its start
    from tunesmith.cli.options.ending import end_run, runs_now

    alive = [run for run in runs if runs_now(live.store, run)]
    if not alive:
        raise NotFoundError("none of these runs is running")
    problems = [problem for run in alive if (problem := end_run(live.store, run))]
    if problems:
        raise TunesmithError("; ".join(problems))
    return f"Stopping {count(len(alive), 'run')}"
