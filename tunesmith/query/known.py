"""The columns that runs have, against which the user's columns are checked."""

import dataclasses
from collections.abc import Sequence

from tunesmith.errors import QueryError
from tunesmith.near_names import near_names
from tunesmith.objective import BUILT_IN
from tunesmith.query.attributes import ATTRIBUTES
from tunesmith.query.cell_source import Source
from tunesmith.query.columns import Column, ColumnKind, parse_columns
from tunesmith.scalar_names import candidates, meant_tag

MAX_NAMED = 10
"""Columns that a message names where none is near."""


def resolve_columns(columns: Sequence[Column], source: Source) -> tuple[Column, ...]:
    """Return the columns with resolved kinds: a bare name is an attribute, a flag or a scalar.

    Without any runs there is nothing to check against, and a kind may stay unresolved.

    Raises:
        QueryError: None of the runs has one of the columns.
    """
    flags, tags = source.names()
    return tuple(_resolve(column, flags, tags, is_checked=len(source) > 0) for column in columns)


def column_named(text: str, source: Source) -> Column:
    """Return the one column that a string names.

    Raises:
        QueryError: The text names no column, several, or one that none of the runs has.
    """
    columns = parse_columns(text)
    if len(columns) != 1:
        raise QueryError(f"{text!r} names {len(columns)} columns: name one")
    (column,) = resolve_columns(columns, source)
    return column


def _resolve(column: Column, flags: set[str], tags: set[str], *, is_checked: bool) -> Column:
    kind = column.kind
    is_any = kind is ColumnKind.ANY
    is_printed = is_any and column.name in BUILT_IN and column.name in flags | tags
    if (is_any or kind is ColumnKind.ATTRIBUTE) and column.name in ATTRIBUTES and not is_printed:
        return dataclasses.replace(column, kind=ColumnKind.ATTRIBUTE)
    if (is_any or kind is ColumnKind.FLAG) and column.name in flags:
        return dataclasses.replace(column, kind=ColumnKind.FLAG)
    if is_any or kind is ColumnKind.SCALAR:
        if candidates(column.name, tags):  # each run may have another one of them
            return dataclasses.replace(column, kind=ColumnKind.SCALAR)
        if (tag := meant_tag(column.name, tags)) is not None:
            return dataclasses.replace(column, kind=ColumnKind.SCALAR, name=tag)
    if not is_checked:
        return column
    raise QueryError(_describe_unknown(column, flags, tags))


def _describe_unknown(column: Column, flags: set[str], tags: set[str]) -> str:
    known = {
        ColumnKind.FLAG: flags,
        ColumnKind.SCALAR: tags,
        ColumnKind.ATTRIBUTE: set(ATTRIBUTES),
    }.get(column.kind, {*flags, *tags, *ATTRIBUTES})
    noun = "column" if column.kind is ColumnKind.ANY else column.kind
    near = near_names(column.name, sorted(known))
    if near:
        mend = f"did you mean {' or '.join(near)}?"
    elif flags or tags:
        mend = f"these runs have {', '.join(sorted(flags | tags)[:MAX_NAMED])}"
    else:
        mend = "these runs have neither flags nor scalars"
    return f"none of these runs has a {noun} {column.name!r}: {mend}"
