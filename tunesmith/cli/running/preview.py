"""The preview: what a command is about to do, which the user is asked to confirm."""

from collections.abc import Iterator, Sequence

from tunesmith.batch import BatchSpec
from tunesmith.batch_conditions import conditions_text
from tunesmith.flags.activity import conditions_of
from tunesmith.flags.display import format_point, preview_lines, shortened
from tunesmith.flags.settings import Choices
from tunesmith.flags.values import Flags
from tunesmith.pruning import PruningSpec
from tunesmith.query.cells import count, one_line
from tunesmith.query.learnt import learning_lines
from tunesmith.repeats import describe_repeats
from tunesmith.request.addressing import address_lines
from tunesmith.request.execution import changed_options
from tunesmith.request.first_points import is_outside
from tunesmith.request.specification import doubts
from tunesmith.search.dimension import distinct_values
from tunesmith.search.first import is_at, searched_names
from tunesmith.search.registry import display_name
from tunesmith.search.space import SearchSpace
from tunesmith.stopping import describe_stopping
from tunesmith.trial import short_id

MAX_POINTS = 5
"""Points that are tried first and listed; of more, the number of the others."""


_OUTSIDE = "outside of what is searched, so no model learns from it"


def preview(spec: BatchSpec, *, n_trials: int, earlier: BatchSpec | None = None) -> str:
    """Return the preview: what runs, then the flags, then what is unusual.

    Args:
        spec: The specification of what is about to run.
        n_trials: How many trials this command will run.
        earlier: The specification before this restart; None for a new batch.
    """
    lines = [_headline(spec, n_trials)]
    lines += [f"  {line}" for line in preview_lines(spec.searched_settings)]
    if spec.repeats is not None:
        lines.append(f"  runs {describe_repeats(spec.repeats)}")
    if spec.optimizer is not None and spec.optimizer.reason:
        lines.append(f"  auto: {display_name(spec.optimizer.name)}, {spec.optimizer.reason}")
    if spec.rows:
        lines.append(f"  {count(len(spec.rows), 'row')} of a batch file")
    lines += first_lines(spec, () if earlier is None else earlier.first)
    lines += [f"  {line}" for line in learning_lines(spec)] if earlier is None else []
    if spec.where:
        lines.append(f"  where {_where(spec)}")
    if spec.subject_to:
        lines.append(f"  subject to {conditions_text(spec.subject_to)}")
    lines += [] if earlier is None else changes(earlier, spec)
    lines += [f"  {line}" for line in [*address_lines(spec), *doubts(spec)]] + _unusual(spec)
    return "\n".join(map(one_line, lines))  # a value of an imported batch must not add a line


def _headline(spec: BatchSpec, n_trials: int) -> str:
    if spec.optimizer is None:
        return f"You are about to run {spec.operation}"
    if spec.generation:
        start = f"You are about to start {short_id(spec.id)} ({spec.operation})"
        return f"{start} {_manner(spec, n_trials, objective='')}"
    manner = _manner(spec, n_trials, objective=f", {_objectives(spec)}")
    return f"You are about to run {spec.operation} {manner}"


def _manner(spec: BatchSpec, n_trials: int, objective: str) -> str:
    name = spec.optimizer.name if spec.optimizer else ""
    if name == "grid":
        return f"as a batch ({count(n_trials, 'trial')})"
    limit = f"(max {count(n_trials, 'trial')}{objective})"
    if name == "random":
        return f"with random search {limit}"
    return f"with {display_name(name)!r} optimizer {limit}"


def first_lines(spec: BatchSpec, tried: Sequence[Flags]) -> Iterator[str]:
    """Yield a line for each point that is tried first.

    Args:
        spec: The specification.
        tried: The points that the batch had before.
    """
    points = spec.first[len(tried) :]
    if not points:
        return
    varied = searched_names(SearchSpace.of(spec))
    for point in points[:MAX_POINTS]:
        open_names = [name for name in varied if name not in point]
        defaults = spec.script_flags.defaults
        own = [name for name, value in point.items() if is_at({name: value}, defaults)]
        outside = [n for n, value in point.items() if is_outside({n: value}, spec.settings)]
        notes = [
            f"{', '.join(names)} {words}"
            for names, words in (
                (own, "as in the script"),
                (open_names, "as the search proposes"),
                ([] if spec.rows else outside, _OUTSIDE),
            )
            if names
        ]
        more = f" ({'; '.join(notes)})" if notes else ""
        yield f"  first: {format_point(point)}{more}"
    if len(points) > MAX_POINTS:
        yield f"  first: {len(points) - MAX_POINTS} more"


