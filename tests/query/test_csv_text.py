import csv
import io
import json
import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.flags.values import FlagValue
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.columns import Column, ColumnKind, parse_columns
from tunesmith.query.csv_text import defuse, table_to_csv, table_to_plain
from tunesmith.query.table import build_table
from tunesmith.trial import Run

MakeRun = Callable[..., Run]


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_cells_have_their_full_value(make_run: MakeRun) -> None:
    flags: dict[str, FlagValue] = {
        "a": 0.1 + 0.2,
        "b": -1,
        "c": True,
        "d": ("x", 1),
        "e": math.nan,
        "f": -math.inf,
        "g": 'one, "two"\nthree',
    }
    table = build_table(
        ListedRuns([make_run(flags=flags)]), columns=parse_columns("a,b,c,d,e,f,g")
    )

    assert read(table_to_csv(table)) == [
        list("abcdefg"),
        ["0.30000000000000004", "-1", "true", '["x",1]', "nan", "-inf", 'one, "two"\nthree'],
    ]


def test_times_are_iso_8601_in_utc_and_missing_cells_are_empty(make_run: MakeRun) -> None:
    run = make_run(started=1_579_000_695.25, stopped=None)
    table = build_table(ListedRuns([run]), columns=parse_columns("started, stopped"))

    assert read(table_to_csv(table))[1] == ["2020-01-14T11:18:15.250000+00:00", ""]


def test_lines_end_as_rfc_4180_says(make_run: MakeRun) -> None:
    text = table_to_csv(build_table(ListedRuns([make_run()]), columns=parse_columns("number")))

    assert text == "number\r\n1\r\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|x", "'+cmd|x"),
        ("-cmd", "'-cmd"),
        ("\tx", "'\tx"),
        ("-1", "-1"),
        ("+1.5e3", "+1.5e3"),
        ("-1+1", "'-1+1"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_text_that_a_spreadsheet_would_run_is_made_safe(text: str, expected: str) -> None:
    assert defuse(text) == expected


def test_headings_are_unique_and_safe(make_run: MakeRun) -> None:
    run = make_run(flags={"loss": 1, "=x": 2}, scalars={"loss": 0.5})
    columns = [
        Column(kind=ColumnKind.FLAG, name="loss"),
        Column(kind=ColumnKind.SCALAR, name="loss"),
        Column(kind=ColumnKind.FLAG, name="=x"),
    ]

    assert read(table_to_csv(build_table(ListedRuns([run]), columns=columns)))[0] == [
        "flag:loss",
        "scalar:loss",
        "'=x",
    ]


def test_plain_rows_are_strict_json(make_run: MakeRun) -> None:
    flags: dict[str, FlagValue] = {"a": math.nan, "b": (math.inf, 1), "c": None, "d": True}
    run = make_run(flags=flags, started=0.0)
    plain = table_to_plain(
        build_table(ListedRuns([run]), columns=parse_columns("a, b, c, d, started"))
    )

    assert json.loads(json.dumps(plain, allow_nan=False)) == [
        {
            "a": "nan",
            "b": ["inf", 1],
            "c": None,
            "d": True,
            "started": "1970-01-01T00:00:00.000000+00:00",
        }
    ]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.text(max_size=8), st.floats(), st.integers()), max_size=4))
def test_csv_text_reads_back_through_the_csv_module(
    make_run: MakeRun, rows: list[tuple[str, float, int]]
) -> None:
    runs = [
        make_run(i, flags={"text": text, "float": number, "int": whole})
        for i, (text, number, whole) in enumerate(rows)
    ]
    columns = [Column(kind=ColumnKind.FLAG, name=name) for name in ("text", "float", "int")]

    _, *found = read(table_to_csv(build_table(ListedRuns(runs), columns=columns)))

    assert [cells[0] for cells in found] == [defuse(text) for text, _, _ in rows]
    assert [repr(float(cells[1])) for cells in found] == [repr(number) for _, number, _ in rows]
    assert [int(cells[2]) for cells in found] == [whole for _, _, whole in rows]
