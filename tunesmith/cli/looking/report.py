"""``tunesmith report``: the results of a batch as an HTML page and as Markdown."""

from pathlib import Path

import click

from tunesmith.cli import console
from tunesmith.cli.desktop import show_in_browser
from tunesmith.cli.looking.comparing import chosen_batch
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import TunesmithError, UsageError
from tunesmith.output_file import write_output_file
from tunesmith.report.facts import BatchFacts, gather
from tunesmith.report.markdown import render_markdown
from tunesmith.report.page import render_page
from tunesmith.report.writing import write_csv, write_report
from tunesmith.storage.store import Store
from tunesmith.tensorboard.log_directory import write_batch_summaries


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the path, or Markdown,")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the report to FILE, .html or .md; - for Markdown on stdout.  "
    "[default: report.html and report.md in the batch's folder]",
)
@click.option("--open", "is_opened", is_flag=True, help="Open the HTML page in the browser.")
def report(*, choice: Choice, output: str | None, is_opened: bool) -> int:
    """Write the report of a batch; of the latest batch unless one is named.

    The HTML page is self-contained and needs no network. Without -o, trials.csv and the
    TensorBoard files in the batch's folder are written again as well.
    """
    if output is not None and output != "-" and Path(output).suffix not in (".html", ".md"):
        raise UsageError(f"{output} is not a report: name a file that ends in .html or .md")
    if is_opened and output is not None and not output.endswith(".html"):
        raise UsageError(
            "only an HTML page can be opened in the browser: name a file that ends in .html"
        )
    store = open_store(choice.home)
    every = read_runs(store)
    facts = gather(store, chosen_batch(every, choice).id, every)
    if output == "-":
        text = render_markdown(facts).removesuffix("\n")
        console.answer(text, {"id": facts.spec.id, "markdown": text})
        return 0
    if output is None:
        try:
            path = write_report(store, facts)
            _write_beside(store, facts)
        except OSError as error:
            raise TunesmithError(
                f"the report cannot be written: {error.strerror or error}; name another file "
                "with -o FILE"
            ) from error
    else:
        path = Path(output)
        write_output_file(path, _render(facts, path))
    console.answer(str(path), {"id": facts.spec.id, "path": str(path)})
    console.say(f"Wrote {path.name} ({path.stat().st_size / 1000:.0f} KB)")
    if is_opened and not show_in_browser(path.resolve().as_uri()):
        console.say("there is no desktop to open it on: open the file in a browser")
    return 0


def _write_beside(store: Store, facts: BatchFacts) -> None:
    """Write the other derived files of a batch, as at its end."""
    write_csv(store, facts)
    trials = [run for run in facts.trials if run.is_trial]
    for note in write_batch_summaries(store, facts.spec.id, trials).notes:
        console.say(f"note: {note}")


def _render(facts: BatchFacts, path: Path) -> str:
    return render_markdown(facts) if path.suffix == ".md" else render_page(facts)
