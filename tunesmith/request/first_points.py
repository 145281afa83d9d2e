"""The points that ``--first`` names: read, and filled with what they leave open."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tunesmith.batch import BatchSpec
from tunesmith.errors import FlagError, SpecificationError
from tunesmith.flags.activity import active_flags
from tunesmith.flags.assignments import Assignment, ValueAssignment, assign, find_flag
from tunesmith.flags.definition import ScriptFlags
from tunesmith.flags.display import format_point
from tunesmith.flags.points import DEFAULTS, Point, split_point
from tunesmith.flags.secret_values import Secret
from tunesmith.flags.settings import Choices, Distribution, Setting, admits
from tunesmith.flags.values import Flags, FlagValue, point_key
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.script.arguments import check_arguments
from tunesmith.search.dimension import FixedDimension
from tunesmith.search.first import is_at, searched_names, with_fixed, with_values
from tunesmith.search.grid import n_left
from tunesmith.search.space import SearchSpace


def read_points(
    given: Sequence[Point], spec: BatchSpec, *, is_forced: bool = False
) -> tuple[Flags, ...]:
    """Return the points that were named, in their order.

    A flag that a point does not name gets the initial value of its range, else the script's
    default where that is searched; of a grid else the first value. What is left is proposed.

    Args:
        given: Text as ``lr=3e-4,depth=6``, the word ``defaults``, or values by flag.
        spec: The batch that searches.
        is_forced: Whether flags that the script does not have are passed as options; by default
            not.

    Raises:
        FlagError: A flag is unknown, or does not take its value.
        SpecificationError: Nothing is searched, or the defaults are not known.
    """
    space = SearchSpace.of(spec)
    names = searched_names(space)
    if spec.optimizer is None:
        raise SpecificationError(
            "--first needs a search or a grid: give a flag a range or a list, as in x=[0.0:1.0]"
        )
    points: list[Flags] = []
    for one in given:
        named = _read(one, spec, names, is_forced=is_forced)
        point = {**_filling(spec, space, named), **named}
        point = _without_inactive(point, space, named={} if one == DEFAULTS else named)
        _check_allowed(point, space)
        points.append(dict(sorted(point.items())))
    return tuple(points)


def _without_inactive(point: Flags, space: SearchSpace, *, named: Flags) -> dict[str, FlagValue]:
    """Return a point without the flags that are not active, as far as it decides that.

    Raises:
        SpecificationError: One of those that were named is not.
    """
    undecided = {*searched_names(space)} - point.keys()
    fixed = {one.name: one.value for one in space.dimensions if isinstance(one, FixedDimension)}
    active = active_flags({**fixed, **point}, space.conditions)
    left = dict(point)
    for name, condition in space.conditions.items():
        if condition.names & undecided:
            undecided.add(name)
        elif name in left and name not in active:
            if name in named:
                raise SpecificationError(
                    f"--first {format_point(point)}: {name} is passed only if {condition.text}; "
                    f"leave it out, or name {', '.join(sorted(condition.names))} with other values"
                )
            del left[name]
    return left


def _check_allowed(point: Flags, space: SearchSpace) -> None:
    """Check that a point, with whatever is proposed beside it, meets the conditions on flags.

    Raises:
        SpecificationError: It does not; the message names the condition.
    """
    if space.where is None:
        return
    from tunesmith.search.allowed import check_allowed  # NumPy takes a while

    if not point.keys() >= {*searched_names(space)}:
        try:
            check_allowed(with_fixed(space, point))
        except SpecificationError as error:
            raise SpecificationError(f"--first {format_point(point)}: {error}") from error
        return
    whole = {**space.from_units([0.5] * len(space.searched)), **point}
    if missed := next(space.where.missed(whole), None):
        raise SpecificationError(
            f"--first {format_point(point)} does not meet --where {missed!r}: name another point, "
            "or loosen the condition"
        )


def with_first(spec: BatchSpec, request: SweepRequest) -> BatchSpec:
    """Return a new batch that tries the points of a request first.

    A grid runs all of its own points beside those that it lacks; a search has as many trials as
    before.

    Args:
        spec: The batch without them.
        request: What was asked for.

    Raises:
        FlagError: As ``read_points`` does.
        SpecificationError: As ``read_points`` does, or fewer trials were asked for than points.
    """
    named = read_points(request.first or (), spec, is_forced=bool(request.force_flags))
    points = not_asked_yet(named, ())
    most = request.max_trials
    if most is not None and len(points) > most:
        raise SpecificationError(
            f"--first names {len(points)} trials, and --max-trials {most} runs fewer: give "
            f"--max-trials {len(points)} or more"
        )
    n_trials = max(spec.n_trials or 0, len(points))
    if is_grid(spec):
        space = SearchSpace.of(spec)
        n_all = n_left(space, ()) + n_beyond(points, space)
        n_trials = n_all if most is None else min(n_all, most)
    return replace(spec, first=points, n_trials=n_trials, n_first_trials=n_trials)


def is_grid(spec: BatchSpec) -> bool:
    """Return whether a batch lists every point, so that nothing is proposed."""
    return spec.optimizer is not None and spec.optimizer.name == "grid"


def n_beyond(points: Sequence[Flags], space: SearchSpace, ran: Sequence[Flags] = ()) -> int:
    """Return how many points a grid runs beside its own.

    Args:
        points: The points, each with a value for all that varies.
        space: The grid.
        ran: The flags of the trials that it had.
    """
    whole = [with_values(space, space.point_at(0), point) for point in points]
    after = n_left(space, [*ran, *whole])
    return len(points) - (n_left(space, ran) - after)


def not_asked_yet(points: Sequence[Flags], asked: Sequence[Flags]) -> tuple[Flags, ...]:
    """Return the points, each once, without those that a batch was asked for before."""
    found: list[Flags] = []
    for one in points:
        if not any(_are_equal(one, other) for other in (*asked, *found)):
            found.append(one)
    return tuple(found)


def is_outside(point: Flags, settings: Mapping[str, Setting]) -> bool:
    """Return whether a point lies outside of what is searched."""
    return any(name not in settings or not admits(settings[name], v) for name, v in point.items())


def _are_equal(one: Flags, other: Flags) -> bool:
    return one.keys() == other.keys() and is_at(one, other)


def _read(
    point: Point, spec: BatchSpec, names: Sequence[str], *, is_forced: bool
) -> dict[str, FlagValue]:
    """Return the values that a point names."""
    if point == DEFAULTS:
        return _defaults(spec, names)
    flags = spec.script_flags
    try:
        given = assign(
            flags,
            _assignments(point, _knows(flags, is_forced=is_forced)),
            script=spec.operation,
            is_forced=is_forced,
        )
        values = {n: _one_value(n, one, spec.settings.get(n)) for n, one in given.items()}
        check_arguments(flags, values)
    except FlagError as error:
        raise FlagError(f"--first: {error}") from error
    return values


def _knows(script_flags: ScriptFlags, *, is_forced: bool) -> Callable[[str], bool]:
    takes_all = is_forced or script_flags.takes_any
    return lambda name: takes_all or find_flag(script_flags, name) is not None


def _assignments(
    point: Point, is_flag: Callable[[str], bool]
) -> Sequence[Assignment | ValueAssignment]:
    if isinstance(point, tuple):
        return point
    if isinstance(point, str):
        return split_point(point, is_flag)
    return [ValueAssignment(name=name, setting=value) for name, value in point.items()]


def _one_value(name: str, setting: Setting, searched: Setting) -> FlagValue:
    """Return the one value that a flag is set to, as the search has it.

    Raises:
        FlagError: It has several, or is a secret, which would be stored.
    """
    if isinstance(setting, Secret):
        raise FlagError(f"{name} is a secret by its name: set it for all trials, as {name}=VALUE")
    if isinstance(setting, Distribution):
        raise FlagError(f"{name}={setting.text} is a range: a first trial has one value")
    if isinstance(setting, Choices):
        listed = setting.values
        if isinstance(searched, Choices) and admits(searched, listed):
            return listed  # the list is one of the values
        if len({point_key(one) for one in listed}) > 1:
            raise FlagError(
                f"{name}={setting.text} has several values: name one, or a list as [[1,2]]; "
                "give --first once for each trial"
            )
        setting = listed[0]
    return _as_searched(setting, searched)


def _as_searched(value: FlagValue, searched: Setting) -> FlagValue:
    """Return a value in the type of what is searched: 1 in a range of floats is 1.0."""
    if isinstance(searched, Choices):
        return next((one for one in searched.values if point_key(one) == point_key(value)), value)
    if (
        isinstance(searched, Distribution)
        and isinstance(value, int | float)
        and admits(searched, value)
    ):
        return int(value) if searched.is_integer else float(value)
    return value


def _defaults(spec: BatchSpec, names: Sequence[str]) -> dict[str, FlagValue]:
    """Return the script's own values of what is searched, whether or not they lie in the space.

    Raises:
        SpecificationError: None of them is known.
    """
    flags = [flag for name in names if (flag := spec.script_flags.get(name)) is not None]
    found = {
        flag.name: _as_searched(flag.default, spec.settings.get(flag.name))
        for flag in flags
        if not flag.is_required
    }
    if names and not found:
        raise SpecificationError(
            f"--first defaults: {spec.operation} does not show its defaults; name the values, as "
            f"in --first {names[0]}=VALUE"
        )
    return found


def _filling(spec: BatchSpec, space: SearchSpace, named: Flags) -> dict[str, FlagValue]:
    """Return the values of flags that a point does not name, as far as they are not proposed."""
    in_rows = set(space.row_names)
    grid = space.point_at(0) if is_grid(spec) else {}
    filling: dict[str, FlagValue] = {}
    for name in searched_names(space):
        if name in named:
            continue
        setting = spec.settings.get(name)
        flag = spec.script_flags.get(name)
        if name in space.initial:
            filling[name] = space.initial[name]
        elif (
            flag and not flag.is_required and name not in in_rows and admits(setting, flag.default)
        ):
            filling[name] = _as_searched(flag.default, setting)
        elif name in grid:
            filling[name] = grid[name]
    return filling
