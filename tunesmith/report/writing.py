"""The files of the report, written beside the trials of a batch."""

from pathlib import Path

from tunesmith.atomic_file import remove_old_drafts, write_atomically
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.csv_text import table_to_csv
from tunesmith.query.table import build_table
from tunesmith.report.facts import BatchFacts
from tunesmith.report.markdown import render_markdown
from tunesmith.report.page import render_page
from tunesmith.storage.store import Store


def write_csv(store: Store, facts: BatchFacts) -> Path:
    """Write ``trials.csv`` of a batch, with a row for each trial by number; return its path."""
    path = store.layout.batch_directory(facts.spec.id) / "trials.csv"
    path.parent.mkdir(parents=True, exist_ok=True)  # of a batch that was stopped before a trial
    trials = [run for run in facts.trials if run.is_trial]
    text = table_to_csv(build_table(ListedRuns(trials)))
    write_atomically(path, text.encode(errors="backslashreplace"))
    return path


def write_report(store: Store, facts: BatchFacts) -> Path:
    """Write ``report.html`` and ``report.md`` of a batch, and return the page's path."""
    page = store.layout.report(facts.spec.id)
    page.parent.mkdir(parents=True, exist_ok=True)  # of a batch that was stopped before a trial
    for path, text in (
        (page, render_page(facts)),
        (page.with_suffix(".md"), render_markdown(facts)),
    ):
        write_atomically(path, text.encode(errors="backslashreplace"))
    remove_old_drafts(page.parent)
    return page
