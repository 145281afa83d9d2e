"""``tunesmith report``: what came of a batch, as a page and as Markdown."""

import webbrowser
from pathlib import Path

import click

from tunesmith.cli import console
from tunesmith.cli.looking.comparing import chosen_batch
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.errors import TunesmithError, UsageError
from tunesmith.output_file import write_output_file
from tunesmith.report.facts import BatchFacts, gather
from tunesmith.report.markdown import render_markdown
from tunesmith.report.page import render_page
from tunesmith.report.writing import write_csv, write_report
from tunesmith.storage.store import Store
from tunesmith.tensorboard.log_directory import write_batch_summaries


@click.command()
@selecting_options
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Where to: .html or .md, or - for Markdown on stdout  [default: the batch's folder]",
)
@click.option("--open", "is_opened", is_flag=True, help="Open the page in the browser.")
def report(*, choice: Choice, output: str | None, is_opened: bool) -> int:
    """Write the report of a batch, the latest unless one is named: one page, no network needed.

    Without -o, trials.csv and TensorBoard's files beside it are written again as well.
    """
    if output is not None and output != "-" and Path(output).suffix not in (".html", ".md"):
        raise UsageError(f"{output} ends in neither .html nor .md: name a file that does")
    if is_opened and output is not None and not output.endswith(".html"):
        raise UsageError(
            "only a page can be opened in the browser: name a file that ends in .html"
        )
    store = open_store(choice.home)
    every = read_runs(store)
    facts = gather(store, chosen_batch(every, choice).id, every)
    if output == "-":
        console.answer(render_markdown(facts).removesuffix("\n"))
        return 0
    if output is None:
        try:
            path = write_report(store, facts)
            _write_beside(store, facts)
        except OSError as error:
            raise TunesmithError(
                f"the report cannot be written: {error.strerror or error}; name another place "
                "with -o FILE"
            ) from error
    else:
        path = Path(output)
        write_output_file(path, _render(facts, path))
    console.answer(str(path))
    console.say(f"Wrote {path.name} ({path.stat().st_size / 1000:.0f} KB)")
    if is_opened:
        webbrowser.open(path.resolve().as_uri())
    return 0


def _write_beside(store: Store, facts: BatchFacts) -> None:
    """Write what else is derived from a batch, as its end does."""
    write_csv(store, facts)
    trials = [run for run in facts.trials if run.is_trial]
    for note in write_batch_summaries(store, facts.spec.id, trials).notes:
        console.say(f"note: {note}")


def _render(facts: BatchFacts, path: Path) -> str:
    return render_markdown(facts) if path.suffix == ".md" else render_page(facts)
