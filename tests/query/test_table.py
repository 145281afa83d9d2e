import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import QueryError
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.columns import Column, ColumnKind, parse_column, parse_columns
from tunesmith.query.known import resolve_columns
from tunesmith.query.table import (
    build_table,
    default_columns,
    sort_runs,
    unique_headers,
)
from tunesmith.trial import Run, TrialStatus

MakeRun = Callable[..., Run]

_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.lists(st.one_of(st.integers(), st.text(max_size=2)), max_size=2).map(tuple),
)


def headers(columns: tuple[Column, ...]) -> list[str]:
    return [column.header for column in columns]


def test_default_columns_are_attributes_flags_step_and_scalars(make_run: MakeRun) -> None:
    runs = [
        make_run(1, flags={"y": 1, "a": 2}, scalars={"loss": 0.5}),
        make_run(2, flags={"x": 1}, scalars={"acc": 0.5}),
    ]

    core = ["run", "operation", "started", "time", "status", "label"]

    assert headers(default_columns(ListedRuns(runs))) == [
        *core,
        "a",
        "x",
        "y",
        "step",
        "acc",
        "loss",
    ]


def test_a_table_has_a_cell_for_each_column_and_none_where_a_run_has_nothing(
    make_run: MakeRun,
) -> None:
    runs = [make_run(1, flags={"x": 1}), make_run(2, scalars={"loss": 0.5})]

    table = build_table(ListedRuns(runs), columns=parse_columns("=x, min loss"))

    assert list(table.rows) == [(1, None), (None, -0.5)]


def test_a_table_of_no_runs_has_no_rows(make_run: MakeRun) -> None:
    table = build_table(ListedRuns([]), columns=parse_columns("x"))

    assert table.n_rows == len(list(table.rows)) == 0
    assert headers(table.columns) == ["x"]


def test_unchanged_columns_are_left_out_but_never_the_run(make_run: MakeRun) -> None:
    runs = [
        make_run(1, id="a" * 32, flags={"x": 1, "y": 1, "z": math.nan}),
        make_run(2, id="a" * 32, flags={"x": 1, "y": True, "z": math.nan}),
    ]
    columns = parse_columns("run, x, y, z, status")

    table = build_table(ListedRuns(runs), columns=columns, is_unchanged_skipped=True)

    assert headers(table.columns) == ["run", "y"]


def test_one_run_has_no_unchanged_columns(make_run: MakeRun) -> None:
    table = build_table(ListedRuns([make_run(1)]), is_unchanged_skipped=True)

    assert len(table.columns) == len(table.cells) == 7


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("label", ColumnKind.ATTRIBUTE),
        ("x", ColumnKind.FLAG),
        ("loss", ColumnKind.FLAG),
        ("scalar:loss", ColumnKind.SCALAR),
        ("acc", ColumnKind.SCALAR),
        ("val#acc", ColumnKind.SCALAR),
    ],
)
def test_a_bare_name_is_an_attribute_then_a_flag_then_a_scalar(
    make_run: MakeRun, text: str, kind: ColumnKind
) -> None:
    run = make_run(flags={"x": 1, "loss": 1}, scalars={"loss": 1.0, "val#acc": 1.0, "x": 1.0})

    (column,) = resolve_columns([parse_column(text)], ListedRuns([run]))

    assert column.kind is kind


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("losss", "none of these runs has a column 'losss': did you mean loss?"),
        ("=lrr", "none of these runs has a flag 'lrr': did you mean lr?"),
        ("min zzz", "none of these runs has a scalar 'zzz': these runs have loss, lr"),
        ("stats", "did you mean status or started or tags?"),
    ],
)
def test_an_unknown_column_is_an_error_that_names_the_near_ones(
    make_run: MakeRun, text: str, words: str
) -> None:
    run = make_run(flags={"lr": 1}, scalars={"loss": 1.0})

    with pytest.raises(QueryError) as caught:
        build_table(ListedRuns([run]), columns=[parse_column(text)])

    assert words in str(caught.value)


def test_a_scalar_that_two_tags_end_in_is_a_column_of_the_runs_with_one(make_run: MakeRun) -> None:
    runs = [make_run(1, scalars={"a#acc": 1.0}), make_run(2, scalars={"b#acc": 2.0})]

    table = build_table(ListedRuns(runs), columns=parse_columns("acc"))

    assert list(table.rows) == [(1.0,), (2.0,)]


def test_numbers_sort_before_text_and_text_before_lists(make_run: MakeRun) -> None:
    cells = ["b", 2, None, (1, 2), 1.5, "a", math.nan, math.inf, (1,)]
    runs = [make_run(i, flags={"x": cell}) for i, cell in enumerate(cells)]

    rising = sort_runs(runs, parse_column("=x"), is_descending=False)
    falling = sort_runs(runs, parse_column("=x"), is_descending=True)

    expected = [1.5, 2, math.inf, "a", "b", (1,), (1, 2)]
    assert [run.flags["x"] for run in rising[:7]] == expected
    assert [run.flags["x"] for run in falling[:7]] == expected[::-1]
    assert {run.number for run in rising[7:]} == {run.number for run in falling[7:]} == {2, 6}


@settings(deadline=None, max_examples=150)
@given(cells=st.lists(_CELLS, max_size=12), is_descending=st.booleans())
def test_sorting_is_a_stable_permutation_with_missing_and_nan_last(
    make_run: MakeRun, cells: list[object], is_descending: bool
) -> None:
    runs = [make_run(i, flags={"x": cell}) for i, cell in enumerate(cells)]

    found = sort_runs(runs, parse_column("=x"), is_descending=is_descending)

    last = [cell is None or cell != cell for cell in (run.flags["x"] for run in found)]
    assert sorted(run.number for run in found) == [run.number for run in runs]
    assert last == sorted(last)
    for one, next_one in pairwise(found):
        if one.flags["x"] == next_one.flags["x"]:
            assert one.number < next_one.number


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.builds(
            Column,
            kind=st.sampled_from(ColumnKind),
            name=st.sampled_from(["label", "status"]),
            alias=st.sampled_from(["", "label", "flag:label", "label (2)"]),
        ),
        max_size=8,
    )
)
def test_headers_are_unique(columns: list[Column]) -> None:
    found = unique_headers(columns)

    assert len(found) == len(columns) == len(set(found))


def test_columns_of_one_name_are_told_apart_by_their_kind() -> None:
    columns = [parse_column("flag:loss"), parse_column("scalar:loss"), parse_column("label")]

    assert unique_headers(columns) == ("flag:loss", "scalar:loss", "label")


@pytest.mark.parametrize("is_descending", [False, True])
def test_results_of_runs_that_have_not_completed_come_last(
    make_run: Callable[..., Run], is_descending: bool
) -> None:
    statuses = [*TrialStatus]
    runs = [
        make_run(n, scalars={"loss": value}, status=status)
        for n, (status, value) in enumerate(
            [(status, value) for status in statuses for value in (1, 3, 5)], start=1
        )
    ]

    found = sort_runs(runs, parse_column("loss"), is_descending=is_descending)

    completed = [run.status is TrialStatus.COMPLETED for run in found]
    assert completed == sorted(completed, reverse=True)
    values = [run.scalars["loss"].last for run in found if run.status is TrialStatus.COMPLETED]
    assert values == sorted(values, reverse=is_descending)
