"""One attempt of one trial: prepare its directory, run the script, record the result."""

import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tunesmith.errors import StoreAccessError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.child_process import ChildOutcome, not_run, run_child
from tunesmith.executor.child_request import ChildRequest
from tunesmith.executor.child_starter import Starter, start_fresh
from tunesmith.executor.environment import RUN_VARIABLE, run_environment
from tunesmith.executor.failure_hints import N_READ, find_hint
from tunesmith.executor.links import Placing, place_links
from tunesmith.executor.missing_data import take_missing
from tunesmith.executor.output_log import tail_lines
from tunesmith.executor.program_start import (
    CONFIG_PLACE,
    ProgramStart,
    start_of,
    typed_command,
)
from tunesmith.executor.reported import Reports, merged, read_written, reader_of
from tunesmith.executor.script_copy import hide_again, prepare, save_room
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.trial_watch import TrialWatch
from tunesmith.executor.warm_starts import WarmStarts
from tunesmith.flags.secret_values import is_masked, reveal
from tunesmith.output.scalars import summarize
from tunesmith.scalar import ScalarSeries
from tunesmith.script import arguments
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, trial_id


def publish_attempt(context: BatchContext, planned: PlannedTrial) -> TrialRecord:
    """Run one attempt of a trial and return its record, which the store has by then.

    Raises:
        StoreAccessError: The store cannot be written.
        ScriptError: The interpreter or the script is missing.
    """
    record, series = run_attempt(context, planned)
    context.store.publish(record, series)
    return record


def run_attempt(
    context: BatchContext, planned: PlannedTrial
) -> tuple[TrialRecord, list[ScalarSeries]]:
    """Run the script once with a trial's flags, and return what is to be recorded.

    What is wrong with the trial's own directory is that trial's failure, and raises nothing.

    Args:
        context: The batch that it belongs to.
        planned: The trial's number and flags.

    Raises:
        ScriptError: The interpreter or the script is missing.
        NotFoundError: The store has lost the source.
    """
    start, outcome, attempt = _run_once(context, planned, context.warm)
    is_pruned = attempt[0].status is TrialStatus.PRUNED
    if context.warm is not None and not is_pruned and context.warm.is_to_repeat(start, outcome):
        _, repeated, attempt = _run_once(context, planned, None)
        context.warm.compare(planned.number, outcome, repeated)
    if missing := take_missing(context, attempt[0]):
        context.observer.note(
            f"trial {planned.number} runs again with {missing}, which it lacked: later trials get "
            "it, too"
        )
        _, _, attempt = _run_once(context, planned, None)
    return attempt


def _run_once(
    context: BatchContext, planned: PlannedTrial, warm: WarmStarts | None
) -> tuple[Starter, ChildOutcome, tuple[TrialRecord, list[ScalarSeries]]]:
    """Run the script once; return how it was started, how it ended, and its record."""
    spec, started = context.spec, time.time()
    attempt = _next_attempt(context, planned.number)
    context.observer.trial_started(planned, trial_id(spec.id, planned.number))
    placing = place_links(Path(spec.project), spec.script, spec.execution.links, context.data)
    scalars, stop, watch = reader_of(spec), context.stop, None
    if context.pruning is not None:
        stop = context.stop.branch()
        watch = context.pruning.watch(planned, stop)
    directory = context.store.layout.trial_directory(spec.id, trial_id(spec.id, planned.number))
    start, written = start_fresh, list[ScalarSeries]()
    try:
        context.store.start_trial(spec.id, planned.number, attempt=attempt, started=started)
        start, outcome = _run_script(
            context,
            planned,
            placing,
            warm=warm,
            stop=stop,
            reports=Reports(context, planned.number, scalars, watch),
        )
        save_room(context, placing, directory, is_complete=outcome.exit_code == 0)
        folder = directory.joinpath(*placing.folder)
        written, outcome = read_written(context, planned.number, folder, outcome)
    except StoreAccessError as error:  # where all of the store fails, so does publishing
        outcome = not_run(str(error), started)
    series = merged(scalars.series(), written, judged=watch.tag if watch else "")
    record = replace(_record(context, planned, outcome, series), attempt=attempt, started=started)
    record = _as_decided(record, watch)
    record = _with_hint(context, record, directory.joinpath(*placing.folder))
    return start, outcome, (record, series)


def _run_script(
    context: BatchContext,
    planned: PlannedTrial,
    placing: Placing,
    *,
    warm: WarmStarts | None,
    stop: StopToken,
    reports: Reports,
) -> tuple[Starter, ChildOutcome]:
    """Run the script in the directory that was made for it; return how it was started and ended.

    Raises:
        StoreAccessError: The directory cannot be filled, or the output cannot be stored.
    """
    spec = context.spec
    root = context.store.layout.trial_directory(spec.id, trial_id(spec.id, planned.number))
    script = prepare(context, planned, root, placing)
    program = start_of(
        spec, script, reveal(planned.flags, spec.secrets), config=root / CONFIG_PLACE
    )
    directory = root.joinpath(*placing.folder)
    asked = time.monotonic()
    with context.slots.taken() as gpu:
        if gpu:
            context.idle.add_waiting(time.monotonic() - asked)
        request = _request(context, planned, directory, program=program, gpu=gpu)
        start, request = (start_fresh, request) if warm is None else warm.choose(request)
        try:
            outcome = run_child(
                request,
                start=start,
                stop=stop,
                on_line=reports.take_line,
                on_state=reports.take_state,
                echo=context.echo,
                reaper=context.reaper,
            )
        finally:
            hide_again(context, planned, root, placing)
    return start, outcome


