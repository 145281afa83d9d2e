"""Flags of a script that defines them by module-level assignments."""

import ast
import io
import math
import tokenize
from collections.abc import Sequence

from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.script.bindings import Binding, Kind, module_bindings, settable
from tunesmith.script.call_arguments import to_flag_value
from tunesmith.script.constant_expressions import constant
from tunesmith.script.dynamic_assignments import DynamicAssignment, dynamic_assignments
from tunesmith.script.name_reads import NameReads

LARGEST_TUNED = 1e12
"""Larger floats stand for infinity or describe hardware: they are not listed."""


def read_globals(text: str, tree: ast.Module) -> ScriptFlags:
    """Return a flag for each module-level ``NAME = constant``; the last assignment counts.

    Names that begin with ``_`` are left out. Those that the script itself goes on to change, as
    counters and sums in a loop, can be set, but are not listed. A name is refused where its value
    is replaced before anything could read it. A comment on the assignment's line is the help.

    Args:
        text: The script.
        tree: Its syntax tree.
    """
    comments = _comments(text)
    listed: list[FlagDefinition] = []
    unlisted: list[FlagDefinition] = []
    refused: dict[str, str] = {}
    reads = NameReads.from_tree(tree)
    dynamic = dynamic_assignments(tree)
    for name, bindings in module_bindings(tree).items():
        place = None if name.startswith("_") else settable(bindings)
        if place is None or place.value is None:
            continue
        default = constant(place.value)
        later = _later(bindings, place)
        replaced = _replaced(later)
        if replaced and not reads.has_between(name, place.statement, replaced.statement):
            refused[name] = _again(replaced)
            continue
        note = _again(_worst(later)) if later else _perhaps(place, dynamic)
        note = note or _before(bindings, place, reads)
        flag = _definition(place, default, note, _comment(comments, place))
        (unlisted if _is_unlisted(default, later) else listed).append(flag)
    return ScriptFlags(
        source=FlagSource.GLOBALS,
        definitions=tuple(listed),
        unlisted=tuple(unlisted),
        refused=refused,
        found_by="in the text: its assignments",
    )


def _later(bindings: Sequence[Binding], place: Binding) -> list[Binding]:
    """Return the bindings that may replace the value that is set."""
    after = bindings.index(place) + 1
    return [b for at, b in enumerate(bindings) if at >= after or b.is_in_function]


def _replaced(later: Sequence[Binding]) -> Binding | None:
    """Return the binding that certainly replaces the value; None if there is none."""
    lost = (b for b in later if not b.blocks and b.kind not in (Kind.CHANGED, Kind.DELETED))
    return next(lost, None)


def _is_unlisted(default: object, later: Sequence[Binding]) -> bool:
    """Return whether a name is a counter, a sum, a placeholder or data, which nobody tunes."""
    if any(b.is_repeated or b.kind is Kind.LOOPED for b in later):
        return True
    is_changed = any(b.kind is Kind.CHANGED and not b.blocks for b in later)
    starts_at_nothing = default is None or (is_changed and (not default or default == math.inf))
    return (bool(later) and starts_at_nothing) or _is_data(default)


def _is_data(default: object) -> bool:
    """Return whether a value is a table, an empty container, or describes hardware."""
    if isinstance(default, list | tuple):
        return not default or any(isinstance(item, list | tuple) for item in default)
    return isinstance(default, float) and LARGEST_TUNED <= abs(default) < math.inf


def _worst(later: Sequence[Binding]) -> Binding:
    """Return the binding that a note names: a repeated one, if any."""
    return next((b for b in later if b.is_repeated or b.kind is Kind.LOOPED), later[0])


def _before(bindings: Sequence[Binding], place: Binding, reads: NameReads) -> str:
    """Return a note that a name has another value first, if that is read; empty otherwise."""
    earlier = bindings[: bindings.index(place)]
    is_read = any(reads.has_between(b.name, b.statement, place.statement) for b in earlier)
    return f"has another value before line {place.line}" if is_read else ""


def _perhaps(place: Binding, dynamic: Sequence[DynamicAssignment]) -> str:
    """Return a note that a dynamic assignment may rebind a name; empty otherwise."""
    last = place.statement.end_lineno or place.line
    found = next((one for one in dynamic if one.may_assign(place.name, last)), None)
    return f"may be assigned again in line {found.line} ({found.word} …)" if found else ""


def _again(binding: Binding) -> str:
    """Return a note that a name is bound again, in words that follow the name."""
    words = [block for block in binding.blocks if block != "if"] or [*binding.blocks]
    place = f" ({words[0]} …)" if words else ""
    if binding.kind is Kind.LOOPED:
        place = " (for …)"
    if binding.kind is Kind.DELETED:
        return f"is deleted in line {binding.line}{place}"
    return f"is assigned again in line {binding.line}{place}"


def _definition(place: Binding, default: object, note: str, comment: str) -> FlagDefinition:
    is_integer = isinstance(default, int) and not isinstance(default, bool)
    return FlagDefinition(
        name=place.name,
        type=FlagType.of(default),
        default=to_flag_value(default),
        help=comment,
        has_integer_default=is_integer and not _is_declared_float(place.statement),
        note=note,
    )


def _is_declared_float(statement: ast.stmt) -> bool:
    """Return whether the script declares a number as float: ``x: float = 1``."""
    annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else None
    return isinstance(annotation, ast.Name) and annotation.id == "float"


def _comment(comments: dict[int, str], place: Binding) -> str:
    return comments.get(place.statement.end_lineno or place.line, "")


def _comments(text: str) -> dict[int, str]:
    """Return the comment that ends each line of code, by line number."""
    comments: dict[int, str] = {}
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text.removeprefix("\ufeff")).readline))
    except (tokenize.TokenError, SyntaxError):
        return comments
    for token in tokens:
        is_trailing = token.line[: token.start[1]].strip() != ""
        if token.type == tokenize.COMMENT and is_trailing:
            comments[token.start[0]] = token.string.lstrip("#").strip()
    return comments
