"""The report's files beside a batch's trials."""

from pathlib import Path

from tunesmith.report.facts import BatchFacts
from tunesmith.report.markdown import render_markdown
from tunesmith.report.page import render_page
from tunesmith.storage.store import Store


def write_report(store: Store, facts: BatchFacts) -> Path:
    """Write ``report.html`` and ``report.md`` of a batch, and return the page's path."""
    page = store.layout.report(facts.spec.id)
    for path, text in (
        (page, render_page(facts)),
        (page.with_suffix(".md"), render_markdown(facts)),
    ):
        draft = path.with_name(f"{path.name}.new")
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")
        draft.replace(path)
    return page