def changes(earlier: BatchSpec, spec: BatchSpec) -> list[str]:
    """Return what a restart adds or changes."""
    before, after = earlier.n_trials or 0, spec.n_trials or 0
    lines = [f"  trials: {before} + {after - before} = {after}"] if after > before else []
    if spec.objectives != earlier.objectives:
        lines.append(
            f"  {_objectives(spec)} (was {_objectives(earlier)}); finished trials are read again"
        )
    for name, values in changed_options(earlier.execution, spec.execution).items():
        was, now = map(_told, values)
        lines.append(f"  --{name.replace('_', '-')} {now} (was {was})")
    return lines


def _where(spec: BatchSpec) -> str:
    """Return the conditions on the flags, and how many points meet them."""
    from tunesmith.search.allowed import describe_allowed  # NumPy takes a while to import

    return f"{conditions_text(spec.where)} ({describe_allowed(SearchSpace.of(spec))})"


def _objectives(spec: BatchSpec) -> str:
    return ", ".join(map(str, spec.objectives))


def _left_out(spec: BatchSpec) -> Iterator[str]:
    """Yield what was typed more than once, and runs once."""
    if spec.optimizer is None or spec.optimizer.name != "grid":
        return
    space = SearchSpace.of(spec)
    if (n_rows := len(spec.rows) - len(space.rows)) > 0:
        yield f"{count(n_rows, 'duplicate row')} left out"
    for name, setting in sorted(spec.settings.items()):
        if isinstance(setting, Choices):
            n_values = len(setting.values) // setting.n_repeats
            if n := n_values - len(distinct_values(setting.values)):
                yield f"{count(n, 'duplicate')} of {name} left out; [1,2]*2 runs each value twice"


def _never_active(spec: BatchSpec) -> Iterator[str]:
    """Yield which flags no trial gets, since flags of one value decide it."""
    conditions = conditions_of(spec.settings)
    if not conditions:
        return
    names = set(SearchSpace.of(spec).names)
    for name, condition in conditions.items():
        if name not in names:
            yield f"{name} is left to the script: {condition.text} never holds"


def _pruning(pruning: PruningSpec) -> str:
    """Return how trials are stopped early."""
    column = "" if pruning.column is None else f", judged on {pruning.column}"
    after = f", not before point {pruning.min_points}" if pruning.min_points else ""
    return f"trials that will not win are stopped early ({pruning.rule}{column}{after})"


def _data(spec: BatchSpec) -> Iterator[str]:
    """Yield which data trials see, and where what they write to it lands."""
    execution = spec.execution
    if spec.data:
        yield f"data: {shortened(', '.join(spec.data))}, of which each trial has its own"
    if execution.links:
        names = shortened(", ".join(execution.links))
        yield f"linked: {names}; what trials write there lands in the original"
    if execution.is_in_place:
        yield "in the project's folder: what trials write lands there"


def _told(value: object) -> str:
    """Return the value of an option as it is typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        value = ",".join(value)
    if isinstance(value, float):
        return f"{value:g}s"
    return "none" if value in (None, "") else str(value)


def _unusual(spec: BatchSpec) -> list[str]:
    """Return lines about what a user might not expect."""
    execution, lines = spec.execution, []
    if execution.gpus:
        lines.append(f"  {execution.jobs} at a time on GPU {shortened(', '.join(execution.gpus))}")
    elif execution.runner.is_remote:
        at_once = f", {execution.jobs} at a time" if execution.jobs else ""
        lines.append(f"  on the workers of {execution.runner}{at_once}")
    elif execution.jobs > 1:
        lines.append(f"  {execution.jobs} at a time")
    if spec.stopping is not None:
        lines.append(f"  stops {describe_stopping(spec.stopping)}")
    if spec.pruning is not None:
        lines.append(f"  {_pruning(spec.pruning)}")
    lines += [f"  {line}" for line in (*_never_active(spec), *_left_out(spec), *_data(spec))]
    if spec.is_needed_only:
        lines.append("  trials that completed before are skipped")
    if spec.extra_arguments:
        lines.append(f"  arguments: {' '.join(map(shortened, spec.extra_arguments))}")
    return lines
