"""Running a batch from the command line: the flow, the progress, the summary."""

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.looking.advice import Advice, advise
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.cli.running.progress import progress_shown
from tunesmith.cli.running.starting_server import StartingServer, import_flow
from tunesmith.cli.running.summary import summarize, summary_to_json
from tunesmith.engine.letting_go import let_go
from tunesmith.errors import StoreError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.interrupts import Interrupts, received
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.executor.stop_token import StopToken
from tunesmith.query.expectations import Expectation, expectation
from tunesmith.query.pruning_figures import PruningFigures, pruning_figures
from tunesmith.search.recommendation import is_recommending
from tunesmith.storage.store import Store
from tunesmith.trial import short_id


def sweep(
    spec: BatchSpec,
    options: RunOptions,
    *,
    server: StartingServer,
    n_total: int,
    store: Store,
) -> int:
    """Run a batch as a flow and show its progress; return the exit code.

    Args:
        spec: The specification of the batch.
        options: The options of the command, which say what to print.
        server: The Prefect server.
        n_total: How many trials this command runs.
        store: The store of the batch.
    """
    interrupts = Interrupts(
        stop := StopToken(), grace_s=spec.execution.grace_s, announce=console.say_in_handler
    )
    is_quiet = options.quiet or options.json
    api_url = server.wait()  # Ctrl-C ends the command here, as long as nothing runs
    with received(interrupts):
        earlier = store.records(spec.id).records if spec.generation else []
        with progress_shown(
            spec, store.layout, n_total=n_total, is_quiet=is_quiet, earlier=earlier
        ) as observer:
            flow = import_flow(api_url, server.directory)
            context = BatchContext(
                spec=spec,
                store=store,
                stop=stop,
                observer=observer,
                environment=dict(server.environment),
                interrupts=interrupts,
            )
            outcome = flow.run_batch(context)
        _tell(spec, outcome, options, store)
        code = interrupts.exit_code or (1 if outcome.has_failures or outcome.is_failed else 0)
        let_go(code)
        if outcome.is_server_lost:
            console.leave_at_once(code)
        flow.drain_batch(context, outcome)
    return interrupts.exit_code or code


def _tell(spec: BatchSpec, outcome: BatchOutcome, options: RunOptions, store: Store) -> None:
    """Print the outcome of a batch."""
    if options.quiet and not options.json:
        console.answer(spec.id)
    else:
        to_text = summary_to_json if options.json else summarize
        console.answer(to_text(spec, outcome, *_findings(spec, store)))
    if (options.quiet or options.json) and outcome.end in ("failures", "no-objective"):
        console.say(f"error: batch {short_id(spec.id)} ended early: {outcome.reason}")
    if outcome.is_server_lost:
        console.warn(
            "the Prefect server was lost meanwhile: its pages do not show the end of this batch, "
            "but every trial is in the store"
        )


def _findings(
    spec: BatchSpec, store: Store
) -> tuple[Advice | None, PruningFigures | None, Expectation | None]:
    """Return the recommended trial of a finished batch, what pruning did, and what is expected.

    None for what there is not; and for all if the store is unreadable.
    """
    if not is_recommending(spec) and spec.pruning is None and spec.repeats is None:
        return None, None, None
    try:
        records = store.records(spec.id).records
    except StoreError as error:
        console.warn(str(error))
        return None, None, None
    return advise(spec, records), pruning_figures(spec, records), expectation(spec, records)
