"""The JSON form of a batch specification, in which the store and the flow's parameters keep it."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.errors import SpecificationError, TunesmithError
from tunesmith.execution import Execution
from tunesmith.flags.script_flags_json import script_flags_from_plain, script_flags_to_plain
from tunesmith.flags.settings import setting_from_plain, setting_to_plain
from tunesmith.flags.spelling import PLAIN
from tunesmith.flags.values import from_plain, to_plain
from tunesmith.identity import MAX_COUNT, is_count, is_id, is_inner_path
from tunesmith.objective import Direction, Objective
from tunesmith.program import Program, ProgramKind
from tunesmith.pruning import PruningSpec
from tunesmith.repeats import Repeats
from tunesmith.runner import Runner, WarmMode
from tunesmith.scalar import ScalarColumn
from tunesmith.type_checks import check_types

FORMAT = 1
"""The version of the JSON form; a reader refuses a later one."""
_LATER = ("where", "stopping", "more_objectives", "subject_to", "learn_from", "earlier", "repeats")
"""Fields that are written only where they say something."""
_MAX_TIME = 2.0**37
"""Seconds since 1970 that still have a date, in the year 6325."""


def batch_to_plain(spec: BatchSpec) -> dict[str, Any]:
    """Return the specification as plain JSON."""
    emptied = dataclasses.replace(spec, settings={}, rows=(), first=(), earlier=(), optimizer=None)
    plain = dataclasses.asdict(emptied)
    plain["format"] = FORMAT
    for name in _LATER:
        if not plain[name]:  # a specification without it is what it was before there was such
            del plain[name]
    plain["settings"] = {name: setting_to_plain(s) for name, s in spec.settings.items()}
    plain["rows"] = [{name: to_plain(v) for name, v in row.items()} for row in spec.rows]
    plain |= _seldom_to_plain(spec)
    del plain["first"]  # as it was before there were any
    if spec.first:
        plain["first"] = [{name: to_plain(v) for name, v in one.items()} for one in spec.first]
    plain["objective"] = _objective_to_plain(spec.objective)
    if spec.more_objectives:
        plain["more_objectives"] = [_objective_to_plain(one) for one in spec.more_objectives]
    if spec.optimizer is not None:
        settings = {name: to_plain(v) for name, v in spec.optimizer.settings.items()}
        plain["optimizer"] = {"name": spec.optimizer.name, "settings": settings}
        if spec.optimizer.reason:
            plain["optimizer"]["reason"] = spec.optimizer.reason
    if spec.pruning is not None:
        column = spec.pruning.column
        plain["pruning"]["column"] = None if column is None else str(column)
    plain["execution"]["runner"] = str(spec.execution.runner)
    plain["script_flags"] = script_flags_to_plain(spec.script_flags)
    return plain


def batch_to_json(spec: BatchSpec) -> str:
    """Return a specification as JSON text."""
    return json.dumps(batch_to_plain(spec), indent=1, allow_nan=False)


def batch_from_plain(plain: Mapping[str, Any]) -> BatchSpec:
    """Return the specification that ``batch_to_plain`` wrote.

    Raises:
        SpecificationError: The JSON is not a specification, or a later Tunesmith wrote it.
    """
    fields = dict(plain)
    version = fields.pop("format", None)
    if not isinstance(version, int) or version > FORMAT:
        raise SpecificationError(
            f"the batch specification has format {version!r}; this Tunesmith reads up to "
            f"{FORMAT}: install a newer one"
        )
    try:
        spec = BatchSpec(**_fields_from_plain(fields))
        _check_types(spec)
    except SpecificationError:
        raise
    except (TunesmithError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise SpecificationError(
            f"this is not a batch specification: {type(error).__name__}: {error}"
        ) from error
    _check_names(spec)
    spec.read_where()  # raises where it cannot be read
    return spec


def _fields_from_plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the constructor's arguments, converted to their types."""
    objective, optimizer = fields["objective"], fields["optimizer"]
    execution = dict(fields["execution"])
    for name in ("gpus", "links", "output_scalars", "metrics"):
        execution[name] = tuple(execution.get(name, ()))
    if "runner" in execution:
        execution["runner"] = Runner.from_record(execution["runner"])
    execution["warm"] = WarmMode(execution.get("warm", WarmMode.AUTO))
    values = dict(fields)
    values.pop("home", None)  # the place of the store, in earlier versions
    names = ("tags", "rerun", "extra_arguments", "files", "changed", "where", "subject_to")
    for name in (*names, "learn_from"):
        values[name] = tuple(fields.get(name, ()))
    given = fields.get("given")
    values["given"] = None if given is None else tuple(given)
    values["settings"] = {n: setting_from_plain(s) for n, s in fields["settings"].items()}
    values["rows"] = tuple({n: from_plain(v) for n, v in row.items()} for row in fields["rows"])
    values["first"] = tuple(
        {n: from_plain(v) for n, v in one.items()} for one in fields.get("first", ())
    )
    values |= _seldom_from_plain(fields)
    values["execution"] = Execution(**execution)
    values["environment"] = {n: str(text) for n, text in fields.get("environment", {}).items()}
    values["data"] = {n: str(digest) for n, digest in fields.get("data", {}).items()}
    values["objective"] = _objective_from_plain(objective)
    values["more_objectives"] = tuple(
        map(_objective_from_plain, fields.get("more_objectives", ()))
    )
    values["optimizer"] = optimizer and OptimizerSpec(
        name=optimizer["name"],
        settings={n: from_plain(v) for n, v in optimizer["settings"].items()},
        reason=optimizer.get("reason", ""),
    )
    pruning = fields.get("pruning")
    values["pruning"] = pruning and _pruning_from_plain(pruning)
    repeats = fields.get("repeats")
    values["repeats"] = repeats and Repeats(**repeats)
    program = fields.get("program", {})
    values["program"] = Program(
        kind=ProgramKind(program.get("kind", ProgramKind.SCRIPT)),
        words=tuple(program.get("words", ())),
    )
    values["script_flags"] = script_flags_from_plain(fields["script_flags"])
    return values