def _next_attempt(context: BatchContext, number: int) -> int:
    """Return the number of a trial's next attempt, larger than that of any row of the trial.

    An import without files, a loss of power, or a script that removes its folder leaves a row
    without a note of its start. Only trials that run again have a row, so that only they read the
    records.
    """
    earlier = context.store.start(context.spec.id, number)
    attempts = [earlier.attempt] if earlier else []
    if number in context.spec.rerun:
        records = context.store.records(context.spec.id).records
        attempts += [record.attempt for record in records if record.number == number]
    attempts.append(context.trials.attempts.get(number, 0))
    context.trials.attempts[number] = max(attempts) + 1
    return context.trials.attempts[number]


def _request(
    context: BatchContext,
    planned: PlannedTrial,
    directory: Path,
    *,
    program: ProgramStart,
    gpu: Mapping[str, str],
) -> ChildRequest:
    """Return the request for the trial's child: the program and its arguments."""
    spec, execution = context.spec, context.spec.execution
    run_id = trial_id(spec.id, planned.number)
    shown = {name: value for name, value in planned.flags.items() if not is_masked(name, value)}
    return ChildRequest(
        argv=program.argv,
        directory=Path(spec.project) if execution.is_in_place else directory,
        environment=run_environment(
            context.environment,
            {
                **arguments.build_environment(spec.script_flags, shown),
                **program.environment,
                **gpu,
            },
            directory=directory,
            batch_id=spec.id,
            number=planned.number,
        ),
        output=context.store.layout.output(spec.id, run_id),
        marker=f"{RUN_VARIABLE}={run_id}",
        timeout_s=execution.timeout_s,
        grace_s=execution.grace_s,
        has_terminal_input=spec.is_single,
        has_secrets=bool(context.spec.secrets),
    )


def _record(
    context: BatchContext,
    planned: PlannedTrial,
    outcome: ChildOutcome,
    series: Sequence[ScalarSeries],
) -> TrialRecord:
    spec = context.spec
    scalars = summarize(series)
    record = TrialRecord(
        id=trial_id(spec.id, planned.number),
        batch=spec.id,
        number=planned.number,
        attempt=1,
        operation=spec.operation,
        script=spec.script,
        status=_status(outcome),
        exit_code=outcome.exit_code,
        signal=outcome.signal,
        reason=outcome.reason,
        started=outcome.started,
        stopped=outcome.stopped,
        seconds=outcome.seconds,
        cpu_seconds=outcome.cpu_seconds,
        max_rss_bytes=outcome.max_rss_bytes,
        label=spec.label,
        tags=spec.tags,
        source_digest=spec.source_digest,
        host=socket.gethostname(),
        command=typed_command(spec, planned.flags),
        origin=planned.origin,
        flags=planned.flags,
        scalars=scalars,
        units={one.tag: one.unit for one in series if one.unit and one.tag in scalars},
        prediction=planned.prediction,
    )
    return replace(record, objective=spec.objective.read(record))


def _status(outcome: ChildOutcome) -> TrialStatus:
    """Return the trial's status: it is terminated if we or a signal ended it."""
    if outcome.exit_code is None and outcome.signal is None:  # it could not be run
        return TrialStatus.ERROR
    if outcome.reason or outcome.signal is not None:
        return TrialStatus.TERMINATED
    return TrialStatus.COMPLETED if outcome.exit_code == 0 else TrialStatus.ERROR


def _as_decided(record: TrialRecord, watch: TrialWatch | None) -> TrialRecord:
    """Return the record of a trial as a pruned one if that is why it was ended.

    One that had printed all of its points and ended well has completed: the signal came too late.
    """
    if watch is None or watch.decision is None:
        return record
    decision, reported = watch.decision, record.scalars.get(watch.tag)
    if not record.reason.startswith(decision.reason):
        return record
    if record.exit_code == 0 and reported and 0 < decision.horizon <= reported.count:
        return replace(record, status=TrialStatus.COMPLETED, reason="")
    return replace(record, status=TrialStatus.PRUNED, pruned=decision.pruned)


def _with_hint(context: BatchContext, record: TrialRecord, directory: Path) -> TrialRecord:
    """Add the reason of a failure if the output names a file that only the project has."""
    if record.status is not TrialStatus.ERROR or record.reason:
        return record
    layout, spec = context.store.layout, context.spec
    hint = find_hint(
        tail_lines(layout.output(record.batch, record.id), N_READ),
        project=Path(spec.project),
        directory=directory,
        folder=Path(spec.script).parent,
    )
    return record if hint is None else replace(record, reason=hint)