def _seldom_to_plain(spec: BatchSpec) -> dict[str, Any]:
    """Return what few batches have; its modules are imported for those, as most commands are."""
    plain: dict[str, Any] = {}
    if spec.earlier:
        from tunesmith.earlier_results import earlier_to_plain

        plain["earlier"] = earlier_to_plain(spec.earlier)
    if spec.stopping is not None:
        from tunesmith.stopping_json import stopping_to_plain

        plain["stopping"] = stopping_to_plain(spec.stopping)
    return plain


def _seldom_from_plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of what ``_seldom_to_plain`` wrote, where it is there."""
    values: dict[str, Any] = {}
    if "earlier" in fields:
        from tunesmith.earlier_results import earlier_from_plain

        values["earlier"] = earlier_from_plain(fields["earlier"])
    if fields.get("stopping") is not None:
        from tunesmith.stopping_json import stopping_from_plain

        values["stopping"] = stopping_from_plain(fields["stopping"])
    return values


def _objective_to_plain(objective: Objective) -> dict[str, str]:
    return {"column": str(objective.column), "direction": str(objective.direction)}


def _objective_from_plain(plain: Mapping[str, Any]) -> Objective:
    return Objective(
        column=ScalarColumn.from_text(plain["column"]), direction=Direction(plain["direction"])
    )


def _pruning_from_plain(plain: Mapping[str, Any]) -> PruningSpec:
    column = plain["column"]
    return PruningSpec(
        rule=plain["rule"],
        column=None if column is None else ScalarColumn.from_text(column),
        min_points=plain["min_points"],
    )


def _check_types(spec: BatchSpec) -> None:
    check_types(spec)
    check_types(spec.execution)
    check_types(spec.program)
    if spec.optimizer is not None:
        check_types(spec.optimizer)
    if spec.pruning is not None:
        check_types(spec.pruning)
    if spec.stopping is not None:
        check_types(spec.stopping)
    if spec.repeats is not None:
        check_types(spec.repeats)
    for flag in (*spec.script_flags.definitions, *spec.script_flags.unlisted):
        check_types(flag, but=("default", "choices"))
        check_types(flag.spelling or PLAIN)


def _check_names(spec: BatchSpec) -> None:
    """Check what becomes part of a path or a date, and references between fields."""
    rules = (
        (is_id(spec.id), "id", spec.id, "32 hexadecimal digits"),
        (is_id(spec.source_digest or spec.id), "source_digest", spec.source_digest, "a digest"),
        (all(is_id(one or spec.id) for one in spec.data.values()), "data", spec.data, "digests"),
        (is_inner_path(spec.script), "script", spec.script, "a path within the project"),
        (Path(spec.project).is_absolute(), "project", spec.project, "an absolute path"),
        (0 <= spec.created < _MAX_TIME, "created", spec.created, "a time"),
        (0 <= spec.restarted < _MAX_TIME, "restarted", spec.restarted, "a time"),
        (is_count(spec.generation), "generation", spec.generation, f"0 to {MAX_COUNT - 1}"),
        (all(map(is_count, spec.rerun)), "rerun", spec.rerun, "numbers of trials"),
        (set(spec.given or ()) <= spec.settings.keys(), "given", spec.given, "names of settings"),
    )
    for is_kept, name, value, expected in rules:
        if not is_kept:
            raise SpecificationError(f"{name} is {value!r}: expected {expected}")
